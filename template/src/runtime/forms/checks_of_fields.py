"""What is wrong with a field by itself."""

from __future__ import annotations

from collections.abc import Iterator

from .field import Field
from .json_schema import Converter
from .keywords import accepts
from .notes import Note, Path
from .pattern_tokens import PatternError
from .patterns import compiled, not_javascript
from .schema_values import LIMITS
from .slow_patterns import is_slow
from .values import same
from .vocabulary import ANY

PAIRS = (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items"))
PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
}


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
        compiled(pattern)
    except PatternError as error:
        yield Note(path, "pattern-invalid", f"the pattern cannot be searched, so nothing is checked: {error}")
        return

    foreign = not_javascript(pattern)
    if foreign:
        yield Note(path, "pattern-not-javascript", f"JavaScript, which the platform's forms use, has no {foreign}")
    if is_slow(compiled(pattern).pattern):
        message = "a repetition within a repetition can take time without end, so only short values are searched"
        yield Note(path, "pattern-slow", message)


def _limits(field: Field, path: Path) -> Iterator[Note]:
    for low, high in PAIRS:
        least, most = getattr(field.validation, low), getattr(field.validation, high)
        if least is not None and most is not None and least > most:
            yield Note((*path, low), "limits-crossed", f"{low} {least} is above {high} {most}, so no value passes")


def _without_effect(field: Field, path: Path) -> Iterator[Note]:
    said = [*(name for pair in PAIRS for name in pair), "pattern"]
    bearing = {*LIMITS.get(field.type, {}), *(("pattern",) if field.type in ("string", ANY) else ())}
    for name in said:
        if getattr(field.validation, name) is not None and name not in bearing:
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
    elif not accepts(Converter(described=False).value(field, hidden=True), field.default):
        yield Note(field.default_source, "default-invalid", "the default fails the field's own validation")
