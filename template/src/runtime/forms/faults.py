"""What jsonschema found wrong, said in the form's own terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError

from .binding import Fields
from .field import Field
from .form import Form
from .messages import FieldError, message_of
from .values import is_empty

RULES = {
    "enum": "choices",
    "anyOf": "choices",
    "not": "required",
    "required": "required",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
}


@dataclass(frozen=True)
class Spot:
    """A value of a form's data, with the field it is for.

    Args:
        name: what to call it before people.
        exact: whether the field is the value's own, not that of something the value is part of.
    """

    field: Field
    path: str
    name: str
    value: Any
    hidden: bool
    exact: bool


def faults(errors: Iterable[ValidationError], form: Form, data: Any) -> tuple[FieldError, ...]:
    """Return the errors as faults of fields, each rule of a field once."""
    found: dict[tuple[str, str], FieldError] = {}
    for error in errors:
        fault = _fault(error, form, data)
        found.setdefault((fault.field, fault.rule), fault)
    return tuple(found.values())


def _fault(error: ValidationError, form: Form, data: Any) -> FieldError:
    spot = _spot(tuple(error.path), form.fields, data)
    rule = _rule(str(error.validator), spot)
    return FieldError(spot.path, message_of(spot.field, spot.name, rule, spot.value), rule)


def _rule(keyword: str, spot: Spot) -> str:
    if spot.field.required and not spot.hidden and is_empty(spot.value):
        return "required"
    if not spot.exact:
        return "choices" if spot.field.choices and not spot.field.content else "type"

    return RULES.get(keyword, keyword)


def _spot(steps: tuple[str | int, ...], fields: Fields | None, data: Any) -> Spot:
    """Find the value at some steps, or the one with a field of its own that it is part of."""
    spot = Spot(Field("", "object"), "", "The data", data, hidden=False, exact=True)
    for step in steps:
        field = _field(step, spot.field, fields)
        if field is None:
            return Spot(spot.field, spot.path, spot.name, spot.value, spot.hidden, exact=False)

        path = f"{spot.path}[{step}]" if isinstance(step, int) else f"{spot.path}.{step}".lstrip(".")
        spot = Spot(field, path, _name(step, field, spot), _inside(spot.value, step), spot.hidden or field.hidden, True)
        fields = field.fields
    return spot


def _field(step: str | int, parent: Field, fields: Fields | None) -> Field | None:
    if isinstance(step, int):
        return parent.item(step)

    return next((each for each in fields or () if each.id == step), None)


def _name(step: str | int, field: Field, parent: Spot) -> str:
    if isinstance(step, str):
        return field.name.rstrip(" :.?!*") or field.id
    label = field.label or parent.field.item_label
    return f"{label} {step + 1}" if label else f"{parent.name}, item {step + 1},"


def _inside(value: Any, step: Any) -> Any:
    """Return what stands inside a value; None for a required one that does not."""
    return value.get(step) if isinstance(value, dict) else value[step]
