"""Converting data to what a form declares, and checking it: in one walk, on the form that its rules make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from .field_check import Broken, FieldCheck, message_of
from .finding import Steps, rules_in
from .model import Field, Form
from .patterns import Budget
from .reading import read_form
from .rules import Firing, Rules, effective
from .walking import MISSING, Visit, Walk, secrets_in

# Ours: a list of millions of wrong items is answered with its first faults, not with an answer of its size.
MOST_FAULTS = 1000
# Effective forms kept ready; those of long lists, whose items differ with each request, are not.
MOST_KEPT, MOST_ITEMS_KEPT = 64, 64


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
        self._forms: EffectiveForms | None = None

    def validate(self, data: Any) -> Validated:
        """Return the data as the form declares it, and every fault; the data given is left as it is.

        Raises:
            FormError: the form schema itself cannot be read.
        """
        if self._forms is None:
            self._forms = EffectiveForms(read_form(self._schema))
        return self._forms.for_data(data).validated(data)

    @cached_property
    def has_secrets(self) -> bool:
        """Say whether a value of the form may be a secret."""
        form = read_form(self._schema)
        changes = (change.field for rule, _, _ in rules_in(form) for change in rule.changes)
        return any(each.secret for field in (*form.fields, *changes) for each in field.walk())

    def secrets(self, data: Any) -> list[Any]:
        """Return the values in the data that must not be shown."""
        return secrets_in(effective(read_form(self._schema), data), data)


class EffectiveForms:
    """What the rules of a form make of it, for one data and another.

    Attributes:
        rules: the rules.
    """

    def __init__(self, form: Form) -> None:
        self.rules = Rules(form)
        self._plain = EffectiveForm(form)
        self._kept: dict[Firing, EffectiveForm] = {}

    def for_data(self, data: Any) -> EffectiveForm:
        """Return the form that data is checked against; its rules see the data as the form declares it."""
        if not self.rules.bound:
            return self._plain

        firing: Firing = self.rules.fired(self._plain.converted(data))
        return self._of(firing) if firing else self._plain

    def _of(self, firing: Firing) -> EffectiveForm:
        found = self._kept.get(firing)
        if found is not None:
            return found

        form = EffectiveForm(self.rules.applied(firing))
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

    @cached_property
    def _checking(self) -> Walk:
        return Walk(self.form.fields, self._visit)

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
