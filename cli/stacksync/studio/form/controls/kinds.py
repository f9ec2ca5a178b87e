"""Which control a field gets: its type decides, and its value, so that every value can be shown and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .texts import pretty, to_text, uncarried

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field

EDITORS = ("CodeblockWidget", "textarea")
KEPT = "\u2022\u2022\u2022\u2022"  # stands for a password, so that rules see that there is one
UNSET: Any = forms.MISSING  # no value at all, where None is null


def kind_of(field: Field, value: Any) -> str:
    """Name the control of a field that holds a value.

    group: the fields of an object; repeater: the items of an array; many: checkboxes; select; open: a select, and a box
    for a text of one's own; connection; password; checkbox; yes_no; number; text; template: a text in the place of a
    group or a list; any: JSON or else a text; json: an editor, also for any value that no other control of the field
    could show.
    """
    value = None if value is UNSET else value
    if field.secret and field.type != "connection":
        return "password"

    choose = KINDS.get(field.type, _any)
    return choose(field, value)


def shown(kind: str, value: Any) -> list[str]:
    """Return what a browser posts for a value that nobody touched."""
    if kind == "json":
        return ["" if value is UNSET else value if forms.has_template(value) else pretty(value)]

    value = None if value is UNSET else value
    if kind == "many":
        return [to_text(each) for each in value or []]
    if value is None:
        return [] if kind in ("checkbox", "yes_no") else [""]
    if kind == "checkbox":
        return ["true"] if value else []
    if kind == "connection":
        return [connection_id(value)]

    return [value if kind in TYPED and (isinstance(value, str)) else to_text(value) if value != "" else ""]


# Controls in which a text stands as it is.
TYPED = ("text", "number", "password", "template", "open")


def connection_id(value: Any) -> str:
    """Return the id under which a connection is saved: what a form holds of it, or of what it stands for."""
    name = forms.key_of(value)
    return name if isinstance(name, str) else ""


def is_open(field: Field) -> bool:
    """Say whether a text of one's own may stand where a value is chosen: a template, or what fits the pattern."""
    if field.type == "boolean" and not field.is_dropdown:
        return not field.disable_replacement

    return field.is_dropdown and field.type not in NARROW and field.validation.pattern is not None


# Types in which no text of one's own stands beside the choices, whatever the pattern is.
NARROW = ("boolean", "number", "integer", "object", "array", "connection")


def _array(field: Field, value: Any) -> str:
    item = field.every_item
    if item is None or field.widget in EDITORS:
        return "json"
    if not (value is None or isinstance(value, list)):
        return _in_place(value)
    if item.is_dropdown and not (item.fields or item.type == "array"):
        return "many"

    return "repeater"


def _object(field: Field, value: Any) -> str:
    if field.widget in EDITORS:
        return "json"
    if field.fields:
        return "group" if value is None or isinstance(value, dict) else _in_place(value)

    return "select" if field.is_dropdown else "json"


def _in_place(value: Any) -> str:
    return "template" if forms.has_template(value) and not uncarried(value) else "json"


def _boolean(field: Field, value: Any) -> str:
    if field.is_dropdown:
        return "select"
    if is_open(field):
        return "open" if value is None or isinstance(value, bool) or _carried(value) else "json"
    if not (value is None or isinstance(value, bool)):
        return "json"

    return "yes_no" if field.validation.required and field.default is None else "checkbox"


def _number(field: Field, value: Any) -> str:
    if field.is_dropdown:
        return "select"
    if isinstance(value, (bool, list, dict)) or _uncarried(value):
        return "json"

    return "number"


def _string(field: Field, value: Any) -> str:
    if field.is_dropdown:
        return "open" if is_open(field) else "select"

    return "json" if isinstance(value, (list, dict)) or _uncarried(value) else "text"


def _any(field: Field, _value: Any) -> str:
    if field.is_dropdown:
        return "open" if is_open(field) else "select"

    return "any"


def _uncarried(value: Any) -> bool:
    return isinstance(value, str) and uncarried(value)


def _carried(value: Any) -> bool:
    return isinstance(value, str) and not uncarried(value)


KINDS: dict[str, Callable[[Field, Any], str]] = {
    "array": _array,
    "object": _object,
    "boolean": _boolean,
    "number": _number,
    "integer": _number,
    "string": _string,
    "connection": lambda _field, _value: "connection",
}
