"""Finding patterns that can take exponential time."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

try:
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_parse as parser

UNBOUNDED = 16  # repetitions from which on their number is as good as endless


@lru_cache(maxsize=512)
def is_slow(pattern: str) -> bool:
    """Say whether a pattern repeats, without end, what is nothing but a repetition: `(a+)+`, `(a*b?)*`.

    Each text that such a group finds can be cut into its repetitions in exponentially many ways, all of which are tried
    before a search fails.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the compiler has them too
            return _is_slow(parser.parse(pattern))
    except (re.error, OverflowError, RecursionError):
        return False


def _is_slow(items: Any) -> bool:
    return any(_slow_item(str(name), value) for name, value in items)


def _slow_item(name: str, value: Any) -> bool:
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        _, most, body = value
        return (most >= UNBOUNDED and any(_is_ambiguous(part) for part in _alternatives(body))) or _is_slow(body)

    return any(_is_slow(inner) for inner in _inner(name, value))


def _is_ambiguous(items: list[Any]) -> bool:
    """Say whether items are one endless repetition, with nothing beside it that must be there."""
    endless = [item for item in items if _is_endless(item)]
    return bool(endless) and all(_least(item) == 0 or item is endless[0] for item in items)


def _is_endless(item: Any) -> bool:
    name, value = item
    return str(name) in ("MAX_REPEAT", "MIN_REPEAT") and value[1] >= UNBOUNDED


def _least(item: Any) -> int:
    name, value = item
    if str(name) in ("MAX_REPEAT", "MIN_REPEAT"):
        return int(value[0])

    return 0 if str(name) == "AT" else 1


def _alternatives(items: Any) -> list[list[Any]]:
    """Return the item lists that one pass through a group can take, groups of a single part opened."""
    found = list(items)
    if len(found) == 1 and str(found[0][0]) in ("SUBPATTERN", "BRANCH"):
        return [part for inner in _inner(str(found[0][0]), found[0][1]) for part in _alternatives(inner)]

    return [found]


def _inner(name: str, value: Any) -> list[Any]:
    if name == "SUBPATTERN":
        return [value[3]]
    if name == "BRANCH":
        return list(value[1])
    if name in ("ASSERT", "ASSERT_NOT"):
        return [value[1]]

    return []
