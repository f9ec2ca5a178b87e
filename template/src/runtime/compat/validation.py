"""Accept JSON that a form sent either as text or as the value itself."""

from __future__ import annotations

import json
from typing import Any


def parse_str_to_json(data: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return json.loads(data)
    except json.JSONDecodeError:
        raise ValueError("Invalid JSON string") from None


def validate_and_parse_json(data: Any, field_name: str) -> Any:
    """Return an object or a list, given as itself or as JSON text.

    Raises:
        ValueError: It is neither.
    """
    value = _parsed(data)
    if not isinstance(data, (str, dict, list)):
        raise ValueError(f"{field_name} must be a JSON string, dictionary, or list")

    return value


def validate_array(data: Any, field_name: str) -> list[Any]:
    """Return a list, given as itself or as JSON text.

    Raises:
        ValueError: It is no list.
    """
    value = _parsed(data)
    if not isinstance(value, list):
        raise ValueError(f"{field_name} must be an array")

    return value


def validate_object(data: Any, field_name: str) -> dict[str, Any]:
    """Return an object, given as itself or as JSON text.

    Raises:
        ValueError: It is no object.
    """
    value = _parsed(data)
    if not isinstance(value, dict):
        raise ValueError(f"{field_name} must be an object")

    return value


def _parsed(data: Any) -> Any:
    return parse_str_to_json(data) if isinstance(data, str) else data
