"""What a content handler answers with: the entries of a dynamic list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """An entry as the form shows it (`label`) and as the handler receives it (`value`)."""

    value: Any
    label: str


@dataclass(frozen=True)
class Choices:
    """The entries of a list, and whether there are more than these."""

    choices: Iterable[Any]
    has_next_page: bool = False


def content_object(name: str, answer: Any) -> dict[str, Any]:
    """Return what a handler answered for a content object as the platform reads it.

    The platform reads `id` when it fills a form and `content_object_name` when it refreshes one.

    Args:
        answer: `Choices`, or a list of `Choice`, of dicts that have the wire form already, or of scalars.

    Raises:
        TypeError: It is something else.
    """
    page = answer if isinstance(answer, Choices) else Choices(answer)
    entries = page.choices
    if not isinstance(entries, Iterable) or isinstance(entries, (str, bytes, dict)):
        raise TypeError(f"the handler of content object {name!r} must return a list of choices")

    data = [_entry(entry, index) for index, entry in enumerate(entries)]
    pagination = {"data": {}, "has_next_page": page.has_next_page}
    return {"id": name, "content_object_name": name, "data": data, "pagination": pagination}


def _entry(entry: Any, index: int) -> dict[str, Any]:
    if isinstance(entry, Choice):
        return {"value": entry.value, "label": entry.label, "index": index}
    if isinstance(entry, dict):
        return {"index": index, **entry}

    return {"value": entry, "label": str(entry), "index": index}
