"""The values that something in a form depends on: when one changes, the form may look different."""

from __future__ import annotations

from collections.abc import Iterator

from .binding import EACH, Fields, Steps, find
from .form import Form


def watched(form: Form) -> frozenset[Steps]:
    """Return the steps to every value that a rule asks for or content depends on; `EACH` is a step into any item."""
    asked = (test.place.steps for rule in form.bound_rules for clause in rule.clauses for test in clause)
    return frozenset((*asked, *_dependencies(form.fields, (), form.fields)))


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
