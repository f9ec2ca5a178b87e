"""What is said of a value that a form refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .finding import Steps, fields_on
from .model import Field, Form
from .values import has_template
from .vocabulary import spoken

MOST_CHOICES_NAMED = 10


@dataclass(frozen=True)
class Broken:
    """A rule that a value breaks.

    Args:
        rule: its name in `validation`, or `type`, `format`, `choices`.
        unchecked: why the value could not be held against it, to stand after the name of the field.
    """

    rule: str
    unchecked: str = ""


def message_of(form: Form, field: Field, steps: Steps, broken: Broken, value: Any) -> str:
    """Return what to tell the person who filled in a form: the schema's own text for the rule, or ours.

    Args:
        steps: those to the value.
    """
    name, rule = _name(form, field, steps), broken.rule
    if broken.unchecked:
        return f"{name} {broken.unchecked}"
    if rule in ("type", "choices", "format") and has_template(value):
        return f"{name} still holds a template that was not replaced with a value"

    return field.messages.get(rule) or f"{name} {TEXTS[rule](field, value)}"


def _name(form: Form, field: Field, steps: Steps) -> str:
    """Return what to call a value: its field's name, or that of its array with its number."""
    if not steps or isinstance(steps[-1], str):
        return field.name.rstrip(" :.?!*") or field.id

    arrays = list(fields_on(form.fields, steps[:-1]))
    array = arrays[-1] if arrays else field
    label = field.label or array.item_label
    number = steps[-1] + 1
    return f"{label} {number}" if label else f"{_name(form, array, steps[:-1])}, item {number},"


def _type(field: Field, value: Any) -> str:
    return f"must be {TYPE_TEXTS.get(field.type, 'something else')}, not {spoken(value)}"


def _format(field: Field, _value: Any) -> str:
    return f"must be {FORMAT_TEXTS[field.format or '']}"


def _choices(field: Field, _value: Any) -> str:
    labels = [choice.label for choice in field.choices]
    more = len(labels) - MOST_CHOICES_NAMED
    listed = ", ".join(labels[:MOST_CHOICES_NAMED])
    return f"must be one of: {listed} and {more} more" if more > 0 else f"must be one of: {listed}"


def _count(number: Any, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


TYPE_TEXTS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "connection": "a connection",
    "object": "an object",
    "array": "a list",
}
FORMAT_TEXTS = {
    "email": "an email address, such as ada@example.com",
    "uri": "a full address, such as https://example.com/page",
    "date": "a date, such as 2026-01-31",
    "date-time": "a date and time with its offset, such as 2026-01-31T09:30:00Z",
    "uuid": "a UUID, such as 123e4567-e89b-12d3-a456-426614174000",
}
TEXTS: dict[str, Callable[[Field, Any], str]] = {
    "required": lambda _field, _value: "is required",
    "type": _type,
    "format": _format,
    "choices": _choices,
    "min_length": lambda field, _value: f"must have at least {_count(field.validation.min_length, 'character')}",
    "max_length": lambda field, _value: f"must have at most {_count(field.validation.max_length, 'character')}",
    "minimum": lambda field, _value: f"must be at least {field.validation.minimum}",
    "maximum": lambda field, _value: f"must be at most {field.validation.maximum}",
    "pattern": lambda field, _value: f"must match the pattern {field.validation.pattern}",
    "min_items": lambda field, _value: f"must have at least {_count(field.validation.min_items, 'item')}",
    "max_items": lambda field, _value: f"must have at most {_count(field.validation.max_items, 'item')}",
}
