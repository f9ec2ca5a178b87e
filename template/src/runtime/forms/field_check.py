"""What a value of one field becomes and must satisfy, the fields and items within it aside; and what is said of one
that a form refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import ge, le
from typing import Any

from .conversion import FORMATS, Keys, conversion
from .finding import Steps, fields_on
from .model import Field, Form
from .patterns import Budget, Pattern, Unchecked, compile_pattern, refuses_some
from .values import has_template, is_empty, is_integer, is_number, is_unset_choice, key_of
from .vocabulary import ANY, spoken
from .walking import MISSING, NOTHING, Visit

Holds = Callable[[Any], bool]

TYPES: dict[str, Holds] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "connection": lambda value: isinstance(value, (str, dict)) and value != "",
    ANY: lambda _value: True,
}


class FieldCheck:
    """What a value of one field becomes and must satisfy, the fields and items within it aside.

    Most values are what their field declares, and are told by their exact type: less is asked of them.

    Attributes:
        as_they_are: the types whose values need no conversion, and are of the field's kind where they are not empty.
        is_right: whether a value of such a type surely breaks no rule.
        settled: those whose values satisfy all there is to satisfy besides.
        texts: choices that need no more than to be found.
    """

    def __init__(self, field: Field) -> None:
        self.convert = conversion(field)
        self.required = field.required
        self.takes_objects = field.takes_choice_objects or field.type in ("object", "connection", ANY)
        self.kind = "choices" if field.is_enum and field.type != "array" else "type"
        self.fits = _kind_of(field)
        self.limits = tuple(_limits(field))
        self.pattern = _pattern_of(field)
        self.keys = Keys(field)
        self.as_they_are = _exact_types(field)
        self.texts = self.keys.texts if not self.limits else frozenset()
        self.is_right = _all_of([holds for _, holds in self.limits]) if self.pattern is None else _never
        self.settled = NOTHING
        if not self.limits and self.pattern is None:
            self.settled = self.as_they_are | ({object} if not self.required else NOTHING)

    @property
    def converting(self) -> Visit:
        """Return the visit that converts and checks nothing."""
        return Visit(lambda _state, given, _steps, step: self.converted(given, step), self.as_they_are | {object})

    def converted(self, value: Any, step: str | int) -> Any:
        """Return a value as the field declares it; MISSING where it counts as not given."""
        if value is MISSING:
            return value

        made = self.convert(value)
        return value if made is MISSING and isinstance(step, int) else made  # an item cannot be left out

    def broken(self, value: Any, budget: Budget, *, is_item: bool = False) -> list[Broken]:
        """Return the rules that a value breaks.

        Args:
            budget: the seconds that patterns may still take.
            is_item: whether it is an array's item: a value, where a field may be left out.
        """
        if not (value and type(value) in self.as_they_are):
            if value is MISSING or (self.required and is_empty(value)):
                return [Broken("required")] if self.required else []
            if not is_item and self._is_unset(value):
                return []
            if not self.fits(value):
                return [Broken(self.kind)]

        broken = [] if self.pattern is None else self._broken_pattern(self.pattern, value, budget)
        for rule, holds in self.limits:
            if not holds(value):
                broken.append(Broken(rule))
        return broken

    def _broken_pattern(self, pattern: Pattern, value: Any, budget: Budget) -> list[Broken]:
        if not isinstance(value, str) or value in self.keys:
            return []
        try:
            return [] if pattern.search(value, budget) else [Broken("pattern")]
        except Unchecked as unchecked:
            return [Broken("pattern", str(unchecked))]

    def _is_unset(self, value: Any) -> bool:
        """Say whether an optional field was left alone: null, "", or what its dropdown has for nothing chosen.

        `[]` is a value (decision 19): `min_items` applies to it.
        """
        return value is None or value == "" or (self.takes_objects and is_unset_choice(value))


def _all_of(holds: list[Holds]) -> Holds:
    return holds[0] if len(holds) == 1 else lambda value: all(each(value) for each in holds)


def _never(_value: Any) -> bool:
    return False


def _exact_types(field: Field) -> frozenset[type]:
    """Return the types of values that are as the field declares them; not float, for some are no number."""
    if field.is_dropdown and field.type != "array":
        return NOTHING

    exact: dict[str, type] = {"string": str, "integer": int, "number": int, "boolean": bool, "array": list}
    return frozenset({exact[field.type]}) if field.type in exact else NOTHING


def _kind_of(field: Field) -> Holds:
    of_type = TYPES.get(field.type, TYPES[ANY])
    if field.content and field.type != "array":
        of_type = _of_content(field, of_type)
    if not field.choices or field.type == "array":
        return of_type

    keys = Keys(field)
    if not field.is_enum:
        return lambda value: of_type(value) or value in keys

    objects = field.type in ("object", ANY) or any(choice.is_object for choice in field.choices)
    return lambda value: value in keys or (objects and isinstance(value, dict) and key_of(value) in keys)


def _of_content(field: Field, of_type: Holds) -> Holds:
    """Return what choices of content accept: they are never an enum, so any value that one of them could send."""
    if field.type == "string":
        return TYPES[ANY]
    if field.type == "object":
        return lambda value: isinstance(value, (dict, str, bool)) or is_number(value)

    return of_type


def _limits(field: Field) -> list[tuple[str, Holds]]:
    """Return the rules of `validation` and the format, by name."""
    said = field.validation
    limits = [
        (rule, _guarded(field, kind, partial(hold, limit)))
        for rule, (types, kind, hold) in LIMITS.items()
        if field.type in types and (limit := getattr(said, rule)) is not None
    ]
    has_format = FORMATS.get(field.format or "")
    if has_format is not None and field.type in TEXTS:
        limits.append(("format", _guarded(field, _is_text, has_format)))
    return limits


def _guarded(field: Field, kind: Holds, holds: Holds) -> Holds:
    """Return a rule that holds for values of another kind too, where the field may have some."""
    if field.type != ANY and not field.is_dropdown:
        return holds

    return lambda value: not kind(value) or holds(value)


def _pattern_of(field: Field) -> Pattern | None:
    """Return the pattern that texts of a field must match; None where there is none that refuses anything."""
    text = field.validation.pattern if field.type in ("string", ANY) else None
    return compile_pattern(text) if text is not None and refuses_some(text) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


TEXTS, NUMBERS, LISTS = ("string", ANY), ("number", "integer", ANY), ("array", ANY)
# By rule: the types it is for, the values it speaks of, and when it holds.
LIMITS: dict[str, tuple[tuple[str, ...], Holds, Callable[[Any, Any], bool]]] = {
    "min_length": (TEXTS, _is_text, lambda least, value: len(value) >= least),
    "max_length": (TEXTS, _is_text, lambda most, value: len(value) <= most),
    "minimum": (NUMBERS, is_number, le),
    "maximum": (NUMBERS, is_number, ge),
    "min_items": (LISTS, _is_list, lambda least, value: len(value) >= least),
    "max_items": (LISTS, _is_list, lambda most, value: len(value) <= most),
}


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

    return field.messages.get(rule) or f"{name} {SAID[rule](field, value)}"


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
SAID: dict[str, Callable[[Field, Any], str]] = {
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
