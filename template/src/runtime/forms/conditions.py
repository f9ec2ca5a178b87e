"""Conditions of rules, judged on data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .binding import EACH, BoundRule, Clauses, Steps, Test
from .values import is_empty, is_number, key_of, same

Indices = tuple[int, ...]
Firing = tuple[tuple[int, tuple[Indices, ...]], ...]


def fired(rules: tuple[BoundRule, ...], data: Any) -> Firing:
    """Return the rules that hold on the data, by number, each with the items it holds for.

    The items are positions, one for each array the rule stands in: `((),)` for a rule that stands in none.
    """
    if not rules:
        return ()

    holding = (
        (number, tuple([at for at in _items_of(rule.scope, data) if _holds(rule.clauses, data, at)]))
        for number, rule in enumerate(rules)
    )
    return tuple([(number, items) for number, items in holding if items])


def value_at(data: Any, steps: Steps) -> Any:
    """Return the value that steps lead to; None, like null, when there is none."""
    for step in steps:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def _items_of(scope: Steps, data: Any) -> Iterable[Indices]:
    """Return the positions of the items that a scope leads to: one empty one when it leads into no array."""
    if EACH not in scope:
        return ((),)

    at = scope.index(EACH)
    items = value_at(data, scope[:at])
    within = enumerate(items if isinstance(items, list) else ())
    return ((index, *inner) for index, item in within for inner in _items_of(scope[at + 1 :], item))


def _holds(clauses: Clauses, data: Any, indices: Indices) -> bool:
    return bool(clauses) and all(any(_passes(test, data, indices) for test in clause) for clause in clauses)


def _passes(test: Test, data: Any, indices: Indices) -> bool:
    steps, condition = test.place.steps, test.condition
    if indices:
        chosen = iter(indices)
        steps = tuple(next(chosen) if step == EACH else step for step in steps)
    return OPERATIONS[condition.operator](value_at(data, steps), condition.value)


def _equal(value: Any, wanted: Any) -> bool:
    """Compare by `id`: ours, so that a choice counts as equal whether its object or its scalar was sent."""
    return same(key_of(value), key_of(wanted))


def _is_in(value: Any, wanted: Any) -> bool:
    return any(_equal(value, each) for each in wanted)


def _greater(value: Any, wanted: Any) -> bool:
    return is_number(value) and bool(value > wanted)


def _less(value: Any, wanted: Any) -> bool:
    return is_number(value) and bool(value < wanted)


OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "equal": _equal,
    "not_equal": lambda value, wanted: not _equal(value, wanted),
    "is_in": _is_in,
    "is_not_in": lambda value, wanted: not _is_in(value, wanted),
    "is_empty": lambda value, _wanted: is_empty(value),
    "is_not_empty": lambda value, _wanted: not is_empty(value),
    "greater_than": _greater,
    "less_than": _less,
}
