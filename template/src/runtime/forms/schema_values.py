"""JSON Schemas of the values of single fields."""

from __future__ import annotations

from typing import Any

from .field import Field
from .patterns import is_searchable, portable
from .vocabulary import ANY

Schema = dict[str, Any]

UNSET_CHOICE: Schema = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"enum": ["", None]}},
    "propertyNames": {"enum": ["id", "label"]},
}
# The same as `is_empty`, and what of it an optional field may be that takes objects.
EMPTY: Schema = {"anyOf": [{"enum": [None, "", []]}, UNSET_CHOICE]}
UNSET: Schema = {"anyOf": [{"enum": [None, ""]}, UNSET_CHOICE]}

# Dynamic choices are never an enum (ours): any value that a choice of the content could send is accepted.
DYNAMIC_TYPES: dict[str, list[str]] = {
    "string": ["string", "number", "object"],
    "number": ["number", "object"],
    "integer": ["integer", "object"],
    "boolean": ["boolean", "object"],
    "object": ["object", "string", "number", "boolean"],
}
# The object of a choice in a field of a scalar type, which receives the `id`.
CHOSEN: Schema = {"required": ["id"], "properties": {"id": {"type": ["string", "number", "boolean"]}}}
LENGTHS = {"min_length": "minLength", "max_length": "maxLength"}
AMOUNTS = {"minimum": "minimum", "maximum": "maximum"}
COUNTS = {"min_items": "minItems", "max_items": "maxItems"}
LIMITS: dict[str, dict[str, str]] = {
    "string": LENGTHS,
    "number": AMOUNTS,
    "integer": AMOUNTS,
    "array": COUNTS,
    ANY: {**LENGTHS, **AMOUNTS, **COUNTS},
}


def value_schema(field: Field) -> Schema:
    """Return what a value that is there must satisfy, the fields and items within it aside."""
    schema = _typed(field)
    for name, keyword in LIMITS.get(field.type, {}).items():
        limit = getattr(field.validation, name)
        if limit is not None:
            schema[keyword] = limit
    if field.type not in ("string", ANY):
        return schema

    pattern = field.validation.pattern
    if pattern is not None and is_searchable(pattern):
        schema["pattern"] = portable(pattern)
    return {**schema, "format": field.format} if field.format else schema


def not_empty(field: Field, schema: Schema) -> Schema:
    """Return the schema of a required value.

    Ours, the platform documents none: missing, null, "", [] and {"id": ""} fail; false and 0 are values.
    """
    if field.choices or _takes_objects(field):
        return {**schema, "not": EMPTY}
    if field.type == "string":
        return {**schema, "minLength": max(1, schema.get("minLength", 0))}
    if field.type == "array":
        return {**schema, "minItems": max(1, schema.get("minItems", 0))}

    return schema


def unless_unset(field: Field, schema: Schema) -> Schema:
    """Return the schema of an optional value: it may also be null, "", or what its control has for nothing chosen."""
    if not schema:
        return schema
    if field.type == "array":
        return {"if": {"enum": [None, "", []]}, "else": schema}

    return {"if": UNSET if _takes_objects(field) else {"enum": [None, ""]}, "else": schema}


def with_id(schema: Schema) -> Schema:
    """Return the schema of an object with such an `id`."""
    return {"type": "object", "required": ["id"], "properties": {"id": schema}}


def _typed(field: Field) -> Schema:
    if field.type == "array":
        return {"type": "array"}
    if field.content and field.type in DYNAMIC_TYPES:
        chosen = {} if field.type == "object" else CHOSEN
        return {"type": DYNAMIC_TYPES[field.type], **chosen}
    if field.choices and not field.content:
        return _one_of(field)
    if field.type == "connection":
        return {"type": ["string", "object"], "minLength": 1}

    return {} if field.type == ANY else {"type": field.type}


def _one_of(field: Field) -> Schema:
    """Return what static choices accept.

    Ours: a scalar choice is itself; where the type is object, or the choice is, its object or the scalar `id` will do.
    """
    keys: Schema = {"enum": [choice.key for choice in field.choices]}
    objects = [choice.key for choice in field.choices if field.type == "object" or choice.is_object]
    return {"anyOf": [keys, with_id({"enum": objects})]} if objects else keys


def _takes_objects(field: Field) -> bool:
    return field.takes_choice_objects or field.type in ("object", "connection", ANY)
