"""What is wrong with a form as a whole: things that name one another and do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from .binding import BoundRule, Fields, find
from .checks_of_fields import check_field
from .field import Field, Layout
from .form import Form
from .notes import Note, Path, nearest


def check_form(form: Form) -> tuple[Note, ...]:
    """Return every remark on a form: first those of reading it, then those on how its parts fit."""
    return (*form.reading, *_order(form), *_fields(form.fields, form.fields), *_rules(form))


def _order(form: Form) -> Iterator[Note]:
    known, path = [each.id for each in form.fields if each.id], ("ui_options", "ui_order")
    for index, name in enumerate(form.order):
        if name not in known:
            message = f'ui_order names "{name}", which is no field'
            yield Note((*path, index), "order-unknown-field", message, nearest(name, known))
        if name in form.order[:index]:
            yield Note((*path, index), "order-repeats", f'ui_order names "{name}" twice')
    for name in known if form.order else ():
        if name not in form.order:
            yield Note(path, "order-missing-field", f'ui_order misses the field "{name}"', f'"{name}"')
    yield from _layout(form.layout, form.fields, ("ui_options",))


def _layout(layout: Layout | None, fields: Fields, path: Path) -> Iterator[Note]:
    known = [each.id for each in fields]
    for name in layout.elements if layout else ():
        if name not in known:
            message = f'ui_layout names "{name}", which is no field'
            yield Note((*path, "ui_layout", "elements"), "layout-unknown-field", message, nearest(name, known))


def _fields(fields: Fields, root: Fields) -> Iterator[Note]:
    for each in fields:
        here: Field | None = each
        while here:  # an array, and what its items hold
            yield from check_field(here)
            yield from _dependencies(here, fields, root)
            yield from _layout(here.layout, here.fields or fields, (*here.source, "ui_options"))
            yield from _fields(here.fields or (), root)
            here = here.items


def _dependencies(field: Field, beside: Fields, root: Fields) -> Iterator[Note]:
    for content in field.content.objects if field.content else ():
        for name, path in zip(content.depends_on, content.sources, strict=True):
            if not find(name, beside, (), root).known:
                yield _unknown(name, (*path, "id"), "the content depends on", root)


def _rules(form: Form) -> Iterator[Note]:
    for bound in form.bound_rules:
        for test in (test for clause in bound.clauses for test in clause):
            if not test.place.known:
                path = test.condition.source
                at = (*path, "id") if path[-1:] != ("conditions",) else (*path, test.condition.id)
                yield _unknown(test.condition.id, at, "the rule asks for", form.fields)
        yield from _changes(bound, form.fields)


def _changes(bound: BoundRule, root: Fields) -> Iterator[Note]:
    for place, change in bound.changes:
        if not place.known:
            yield _unknown(change.field.id, (*change.field.source, "id"), "the rule changes", root)
        yield from check_field(change.field, whole=False)


def _unknown(name: str, path: Path, what: str, root: Fields) -> Note:
    known = [inner.id for each in root for inner in each.walk() if inner.id]
    return Note(path, "unknown-field", f'{what} "{name}", which is no field', nearest(name, known))
