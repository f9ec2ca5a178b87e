"""What a value of one field becomes and must satisfy, the fields and items within it aside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import ge, le
from typing import Any

from .conversion import FORMATS, Keys, conversion
from .messages import Broken
from .model import Field
from .patterns import Budget, Pattern, Unchecked, compile_pattern, refuses_some
from .values import is_empty, is_integer, is_number, is_unset_choice, key_of
from .vocabulary import ANY
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
