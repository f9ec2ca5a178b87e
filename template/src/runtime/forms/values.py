"""What a form value is: unset, equal to another, or a number written as text."""

from __future__ import annotations

import math
import re
from typing import Any

NUMERIC = re.compile(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d{1,4})?\s*", re.ASCII)
LONGEST_NUMBER = 400


def is_empty(value: Any) -> bool:
    """Say whether a value counts as not filled in.

    Ours, the platform documents none: missing, null, "", [] and an unset choice, {"id": ""}. False and 0 are values.
    """
    if isinstance(value, dict):
        return "id" in value and value["id"] in ("", None) and value.keys() <= {"id", "label"}

    return value is None or value == "" or value == []


def key_of(value: Any) -> Any:
    """Return what identifies a value: the `id` of an object that has one, else the value itself."""
    return value["id"] if isinstance(value, dict) and "id" in value else value


def same(one: Any, other: Any) -> bool:
    """Compare as JSON does: 1 equals 1.0, true does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))

    return bool(one == other)


def is_number(value: Any) -> bool:
    """Say whether a value is a JSON number: finite, and not a boolean."""
    if isinstance(value, bool):
        return False

    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def is_integer(value: Any) -> bool:
    """Say whether a value is a whole number; 5.0 is one."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def to_number(value: Any, whole: bool) -> Any:
    """Return the number that a numeric text stands for; anything else comes back as it is.

    Ours: people type numbers into text boxes and connectors call `int(data["limit"])`, so "5" is accepted for 5, and
    5.0 for 5 where a whole number is asked for.
    """
    if isinstance(value, str):
        number = _parse(value)
        if number is None or (whole and not is_integer(number)):
            return value
        value = number
    if whole and isinstance(value, float) and value.is_integer():
        return int(value)

    return value


def _parse(text: str) -> int | float | None:
    if len(text) > LONGEST_NUMBER or not NUMERIC.fullmatch(text):
        return None
    if text.strip().lstrip("+-").isdigit():
        return int(text)

    number = float(text)
    return number if math.isfinite(number) else None
