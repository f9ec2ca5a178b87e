"""Conditions of rules: judged on a value, and said in words for people who ask why a field is as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import Condition, Rule
from ..reading import label_of
from ..values import is_empty, is_number, key_of, same

SAID = {
    "equal": "equals",
    "not_equal": "does not equal",
    "is_in": "is one of",
    "is_not_in": "is none of",
    "is_empty": "is empty",
    "is_not_empty": "is not empty",
    "greater_than": "is greater than",
    "less_than": "is less than",
}


def passes(condition: Condition, value: Any) -> bool:
    """Say whether a value is what a condition asks for."""
    return OPERATIONS[condition.operator](value, condition.value)


def in_words(rule: Rule) -> str:
    """Say when a rule holds: `crm` equals `salesforce` and `limit` is greater than `5`."""
    either = " or ".join(map(_said, rule.any))
    if rule.all and len(rule.any) > 1:
        either = f"({either})"
    return " and ".join([*map(_said, rule.all), *([either] if either else [])])


def _said(condition: Condition) -> str:
    said = f"`{condition.id}` {SAID[condition.operator]}"
    return said if condition.operator.endswith("_empty") else f"{said} {_named(condition.value)}"


def _named(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_named, value)) or "nothing"

    return f"`{label_of(value)}`" if label_of(value) else "nothing"


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
