"""What differs between two calls: of what was sent, and of what came back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from stacksync.comparison.values import CHANGED, Difference, value_differences
from stacksync.runtime import decode
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.sending import LARGEST_ANSWER

MOST = 200  # that are shown of each


@dataclass(frozen=True)
class Compared:
    """What differs, for people to read.

    Args:
        title: Of what.
        differences: The first of them.
        more: Whether there are more than are shown.
    """

    title: str
    differences: list[Difference] = field(default_factory=list)
    more: bool = False


def compared(one: HistoryEntry, other: HistoryEntry) -> list[Compared]:
    """Return what differs between two calls in what was sent, and in what came back."""
    return [
        first("What was sent", value_differences(one.request, other.request)),
        first("What came back", _of_answers(one, other)),
    ]


def changed(one: HistoryEntry, other: HistoryEntry) -> list[Compared]:
    """Return what differs between two answers to the same request."""
    return [first("What came back", _of_answers(one, other))]


def news(entries: list[HistoryEntry]) -> dict[int, list[Compared]]:
    """Return, by number, what changed in answers since the same was asked before; of each request only the newest.

    Args:
        entries: Calls, newest first.
    """
    found: dict[int, list[Compared]] = {}
    seen: dict[tuple[str, str], HistoryEntry] = {}
    for entry in entries:
        asked = (entry.endpoint, json.dumps(entry.request, sort_keys=True))
        newest = seen.setdefault(asked, entry)
        if newest is not entry and newest.number not in found:
            found[newest.number] = changed(entry, newest)
    return {number: each for number, each in found.items() if each[0].differences}


def first(title: str, found: Iterator[Difference]) -> Compared:
    """Return the first differences: somebody reads them."""
    shown = list(islice(found, MOST + 1))
    return Compared(title, shown[:MOST], len(shown) > MOST)


def _of_answers(one: HistoryEntry, other: HistoryEntry) -> Iterator[Difference]:
    if one.answer.status != other.answer.status:
        yield Difference(("status",), CHANGED, one.answer.status or "none", other.answer.status or "none")
    yield from value_differences(_value(one.reply), _value(other.reply))


def _value(reply: str) -> Any:
    """Return an answer as JSON, or as the text that it is."""
    try:
        return decode(reply, most_parts=LARGEST_ANSWER)
    except ValueError:
        return reply
