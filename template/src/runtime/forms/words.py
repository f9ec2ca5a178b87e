"""Rules said in words, for people who ask why a field is as it is."""

from __future__ import annotations

from typing import Any

from .reading_parts import label_of
from .rule import Condition, Rule

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


def in_words(rule: Rule) -> str:
    """Say when a rule holds: `crm` equals `salesforce` and `limit` is greater than `5`."""
    either = " or ".join(map(_condition, rule.any))
    if rule.all and len(rule.any) > 1:
        either = f"({either})"
    return " and ".join([*map(_condition, rule.all), *([either] if either else [])])


def _condition(condition: Condition) -> str:
    said = f"`{condition.id}` {SAID[condition.operator]}"
    return said if condition.operator.endswith("_empty") else f"{said} {_value(condition.value)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "nothing"

    return f"`{label_of(value)}`" if label_of(value) else "nothing"
