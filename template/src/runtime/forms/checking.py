"""Converting data to what a form declares, and checking it: in one walk, on the form that its rules make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import ge, le
from typing import Any, NamedTuple

from .conversion import FORMATS, Keys, conversion
from .finding import Steps, rules_in
from .messages import Broken, message_of
from .model import Field, Form
from .patterns import Budget, Pattern, Unchecked, compile_pattern, refuses_some
from .reading import read_form
from .rules import Firing, Rules, effective
from .values import is_empty, is_integer, is_number, is_unset_choice, key_of
from .vocabulary import ANY
from .walking import MISSING, NOTHING, Visit, Walk, secrets_in

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


class Validated(NamedTuple):
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
        self._only: EffectiveForm | None = None  # the form, where no rule changes it
        self._kept: dict[Firing, EffectiveForm] = {}

    def validate(self, data: Any) -> Validated:
        """Return the data as the form declares it, and every fault; the data given is left as it is.

        Raises:
            FormError: the form schema itself cannot be read.
        """
        if self._only is not None:
            return self._only.validated(data)

        rules = self._rules = self._rules or Rules(read_form(self._schema))
        if not rules.bound:
            self._only = EffectiveForm(rules.form)
            return self._only.validated(data)
        firing: Firing = rules.fired(self._effective(rules, ()).converted(data))
        return self._effective(rules, firing).validated(data)

    @cached_property
    def has_secrets(self) -> bool:
        """Say whether a value of the form may be a secret."""
        form = read_form(self._schema)
        changes = (change.field for rule, _, _ in rules_in(form) for change in rule.changes)
        return any(each.secret for field in (*form.fields, *changes) for each in field.walk())

    def secrets(self, data: Any) -> list[Any]:
        """Return the values in the data that must not be shown."""
        return secrets_in(effective(read_form(self._schema), data), data)

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


class EnoughFaults(Exception):  # noqa: N818 - nothing is wrong with the program
    """More faults than anybody reads: what is left is not checked."""


@dataclass
class Findings:
    """What one check found, and the seconds that its patterns may still take."""

    errors: list[FieldError] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)


class EffectiveForm:
    """A form with its rules applied, ready to convert and check data: what each field needs is made once."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._checking = Walk(form.fields, self._visit)

    @cached_property
    def _converting(self) -> Walk:
        return Walk(self.form.fields, lambda field, _hidden: FieldCheck(field).converting)

    def converted(self, data: Any) -> Any:
        """Return the data as the form declares it, unchecked."""
        return self._converting.over(data)

    def validated(self, data: Any) -> Validated:
        """Return the data as the form declares it, with what is wrong with it."""
        if not isinstance(data, dict):
            of_data = Field("", "object", label="The data")
            return Validated(data, (FieldError((), message_of(self.form, of_data, (), Broken("type"), data), "type"),))

        found = Findings()
        try:
            return Validated(self._checking.over(data, found), tuple(found.errors))
        except EnoughFaults:
            return Validated(data, tuple(found.errors))

    def _visit(self, field: Field, hidden: bool) -> Visit:
        check = FieldCheck(field)
        if hidden:
            return check.converting  # hidden fields are not checked, in any respect (decision 16)

        def do(found: Findings, given: Any, steps: Steps, step: str | int) -> Any:
            if type(given) is str and given in check.texts:
                return given
            value = given if type(given) in check.as_they_are else check.converted(given, step)
            if value and type(value) in check.as_they_are and check.is_right(value):
                return value
            broken = check.broken(value, found.budget, is_item=isinstance(step, int))
            if broken:
                self._tell(found, field, (*steps, step), broken, value)
            return value

        return Visit(do, check.settled)

    def _tell(self, found: Findings, field: Field, steps: Steps, broken: list[Broken], value: Any) -> None:
        seen = None if value is MISSING else value
        for each in broken:
            found.errors.append(FieldError(steps, message_of(self.form, field, steps, each, seen), each.rule))
        if len(found.errors) >= MOST_FAULTS:
            raise EnoughFaults


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
