"""One entry of a dynamic list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """An entry as the form shows it (`label`) and as the handler receives it (`value`)."""

    value: Any
    label: str


def as_choice(entry: Any) -> Any:
    """Return the wire form of an entry: a `Choice`, a dict that has that form already, or a scalar."""
    if isinstance(entry, Choice):
        return {"value": entry.value, "label": entry.label}
    if isinstance(entry, dict):
        return entry

    return {"value": entry, "label": str(entry)}
