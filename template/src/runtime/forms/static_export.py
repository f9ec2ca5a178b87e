"""A form with its rules as JSON Schema 2020-12: what other programs can check data with, not knowing our rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from .binding import EACH, BoundRule, Clauses, Fields, Steps
from .editing import Do, Edit
from .either import Condition, Either, either
from .field import Field
from .form import Form
from .json_schema import to_json_schema
from .merging import changed_by
from .notes import FormError

# Each rule on a field can double the shapes it takes.
MOST_SHAPES = 1024


def static_json_schema(form: Form) -> dict[str, Any]:
    """Convert a form with its rules, as if/then/else; it accepts what the effective form accepts, on any data.

    Raises:
        FormError: so many rules change one field that listing its shapes would take too much room.
    """
    fields = form.fields
    for rule in form.bound_rules:
        for place, change in rule.changes if rule.clauses else ():
            if place.known:
                do = partial(changed_by, change=change)
                fields = Edit(_ruled(rule, place.steps, place.local, do)).of(fields, place.steps[:1])
                _refuse_many(fields)
    return to_json_schema(replace(form, fields=fields, rules=()))


def _ruled(rule: BoundRule, steps: Steps, local: bool, do: Do) -> Do:
    """Return what a rule does to the field of the form's root that holds the field it changes."""
    inner = _into_arrays(rule.scope)
    outer, own, mixed = _by_level(rule.clauses) if inner else (rule.clauses, (), ())

    def on(clauses: Clauses) -> Do:
        if not inner:
            return Edit(do).at(steps[1:])
        if not local:
            return _when(Condition(clauses, within=inner), Edit(do).at(steps[1:]))

        split = len(inner) + 1  # the condition is asked on the item, so it is on one of its fields that it bears
        return Edit(_when(Condition(clauses, base=inner), Edit(do).at(steps[split:]))).at(steps[1:split])

    if not mixed:
        return _when(Condition(outer), on(own))

    of_outer, of_own = (tuple(test for test in mixed if test.place.local is own_) for own_ in (False, True))
    one_of = _when(Condition((of_outer,)), on(own), on((*own, of_own)))
    return _when(Condition(outer), one_of)


def _when(condition: Condition, do: Do, otherwise: Do = lambda field: field) -> Do:
    if not condition.clauses and not condition.within:
        return do

    return lambda field: either(condition, do(field), otherwise(field))


def _into_arrays(scope: Steps) -> Steps:
    """Return the steps to the innermost array's items that a scope lies in."""
    return scope[: len(scope) - scope[::-1].index(EACH)] if EACH in scope else ()


def _by_level(clauses: Clauses) -> tuple[Clauses, Clauses, tuple[Any, ...]]:
    """Sort clauses by where their values are: in the whole form, in an item, or (a rule's `or`) in both."""
    levels = [({test.place.local for test in clause}, clause) for clause in clauses]
    outer = tuple(clause for level, clause in levels if level == {False})
    own = tuple(clause for level, clause in levels if level == {True})
    return outer, own, next((clause for level, clause in levels if len(level) == 2), ())


def _refuse_many(fields: Fields) -> None:
    for field in fields:
        if _shapes(field) > MOST_SHAPES:
            raise FormError(f"rules give {field.id!r} more than {MOST_SHAPES} shapes; join or drop some of them")


def _shapes(field: Field) -> int:
    if isinstance(field, Either):
        return _shapes(field.yes) + _shapes(field.no)

    within = (*(field.fields or ()), *((field.items,) if field.items else ()))
    return 1 + sum(_shapes(each) - 1 for each in within)
