"""Which control a field gets: its type decides, and its value, so that every value can be shown and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .texts import pretty, to_text, uncarried

if TYPE_CHECKING:
    from src.runtime.forms import Field

EDITORS = ("CodeblockWidget", "textarea")
UNSET: Any = object()  # no value at all, where None is null


def kind_of(field: Field, value: Any) -> str:
    """Name the control of a field that holds a value.

    group: the fields of an object; repeater: the items of an array; many: checkboxes; select; connection; password;
    checkbox; yes_no; number; text; any: JSON or else a text; json: an editor, also for any value that no other control
    of the field could show.
    """
    value = None if value is UNSET else value
    if field.widget == "password":
        return "password"

    choose = KINDS.get(field.type, _any)
    return choose(field, value)


def shown(kind: str, value: Any) -> list[str]:
    """Return what a browser posts for a value that nobody touched."""
    if kind == "json":
        return ["" if value is UNSET else pretty(value)]

    value = None if value is UNSET else value
    if kind == "many":
        return [to_text(each) for each in value or []]
    if value is None:
        return [] if kind in ("checkbox", "yes_no") else [""]
    if kind == "checkbox":
        return ["true"] if value else []
    if kind == "connection":
        return [connection_id(value)]

    return [value if kind in ("text", "number") and isinstance(value, str) else to_text(value)]


def connection_id(value: Any) -> str:
    """Return the id under which a connection is saved: what a form holds of it, or of what it stands for."""
    name = forms.key_of(value)
    return name if isinstance(name, str) else ""


def _array(field: Field, value: Any) -> str:
    item = field.every_item
    if item is None or field.widget in EDITORS or not (value is None or isinstance(value, list)):
        return "json"
    if (item.choices or item.content) and not (item.fields or item.type == "array"):
        return "many"

    return "repeater"


def _object(field: Field, value: Any) -> str:
    if field.widget in EDITORS:
        return "json"
    if field.fields:
        return "group" if value is None or isinstance(value, dict) else "json"

    return "select" if field.choices or field.content else "json"


def _boolean(field: Field, value: Any) -> str:
    if field.choices or field.content:
        return "select"
    if not (value is None or isinstance(value, bool)):
        return "json"

    return "yes_no" if field.validation.required and field.default is None else "checkbox"


def _number(field: Field, value: Any) -> str:
    if field.choices or field.content:
        return "select"
    if isinstance(value, (bool, list, dict)) or _uncarried(value):
        return "json"

    return "number"


def _string(field: Field, value: Any) -> str:
    if field.choices or field.content:
        return "select"

    return "json" if isinstance(value, (list, dict)) or _uncarried(value) else "text"


def _any(field: Field, value: Any) -> str:
    if field.fields and (value is None or isinstance(value, dict)):
        return "group"

    return "select" if field.choices or field.content else "any"


def _uncarried(value: Any) -> bool:
    return isinstance(value, str) and uncarried(value)


KINDS: dict[str, Callable[[Field, Any], str]] = {
    "array": _array,
    "object": _object,
    "boolean": _boolean,
    "number": _number,
    "integer": _number,
    "string": _string,
    "connection": lambda _field, _value: "connection",
}
