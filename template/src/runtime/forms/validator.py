"""Validating data against a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .conditions import Firing, fired
from .conversion import Convert, as_it_is, conversion
from .form import Form
from .json_schema import to_json_schema
from .messages import FieldError
from .reading import read_form
from .rules import with_rules

# Ours: a list of millions of wrong items is answered with its first faults, not with an answer of its size.
MOST_FAULTS = 1000
# Effective forms kept compiled; those of long lists, whose items differ with each request, are not.
MOST_KEPT, MOST_ITEMS_KEPT = 64, 64


@dataclass(frozen=True)
class Validated:
    """Data as it is handed on, with what is wrong with it."""

    data: Any
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """An effective form, ready to check data."""

    form: Form
    convert: Convert
    errors: Callable[[Any], Iterator[Any]]


class FormValidator:
    """Validates data against a form: its rules first, then the JSON Schema of the form they leave.

    Args:
        schema: the form schema; it is read when the first data comes.
        strict: whether a numeric text is a fault where a number is asked for; data is then handed on as it was sent.
    """

    def __init__(self, schema: Mapping[str, Any], *, strict: bool = False) -> None:
        self._schema, self._strict = schema, strict
        self._kept: dict[Firing, Compiled] = {}

    def validate(self, data: Any) -> Validated:
        """Return the data as the form asks for it, and every fault; the data given is left as it is.

        Raises:
            FormError: the form schema itself cannot be read.
        """
        compiled = self._compiled(())
        data = compiled.convert(data)
        firing = fired(compiled.form.bound_rules, data)
        if firing:
            compiled = self._compiled(firing)
            data = compiled.convert(data)

        errors = list(islice(compiled.errors(data), MOST_FAULTS))
        return Validated(data, _faults(errors, compiled.form, data)) if errors else Validated(data)

    def _compiled(self, firing: Firing) -> Compiled:
        found = self._kept.get(firing)
        if found is not None:
            return found

        base = self._kept[()].form if firing else read_form(self._schema)
        compiled = _compile(with_rules(base, firing), self._strict)
        if sum(len(items) for _, items in firing) <= MOST_ITEMS_KEPT:
            self._keep(firing, compiled)
        return compiled

    def _keep(self, firing: Firing, compiled: Compiled) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept = {(): self._kept[()]}
        self._kept[firing] = compiled


def _compile(form: Form, strict: bool) -> Compiled:
    from .keywords import FormSchemaValidator  # loads jsonschema, which a connector that validates nothing never needs

    schema = to_json_schema(form, described=False)
    return Compiled(form, as_it_is if strict else conversion(form.fields), FormSchemaValidator(schema).iter_errors)


def _faults(errors: list[Any], form: Form, data: Any) -> tuple[FieldError, ...]:
    from .faults import faults

    return faults(errors, form, data)
