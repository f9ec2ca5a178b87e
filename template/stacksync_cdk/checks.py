"""What a form and a choice must have for the platform to show them; whatever else they hold passes through."""

from __future__ import annotations

from typing import Any

# Texts and numbers that the kit takes for true or false.
TRUE_OR_FALSE = {"true", "false", "t", "f", "yes", "no", "y", "n", "on", "off", "1", "0"}


def check_fields(fields: Any, where: str = "fields") -> None:
    """Refuse fields without an id or a type, at any depth.

    Raises:
        ValueError: There is one; the text says where.
    """
    if not isinstance(fields, list):
        raise ValueError(f"{where} must be a list, not a {type(fields).__name__}")

    for at, field in enumerate(fields):
        _check_field(field, f"{where}[{at}]")


def check_connections(connections: Any) -> None:
    """Refuse a block of connections that does not say what it needs.

    Raises:
        ValueError: It does not; the text says why.
    """
    if not isinstance(connections, dict):
        raise ValueError(f"connections must be a dict, not a {type(connections).__name__}")
    if not _is_flag(connections.get("required")):
        raise ValueError("connections.required must be true or false")
    for name, default in (("app_types", None), ("allowed_connection_management_types", [])):
        if not _are_texts(connections.get(name, default)):
            raise ValueError(f"connections.{name} must be a list of texts")


def checked_choice(choice: Any, at: int, name: str) -> dict[str, Any]:
    """Return a choice as the platform reads it, with its index.

    Raises:
        ValueError: It has no value or no label.
    """
    where = f"choice {at} of {name!r}"
    if not isinstance(choice, dict) or "value" not in choice or not isinstance(choice.get("label"), str):
        raise ValueError(f"{where} needs a value, and a label that is a text")
    preview, index = choice.get("preview"), choice.get("index")
    if preview is not None and not isinstance(preview, str):
        raise ValueError(f"preview of {where} must be a text")

    kept = {key: each for key, each in choice.items() if key not in ("preview", "index")}
    shown = {} if preview is None else {"preview": preview}
    return {**kept, **shown, "index": at if index is None else _number(index, where)}


def _check_field(field: Any, where: str) -> None:
    if not isinstance(field, dict):
        raise ValueError(f"{where} must be a dict, not a {type(field).__name__}")
    for key in ("id", "type"):
        if not isinstance(field.get(key), str):
            raise ValueError(f"{where} needs {key!r}, a text")

    if field["type"] == "array" and isinstance(field.get("items"), dict):
        check_fields(field["items"].get("fields", []), f"{where}.items.fields")
    elif field["type"] == "object":
        check_fields(field.get("fields", []), f"{where}.fields")


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, (int, str)) and str(value).lower() in TRUE_OR_FALSE)


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(each, str) for each in value)


def _number(value: Any, where: str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ValueError(f"index of {where} must be a whole number") from None
    if isinstance(value, float) and value != number:
        raise ValueError(f"index of {where} must be a whole number")

    return number
