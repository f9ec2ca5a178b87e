"""What is wrong with a form that can be read: things that name one another and do not fit, and fields by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from .field_check import Broken, FieldCheck
from .finding import EACH, Fields, Steps, find, rules_in
from .model import Field, Form, Layout, Rule
from .pattern_characters import PatternError
from .patterns import Budget, compile_pattern
from .values import same
from .vocabulary import ANY, Note, Path, nearest_field
from .walking import Visit, Walk

# Nobody reads more, and each may take milliseconds, for a name that is like the one that is wrong.
MOST = 1000
PAIRS = (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items"))
# What has an effect on a value, by the type of its field.
LENGTHS, AMOUNTS, COUNTS = PAIRS[1], PAIRS[0], PAIRS[2]
BEARING: dict[str, tuple[str, ...]] = {
    "string": (*LENGTHS, "pattern"),
    "number": AMOUNTS,
    "integer": AMOUNTS,
    "array": COUNTS,
    ANY: (*LENGTHS, *AMOUNTS, *COUNTS, "pattern"),
}
PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
}


def remarks(form: Form) -> tuple[Note, ...]:
    """Return the remarks on a form: all those of reading it, then the first of those on how its parts fit."""
    fitting = chain(
        _order(form.order, form.fields, ()),
        _layout(form.layout, _by_name(form.fields), ("ui_options",)),
        _fields(form.fields, form.fields),
        _rules(form),
    )
    return (*form.reading, *islice(fitting, MOST))


def _order(order: tuple[str, ...], fields: Fields, path: Path) -> Iterator[Note]:
    known, path = dict.fromkeys(each.id for each in fields if each.id), (*path, "ui_options", "ui_order")
    ordered: set[str] = set()
    for index, name in enumerate(order):
        if name not in known:
            message = f'ui_order names "{name}", which is no field'
            yield Note((*path, index), "order-unknown-field", message, nearest_field(name, known))
        if name in ordered:
            yield Note((*path, index), "order-repeats", f'ui_order names "{name}" twice')
        ordered.add(name)
    for name in known if order else ():
        if name not in ordered:
            yield Note(path, "order-missing-field", f'ui_order misses the field "{name}"', f'"{name}"')


def _layout(layout: Layout | None, known: Mapping[str, Any], path: Path) -> Iterator[Note]:
    for name in layout.elements if layout else ():
        if name not in known:
            message = f'ui_layout names "{name}", which is no field'
            yield Note((*path, "ui_layout", "elements"), "layout-unknown-field", message, nearest_field(name, known))


def _by_name(fields: Fields) -> dict[str, Field]:
    return {each.id: each for each in fields}


def _fields(fields: Fields, root: Fields) -> Iterator[Note]:
    beside = _by_name(fields)
    for each in fields:
        here: Field | None = each
        while here:  # an array, and what its items hold
            yield from check_field(here)
            yield from _dependencies(here, fields, root)
            yield from _order(here.order, here.fields or (), here.source)
            laid_out = _by_name(here.fields) if here.fields else beside
            yield from _layout(here.layout, laid_out, (*here.source, "ui_options"))
            yield from _fields(here.fields or (), root)
            here = here.items


def _dependencies(field: Field, beside: Fields, root: Fields) -> Iterator[Note]:
    for content in field.content.objects if field.content else ():
        for name, path in zip(content.depends_on, content.sources, strict=True):
            if not find(name, beside, (), root).known:
                yield _unknown(name, (*path, "id"), "the content depends on", root)


def _rules(form: Form) -> Iterator[Note]:
    for rule, beside, scope in rules_in(form):
        for condition in (*rule.all, *rule.any):
            if not find(condition.id, beside, scope, form.fields).known:
                path = condition.source
                at = (*path, "id") if path[-1:] != ("conditions",) else (*path, condition.id)
                yield _unknown(condition.id, at, "the rule asks for", form.fields)
        yield from _changes(rule, beside, scope, form.fields)


def _changes(rule: Rule, beside: Fields, scope: Steps, root: Fields) -> Iterator[Note]:
    for change in rule.changes:
        if not find(change.field.id, beside, scope, root, EACH).known:
            yield _unknown(change.field.id, (*change.field.source, "id"), "the rule changes", root)
        yield from check_field(change.field, whole=False)


def _unknown(name: str, path: Path, what: str, root: Fields) -> Note:
    known = [inner.id for each in root for inner in each.walk() if inner.id]
    return Note(path, "unknown-field", f'{what} "{name}", which is no field', nearest_field(name, known))


def check_field(field: Field, *, whole: bool = True) -> Iterator[Note]:
    """Yield the remarks on one field.

    Args:
        whole: whether it is a field of its own, not what a rule changes of one.
    """
    path = (*field.source, "validation")
    yield from _pattern(field, (*path, "pattern"))
    yield from _limits(field, path)
    yield from _choices(field)
    if whole:
        yield from _without_effect(field, path)
        yield from _default(field)


def _pattern(field: Field, path: Path) -> Iterator[Note]:
    pattern = field.validation.pattern
    if pattern is None:
        return
    try:
        compile_pattern(pattern)
    except PatternError as error:
        yield Note(path, "pattern-invalid", f"the pattern checks nothing: {error}")


def _limits(field: Field, path: Path) -> Iterator[Note]:
    for low, high in PAIRS:
        least, most = getattr(field.validation, low), getattr(field.validation, high)
        if least is not None and most is not None and least > most:
            yield Note((*path, low), "limits-crossed", f"{low} {least} is above {high} {most}, so no value passes")


def _without_effect(field: Field, path: Path) -> Iterator[Note]:
    for name in BEARING[ANY]:
        if getattr(field.validation, name) is not None and name not in BEARING.get(field.type, ()):
            yield Note((*path, name), "no-effect", f"{name} has no effect on a field of type {field.type}")


def _choices(field: Field) -> Iterator[Note]:
    path = (*field.source, "choices")
    kinds = {choice.is_object for choice in field.choices}
    if len(kinds) > 1:
        yield Note(path, "choices-mixed", "some choices are objects and some are not; let all be of one shape")
    expected = PYTHON_TYPES.get(field.type)
    for index, choice in enumerate(field.choices):
        if expected and not isinstance(choice.key, expected):
            message = f'the choice "{choice.label}" is not of the field\'s type, {field.type}'
            yield Note(choice.source, "choice-type", message)
        if any(same(choice.key, other.key) for other in field.choices[:index]):
            yield Note(choice.source, "choice-repeats", f'two choices have the value of "{choice.label}"')


def _default(field: Field) -> Iterator[Note]:
    if field.default is None:
        return
    if field.default == "" and field.type == "object":
        message = 'the default of an object is an object or a choice; leave "" out for none'
        yield Note(field.default_source, "default-empty", message)
    elif not _accepts_default(field):
        yield Note(field.default_source, "default-invalid", "the default fails the field's own validation")


def _accepts_default(field: Field) -> bool:
    """Say whether a newly opened form may hold the default; what is required in it may still be filled in."""
    broken: list[Broken] = []
    budget = Budget()

    def prepare(each: Field, _hidden: bool) -> Visit:
        check = FieldCheck(each)

        def do(_state: Any, value: Any, _steps: Steps, step: str | int) -> Any:
            broken.extend(check.broken(value, budget, is_item=isinstance(step, int)))
            return value

        return Visit(do)

    Walk((field,), prepare).over({field.id: field.default})
    return all(each.rule == "required" for each in broken)
