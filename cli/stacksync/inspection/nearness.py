"""The name that was most likely meant: one that differs by a slip of the hand, and never a mere guess."""

from collections.abc import Iterable

import regex

_LONG = 5  # from this length on two letters may differ


def near_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that another is one or two letters away from; case and underscores do not count."""
    distances = {each: _distance(_plain(name), _plain(each)) for each in known}
    near = {each: distance for each, distance in distances.items() if distance is not None}
    return min(near, key=lambda each: near[each] or 0, default=None)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _distance(name: str, other: str) -> int | None:
    """Return how many letters differ; None where it is more than a slip."""
    allowed = 2 if min(len(name), len(other)) >= _LONG else 1
    if abs(len(name) - len(other)) > allowed or min(len(name), len(other)) < 3:
        return 0 if name == other else None

    found = regex.fullmatch(f"(?b)(?:{regex.escape(name)}){{e<={allowed}}}", other)
    return sum(found.fuzzy_counts) if found else None
