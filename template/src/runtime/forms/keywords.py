"""JSON Schema's keywords as forms use them, given to jsonschema.

They mean what the specification says; a test compares them with jsonschema's own. Ours exist because those put every
refused value into a message that nobody reads, which takes seconds for a large value and fails for a huge number, and
because preparing each schema within a schema again for each value takes four times as long as all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from .formats import has_format
from .patterns import found
from .values import is_integer, is_number, same

Schema = dict[str, Any]
Errors = Iterable[ValidationError]

TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def errors_within(schema: Schema, value: Any) -> Iterator[ValidationError]:
    """Yield the errors of a value by a schema within another."""
    for keyword, limit in schema.items():
        holds = ON_VALUES.get(keyword)
        if holds is None:
            if keyword in ON_PARTS:
                yield from ON_PARTS[keyword](limit, value, schema)
        elif not holds(limit, value):
            yield ValidationError("", validator=keyword)


def accepts(schema: Schema, value: Any) -> bool:
    """Say whether a schema within another accepts a value, without making an error to find out."""
    for keyword, limit in schema.items():
        holds = ON_VALUES.get(keyword)
        if holds is None:
            if keyword in ON_PARTS and any(True for _ in ON_PARTS[keyword](limit, value, schema)):
                return False
        elif not holds(limit, value):
            return False

    return True


def _is_type(types: str | list[str], value: Any) -> bool:
    return TYPES[types](value) if isinstance(types, str) else any(TYPES[each](value) for each in types)


def _is_one_of(values: list[Any], value: Any) -> bool:
    # What Python finds equal is more than JSON does: 1 and true.
    return value in values and (isinstance(value, str) or any(same(each, value) for each in values))


def _properties(properties: dict[str, Schema], value: Any, _schema: Schema) -> Errors:
    if isinstance(value, dict):
        for name, inner in properties.items():
            if name in value and not accepts(inner, value[name]):
                for error in errors_within(inner, value[name]):
                    error.path.appendleft(name)
                    yield error


def _required(names: list[str], value: Any, _schema: Schema) -> Errors:
    missing = [name for name in names if name not in value] if isinstance(value, dict) else ()
    return [ValidationError("", validator="required", path=(name,)) for name in missing]


def _items(inner: Schema, value: Any, schema: Schema) -> Errors:
    if isinstance(value, list):
        for index in range(len(schema.get("prefixItems", ())), len(value)):
            if not accepts(inner, value[index]):
                for error in errors_within(inner, value[index]):
                    error.path.appendleft(index)
                    yield error


def _prefix_items(prefix: list[Schema], value: Any, _schema: Schema) -> Errors:
    if isinstance(value, list):
        for index, (inner, item) in enumerate(zip(prefix, value)):  # noqa: B905 - either may be the longer
            for error in errors_within(inner, item):
                error.path.appendleft(index)
                yield error


def _if(condition: Schema, value: Any, schema: Schema) -> Errors:
    branch = schema.get("then" if accepts(condition, value) else "else")
    return errors_within(branch, value) if branch else ()


def _all_of(schemas: list[Schema], value: Any, _schema: Schema) -> Errors:
    for each in schemas:
        yield from errors_within(each, value)


ON_VALUES: dict[str, Callable[[Any, Any], bool]] = {
    "type": _is_type,
    "enum": _is_one_of,
    "minLength": lambda least, value: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda most, value: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda least, value: not is_number(value) or value >= least,
    "maximum": lambda most, value: not is_number(value) or value <= most,
    "exclusiveMinimum": lambda least, value: not is_number(value) or value > least,
    "exclusiveMaximum": lambda most, value: not is_number(value) or value < most,
    "minItems": lambda least, value: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda most, value: not isinstance(value, list) or len(value) <= most,
    "pattern": lambda pattern, value: not isinstance(value, str) or found(pattern, value),
    "format": lambda name, value: not isinstance(value, str) or has_format(name, value),
    "anyOf": lambda schemas, value: any(accepts(each, value) for each in schemas),
    "not": lambda schema, value: not accepts(schema, value),
    "contains": lambda schema, value: not isinstance(value, list) or any(accepts(schema, item) for item in value),
    "propertyNames": lambda schema, value: not isinstance(value, dict) or all(accepts(schema, name) for name in value),
}
ON_PARTS: dict[str, Callable[[Any, Any, Schema], Errors]] = {
    "properties": _properties,
    "required": _required,
    "items": _items,
    "prefixItems": _prefix_items,
    "if": _if,
    "allOf": _all_of,
}


def _keyword(name: str) -> Callable[..., Errors]:
    """Return a keyword as jsonschema calls it."""
    if name in ON_PARTS:
        return lambda _validator, limit, value, schema: ON_PARTS[name](limit, value, schema)

    return lambda _validator, limit, value, _schema: errors_within({name: limit}, value)


_extend: Any = validators.extend  # not typed by types-jsonschema
FormSchemaValidator = _extend(Draft202012Validator, {name: _keyword(name) for name in (*ON_VALUES, *ON_PARTS)})
