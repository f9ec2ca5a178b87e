"""What differs between two calls: of what was sent, and of what came back."""

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


def first(title: str, found: Iterator[Difference]) -> Compared:
    """Return the first differences: somebody reads them."""
    shown = list(islice(found, MOST + 1))
    return Compared(title, shown[:MOST], len(shown) > MOST)


def answers_differ(one: HistoryEntry, other: HistoryEntry) -> bool:
    """Say whether another status or another value came back."""
    return next(_of_answers(one, other), None) is not None


def _of_answers(one: HistoryEntry, other: HistoryEntry) -> Iterator[Difference]:
    if one.answer.status != other.answer.status:
        yield Difference(("status",), CHANGED, one.answer.status, other.answer.status)
    yield from value_differences(_value(one.reply), _value(other.reply))


def _value(reply: str) -> Any:
    """Return an answer as JSON, or as the text that it is."""
    try:
        return decode(reply, most_parts=LARGEST_ANSWER)
    except ValueError:
        return reply
