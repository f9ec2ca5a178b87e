"""What a form value is: unset, equal to another, or what a text stands for.

The platform replaces templates before it calls execute, and what arrives is often text; people type numbers into text
boxes. So a value is read as what its field declares (decision 13 of the form specification).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ..strict_json import decode

NUMERIC = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\s*", re.ASCII)
WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
# Python itself reads no longer ones (https://docs.python.org/3/library/stdtypes.html#int-max-str-digits).
LONGEST_NUMBER = 4300
BOOLEANS = {"true": True, "false": False}


def is_empty(value: Any) -> bool:
    """Say whether a value counts as not filled in.

    Ours, the platform documents none: missing, null, "", [] and an unset choice, {"id": ""}. False and 0 are values.
    """
    return value is None or value == "" or value == [] or is_unset_choice(value)


def is_unset_choice(value: Any) -> bool:
    """Say whether a value is what a dropdown of objects holds when nothing is chosen: {"id": ""}."""
    return isinstance(value, dict) and is_choice_object(value) and value["id"] in ("", None)


def is_choice_object(value: Any) -> bool:
    """Say whether a value is a choice as the platform offers them: {"id", "label"}."""
    return isinstance(value, dict) and "id" in value and value.keys() <= {"id", "label"}


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

    Args:
        whole: whether only a whole number will do; "5.0" then stands for 5.
    """
    number = _parse_number(value) if isinstance(value, str) else value
    if whole and isinstance(number, float) and number.is_integer():
        return int(number)

    return value if number is None or (whole and isinstance(number, float)) else number


def to_boolean(value: Any) -> Any:
    """Return the boolean that "true" or "false", in any case, stands for; anything else comes back as it is."""
    return BOOLEANS.get(value.strip().lower(), value) if isinstance(value, str) else value


def to_text(value: Any) -> Any:
    """Return the JSON text of a number or a boolean; anything else comes back as it is."""
    if not isinstance(value, bool) and not is_number(value):
        return value
    try:
        return json.dumps(value)
    except ValueError:
        return value  # more digits than Python writes


def from_json(value: Any, kind: type) -> Any:
    """Return the object or list that a JSON text stands for; anything else comes back as it is.

    Args:
        kind: dict or list.
    """
    opening = "{" if kind is dict else "["
    if not isinstance(value, str) or value.lstrip()[:1] != opening:
        return value
    try:
        found = decode(value)
    except ValueError:
        return value

    return found if isinstance(found, kind) else value


def has_template(value: Any) -> bool:
    """Say whether a text still holds a template, such as `{{ MODULE.x.output.id }}`."""
    return isinstance(value, str) and "}}" in value.partition("{{")[2]


def _parse_number(text: str) -> int | float | None:
    if text.isdecimal() and text.isascii() and len(text) < LONGEST_NUMBER:
        return int(text)
    if len(text) > LONGEST_NUMBER or not NUMERIC.fullmatch(text):
        return None
    if WHOLE.fullmatch(text):
        return int(text)

    number = float(text)
    return number if math.isfinite(number) else None


def label_of(value: Any) -> str:
    """Return what to call a value that has no label."""
    if isinstance(value, Mapping):
        return next((str(value[key]) for key in ("label", "name", "id") if key in value), "")
    if isinstance(value, bool):
        return "true" if value else "false"

    return "" if value is None else str(value)


def members(value: Any) -> list[Any]:
    """Return the values in an object or an array; other values have none."""
    if isinstance(value, Mapping):
        return list(value.values())

    return value if isinstance(value, list) else []
