"""The fields that a form's rules speak of, found once for each form.

Ours, the platform documents none: root rules come first, then those of fields, in the order of the document; an id is
looked up beside the rule's field, then from the root; `a.items` is the first item of a list in a condition, and all
of them in a change; a rule that a rule brings in waits for nothing and does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .field import Field
from .form import Form
from .rule import Change, Condition, Rule

Steps = tuple[str | int, ...]

EACH = -1  # a step into every item of an array, where 0 is a step into its first

Fields = tuple[Field, ...]


@dataclass(frozen=True)
class Place:
    """Where an id leads: steps from the root, or from the object the rule stands in.

    Args:
        steps: from the root in any case; a local place begins with the steps to its rule's object.
        local: whether it was found beside the rule's field.
        known: whether the form has such a field.
    """

    steps: Steps
    local: bool = False
    known: bool = True


@dataclass(frozen=True)
class Test:
    """A condition on the value at a place."""

    place: Place
    condition: Condition


Clauses = tuple[tuple[Test, ...], ...]


@dataclass(frozen=True)
class BoundRule:
    """A rule with the places of its conditions and changes.

    Args:
        scope: the steps to the object it stands in.
        clauses: the rule holds when at least one test of each does; ours, one without any never holds.
    """

    rule: Rule
    scope: Steps
    clauses: Clauses
    changes: tuple[tuple[Place, Change], ...]


def bind_rules(form: Form) -> tuple[BoundRule, ...]:
    """Find the places of every rule, in the order the rules apply."""
    of_form = [_bind(rule, form.fields, (), form.fields) for rule in form.rules]
    return (*of_form, *_field_rules(form.fields, (), form.fields))


def find(name: str, beside: Fields, scope: Steps, root: Fields, each: int = 0) -> Place:
    """Find a field by its id, dots leading into objects and `items` into arrays.

    Args:
        each: the step that `items` stands for, 0 or `EACH`.
    """
    for fields, base, local in ((beside, scope, True), (root, (), False)):
        steps = _steps(name, fields, each)
        if steps:
            return Place((*base, *steps), local)

    return Place(tuple(name.split(".")), known=False)


def _field_rules(fields: Fields, scope: Steps, root: Fields) -> Iterator[BoundRule]:
    for field in fields:
        here, beside, steps = field, fields, (*scope, field.id)
        yield from (_bind(rule, beside, scope, root) for rule in here.rules)
        while here.items:
            here, steps = here.items, (*steps, EACH)
            yield from (_bind(rule, beside, scope, root) for rule in here.rules)
        yield from _field_rules(here.fields or (), steps, root)


def _bind(rule: Rule, beside: Fields, scope: Steps, root: Fields) -> BoundRule:
    clauses = [*((condition,) for condition in rule.all), *([rule.any] if rule.any else [])]
    tests = tuple(
        tuple(Test(find(condition.id, beside, scope, root), condition) for condition in clause) for clause in clauses
    )
    changes = tuple((find(change.field.id, beside, scope, root, EACH), change) for change in rule.changes)
    return BoundRule(rule, scope, tests, changes)


def _steps(name: str, fields: Fields, each: int) -> Steps | None:
    """Return the steps a name takes from some fields, or None when they have no such field."""
    first, _, rest = name.partition(".")
    for field in fields:
        if field.id == name:
            return (name,)
    for field in fields:
        if field.id == first:
            inner = _into(rest, field, each)
            return None if inner is None else (first, *inner)

    return None


def _into(name: str, field: Field, each: int) -> Steps | None:
    first, _, rest = name.partition(".")
    if field.type == "array" and first == "items":
        if not rest:
            return (each,)
        inner = _into(rest, field.items, each) if field.items else tuple(rest.split("."))
        return None if inner is None else (each, *inner)
    if field.type == "object" and field.fields:
        return _steps(name, field.fields, each)

    return tuple(name.split("."))  # into free JSON, or a choice: {"id", "label"}
