"""What differs between two values of JSON, value by value."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from stacksync.runtime import forms

Steps = tuple[str | int, ...]

# Longer lists are compared place by place: which items moved is looked for in time that grows with the square.
LONGEST = 1000
KINDS = ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Difference:
    """One value that differs.

    Args:
        steps: Keys and indexes that lead to it: of an item that was removed as it was before.
        kind: added, removed or changed.
        before: What it was; None where it was added.
        after: What it is; None where it was removed.
    """

    steps: Steps
    kind: str
    before: Any = None
    after: Any = None

    @property
    def place(self) -> str:
        """Return where it stands, as `data.items[0].name`; "" for the value as a whole."""
        written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps)
        return written.removeprefix(".")


def value_differences(before: Any, after: Any, steps: Steps = ()) -> Iterator[Difference]:
    """Yield each value that differs, in the order of the document; numbers are equal as in JSON, 1 and 1.0."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_objects(before, after, steps)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, steps)
    elif not forms.same(before, after):
        yield Difference(steps, CHANGED, before, after)


def _of_objects(before: dict[str, Any], after: dict[str, Any], steps: Steps) -> Iterator[Difference]:
    for key in dict.fromkeys((*before, *after)):
        here = (*steps, key)
        if key not in after:
            yield Difference(here, REMOVED, before=before[key])
        elif key not in before:
            yield Difference(here, ADDED, after=after[key])
        else:
            yield from value_differences(before[key], after[key], here)


def _of_lists(before: list[Any], after: list[Any], steps: Steps) -> Iterator[Difference]:
    if max(len(before), len(after)) > LONGEST:
        yield from _of_places(before, after, steps, (0, 0))
        return

    matcher = SequenceMatcher(None, [_name(item) for item in before], [_name(item) for item in after], autojunk=False)
    for _, begin, end, other, until in matcher.get_opcodes():
        yield from _of_places(before[begin:end], after[other:until], steps, (begin, other))


def _of_places(before: list[Any], after: list[Any], steps: Steps, begin: tuple[int, int]) -> Iterator[Difference]:
    """Yield what differs between items at the same place, and those that have no other."""
    both = min(len(before), len(after))
    for index in range(both):
        yield from value_differences(before[index], after[index], (*steps, begin[1] + index))
    for index in range(both, len(before)):
        yield Difference((*steps, begin[0] + index), REMOVED, before=before[index])
    for index in range(both, len(after)):
        yield Difference((*steps, begin[1] + index), ADDED, after=after[index])


def _name(item: Any) -> str:
    """Return what an item is recognized by: its id, or else all of it."""
    known = item.get("id") if isinstance(item, dict) else None
    return json.dumps(item if known is None else {"id": known}, sort_keys=True)
