"""Finding fields and values by id: the one way that rules, content and pages share.

Ours, the platform documents none (decisions 9 and 18 of the form specification): an id is looked up beside the field
that names it, then from the root; dots lead into objects and `items` into arrays: the first item where a value is
asked for, every item where a rule changes a field.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .model import Field, Form

Steps = tuple[str | int, ...]
Fields = tuple[Field, ...]

EACH = -1  # a step into every item of an array, where 0 is a step into its first


@dataclass(frozen=True)
class Reference:
    """Where an id leads.

    Args:
        steps: from the root in any case; a local reference begins with the steps to the object it was found in.
        local: whether it was found beside the field that names it.
        known: whether the form has such a field.
    """

    steps: Steps
    local: bool = False
    known: bool = True


def find(name: str, beside: Fields, scope: Steps, root: Fields, each: int = 0) -> Reference:
    """Find a field by its id.

    Args:
        beside: the fields beside the one that names it.
        scope: the steps to the object that those stand in.
        each: the step that `items` stands for, 0 or `EACH`.
    """
    for fields, base, local in ((beside, scope, True), (root, (), False)):
        steps = _steps(name, fields, each)
        if steps:
            return Reference((*base, *steps), local)

    return Reference(tuple(name.split(".")), known=False)


def value_at(data: Any, steps: Steps) -> Any:
    """Return the value that steps lead to; None, like null, when there is none."""
    for step in steps:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


def value_of(form: Form, name: str, steps: Steps, data: Any) -> Any:
    """Return the value of a field as another names it: beside that one first, then from the root.

    Args:
        steps: those to the field that names it.
    """
    scope = steps
    while scope and isinstance(scope[-1], int):
        scope = scope[:-1]  # beside an item stand the fields beside its array
    scope = scope[:-1]
    beside = form.fields
    for field in fields_on(form.fields, scope):
        beside = field.fields or ()
    return value_at(data, find(name, beside, scope, form.fields).steps)


def fields_on(fields: Fields, steps: Steps) -> Iterator[Field]:
    """Yield the fields that steps pass, as far as there are any.

    Args:
        steps: ids, and after that of an array the index of an item, or `EACH`.
    """
    here: Field | None = None
    within: Fields = fields
    for step in steps:
        if isinstance(step, int):
            here = (here.every_item if step == EACH else here.item(step)) if here else None
        else:
            here = next((each for each in within if each.id == step), None)
        if here is None:
            return
        yield here
        within = here.fields or ()


def watched(form: Form) -> frozenset[Steps]:
    """Return the steps to every value that a rule asks for or content depends on; `EACH` is a step into any item.

    When one of them changes, the form may look different.
    """
    found = set(_dependencies(form.fields, (), form.fields))
    for rule, beside, scope in rules_in(form):
        found |= {find(each.id, beside, scope, form.fields).steps for each in (*rule.all, *rule.any)}
    return frozenset(found)


def rules_in(form: Form) -> Iterator[tuple[Any, Fields, Steps]]:
    """Yield every rule with the fields beside it and the steps to where it stands: root rules first, then fields'.

    A rule that a rule brings in is none of them: it would wait for nothing.
    """
    yield from ((rule, form.fields, ()) for rule in form.rules)
    yield from _rules_of_fields(form.fields, ())


def _rules_of_fields(fields: Fields, scope: Steps) -> Iterator[tuple[Any, Fields, Steps]]:
    for field in fields:
        here, steps = field, (*scope, field.id)
        yield from ((rule, fields, scope) for rule in here.rules)
        while here.items:
            here, steps = here.items, (*steps, EACH)
            yield from ((rule, fields, scope) for rule in here.rules)
        yield from _rules_of_fields(here.fields or (), steps)


def _dependencies(fields: Fields, scope: Steps, root: Fields) -> Iterator[Steps]:
    for field in fields:
        here, steps = field, (*scope, field.id)
        while True:
            for content in here.content.objects if here.content else ():
                yield from (find(name, fields, scope, root, EACH).steps for name in content.depends_on)
            if here.items is None:
                break
            here, steps = here.items, (*steps, EACH)
        yield from _dependencies(here.fields or (), steps, root)


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
