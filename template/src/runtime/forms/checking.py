"""Converting data to what a form declares, and checking it: in one walk, on the form that its rules make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .conversion import Convert, Keys, conversion
from .formats import has_format
from .messages import Broken, message_of
from .model import Field, Form
from .patterns import Budget, Pattern, Unchecked, compile_pattern, refuses_some
from .reading import read_form
from .rules import Firing, Rules, Steps
from .values import is_empty, is_integer, is_number, is_unset_choice, key_of
from .vocabulary import ANY
from .walking import MISSING, rebuilt

# Ours: a list of millions of wrong items is answered with its first faults, not with an answer of its size.
MOST_FAULTS = 1000
# Effective forms kept ready; those of long lists, whose items differ with each request, are not.
MOST_KEPT, MOST_ITEMS_KEPT = 64, 64

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


@dataclass(frozen=True)
class FieldError:
    """One fault of one value.

    Args:
        steps: the ids and indices that lead to the value; none for the data as a whole.
        message: what to tell the person who filled in the form.
        rule: the rule's name in `validation`, or `type`, `format`, `choices`.
    """

    steps: Steps
    message: str
    rule: str

    @property
    def field(self) -> str:
        """Return the place as text, such as `contacts[0].email`."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps).removeprefix(".")


@dataclass(frozen=True)
class Validated:
    """Data as it is handed on, with what is wrong with it."""

    data: Any
    errors: tuple[FieldError, ...] = ()


class FormValidator:
    """Converts data to what a form declares, and checks it.

    Args:
        schema: the form schema; it is read when the first data comes.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._rules: Rules | None = None
        self._kept: dict[Firing, EffectiveForm] = {}

    def validate(self, data: Any) -> Validated:
        """Return the data as the form declares it, and every fault; the data given is left as it is.

        Raises:
            FormError: the form schema itself cannot be read.
        """
        rules = self._rules = self._rules or Rules(read_form(self._schema))
        firing: Firing = rules.fired(self._effective(rules, ()).converted(data)) if rules.bound else ()
        return self._effective(rules, firing).validated(data)

    def _effective(self, rules: Rules, firing: Firing) -> EffectiveForm:
        found = self._kept.get(firing)
        if found is not None:
            return found

        form = EffectiveForm(rules.applied(firing))
        if sum(len(items) for _, items in firing) <= MOST_ITEMS_KEPT:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[firing] = form
        return form


class EffectiveForm:
    """A form with its rules applied, ready to convert and check data: what each field needs is made once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._fields: dict[int, tuple[Field, Convert, FieldCheck]] = {}

    def converted(self, data: Any) -> Any:
        """Return the data as the form declares it, unchecked."""
        return rebuilt(self.form.fields, data, self._converted)

    def validated(self, data: Any) -> Validated:
        """Return the data as the form declares it, with what is wrong with it."""
        if not isinstance(data, dict):
            return Validated(data, (self._error(Field("", "object", label="The data"), (), Broken("type"), data),))

        errors: list[FieldError] = []
        made = rebuilt(self.form.fields, data, partial(self._checked, errors, Budget()))
        return Validated(made, tuple(errors))

    def _converted(self, field: Field, value: Any, steps: Steps, _hidden: bool) -> Any:
        return _convert(self._ready(field)[1], value, steps)

    def _checked(
        self, errors: list[FieldError], budget: Budget, field: Field, value: Any, steps: Steps, hidden: bool
    ) -> Any:
        _, convert, check = self._ready(field)
        made = _convert(convert, value, steps)
        if hidden or len(errors) >= MOST_FAULTS:
            return made  # hidden fields are not checked, in any respect (decision 16)

        broken = check.broken(made, budget, is_item=isinstance(steps[-1], int))
        errors.extend(self._error(field, steps, each, None if made is MISSING else made) for each in broken)
        return made

    def _error(self, field: Field, steps: Steps, broken: Broken, value: Any) -> FieldError:
        return FieldError(steps, message_of(self.form, field, steps, broken, value), broken.rule)

    def _ready(self, field: Field) -> tuple[Field, Convert, FieldCheck]:
        found = self._fields.get(id(field))
        if found is None:
            # The field is kept so that its id is.
            found = self._fields[id(field)] = (field, conversion(field), FieldCheck(field))
        return found


class FieldCheck:
    """What a value of one field must satisfy, the fields and items within it aside."""

    def __init__(self, field: Field) -> None:
        self.required = field.required
        self.takes_objects = field.takes_choice_objects or field.type in ("object", "connection", ANY)
        self.kind = "choices" if field.is_enum else "type"
        self.fits = _kind_of(field)
        self.limits = tuple(_limits(field))
        self.pattern = _pattern_of(field)
        self.keys = Keys(field)

    def broken(self, value: Any, budget: Budget, *, is_item: bool = False) -> list[Broken]:
        """Return the rules that a value breaks.

        Args:
            budget: the seconds that patterns may still take.
            is_item: whether it is an array's item: a value, where a field may be left out.
        """
        if value is MISSING or (self.required and is_empty(value)):
            return [Broken("required")] if self.required else []
        if not is_item and self._is_unset(value):
            return []
        if not self.fits(value):
            return [Broken(self.kind)]

        broken = [Broken(rule) for rule, holds in self.limits if not holds(value)]
        return broken if self.pattern is None else [*self._broken_pattern(self.pattern, value, budget), *broken]

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


def _convert(convert: Convert, value: Any, steps: Steps) -> Any:
    if value is MISSING:
        return value

    made = convert(value)
    return value if made is MISSING and isinstance(steps[-1], int) else made  # an item cannot be left out


def _kind_of(field: Field) -> Holds:
    of_type = TYPES.get(field.type, TYPES[ANY])
    if field.content and field.type != "array":
        return _of_content(field, of_type)
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
    kinds: dict[str, tuple[str, ...]] = {
        "string": ("min_length", "max_length"),
        "number": ("minimum", "maximum"),
        "integer": ("minimum", "maximum"),
        "array": ("min_items", "max_items"),
        ANY: tuple(LIMITS),
    }
    said = field.validation
    limits: list[tuple[str, Holds]] = []
    for rule in kinds.get(field.type, ()):
        limit = getattr(said, rule)
        if limit is not None:
            limits.append((rule, partial(LIMITS[rule], limit)))
    if field.type not in ("string", ANY):
        return limits

    if field.format:
        limits.append(("format", partial(_has_format, field.format)))
    return limits


def _pattern_of(field: Field) -> Pattern | None:
    """Return the pattern that texts of a field must match; None where there is none that refuses anything."""
    text = field.validation.pattern if field.type in ("string", ANY) else None
    return compile_pattern(text) if text is not None and refuses_some(text) else None


def _has_format(name: str, value: Any) -> bool:
    return not isinstance(value, str) or has_format(name, value)


LIMITS: dict[str, Callable[[Any, Any], bool]] = {
    "min_length": lambda least, value: not isinstance(value, str) or len(value) >= least,
    "max_length": lambda most, value: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda least, value: not is_number(value) or value >= least,
    "maximum": lambda most, value: not is_number(value) or value <= most,
    "min_items": lambda least, value: not isinstance(value, list) or len(value) >= least,
    "max_items": lambda most, value: not isinstance(value, list) or len(value) <= most,
}
