"""Values as their fields declare them, for what arrives is often text (decision 13 of the form specification).

Only a value that does not fit as it is becomes another: one that was valid before stays what it was. Two things aside:
a dropdown of a scalar type takes `{"id", "label"}` for the `id`, and `""` in a field of another type than text counts
as not given.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from .model import Field
from .values import from_json, is_choice_object, key_of, same, to_boolean, to_number, to_text
from .vocabulary import SCALARS
from .walking import MISSING

Convert = Callable[[Any], Any]


def as_it_is(value: Any) -> Any:
    """Return a value unchanged."""
    return value


class Keys:
    """The values that stand for a field's choices, as a set: `1` is `1.0`, and neither is `true`."""

    def __init__(self, field: Field) -> None:
        keys = [choice.key for choice in field.choices]
        self.scalars = {(isinstance(key, bool), key) for key in keys if not isinstance(key, (dict, list))}
        self.others = [key for key in keys if isinstance(key, (dict, list))]
        self.texts = frozenset(key for key in keys if isinstance(key, str) and key)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, (dict, list)):
            return any(same(key, value) for key in self.others)

        return (isinstance(value, bool), value) in self.scalars


def conversion(field: Field) -> Convert:
    """Return what converts a value of a field: to MISSING where it counts as not given."""
    convert = PLAIN.get(field.type, as_it_is)
    if field.is_dropdown and field.type != "array":
        convert = partial(_of_dropdown, field, Keys(field), convert)
    if field.type in ("string", "any"):
        return convert

    return lambda value: MISSING if value == "" else _given(convert(value))


def _given(made: Any) -> Any:
    return MISSING if made == "" else made  # such as the `id` of {"id": ""}


def _of_dropdown(field: Field, keys: Keys, convert: Convert, value: Any) -> Any:
    if field.type in SCALARS:
        value = _scalar_of(field, value)
    if value in keys or _is_any_json(field):
        return value

    made = convert(value)
    if made is value and isinstance(value, str):
        return next((other for other in (to_number(value, whole=False), to_boolean(value)) if other in keys), value)
    return made


def _scalar_of(field: Field, value: Any) -> Any:
    """Return the `id` of a choice that was sent as an object; content of a text field may be any other object."""
    if not field.takes_choice_objects or (_is_any_json(field) and not is_choice_object(value)):
        return value

    key = key_of(from_json(value, dict) if field.is_enum or field.type != "string" else value)
    return value if isinstance(key, (dict, list)) else key


def _is_any_json(field: Field) -> bool:
    return field.content is not None and field.type == "string"


PLAIN: dict[str, Convert] = {
    "string": to_text,
    "number": partial(to_number, whole=False),
    "integer": partial(to_number, whole=True),
    "boolean": to_boolean,
    "object": partial(from_json, kind=dict),
    "array": partial(from_json, kind=list),
}
