"""A form as JSON Schema 2020-12."""

from __future__ import annotations

from typing import Any

from .binding import Fields
from .either import Either
from .field import Field
from .form import Form
from .schema_conditions import passes
from .schema_values import Schema, not_empty, unless_unset, value_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def to_json_schema(form: Form, *, described: bool = True) -> dict[str, Any]:
    """Convert an effective form; additional properties stay allowed.

    Args:
        described: with labels, descriptions and defaults, which no validation needs.
    """
    return {"$schema": DIALECT, **Converter(described).members(form.fields, hidden=False)}


class Converter:
    """Turns fields into schemas, each field object once.

    Args:
        described: with labels, descriptions and defaults.
    """

    def __init__(self, described: bool) -> None:
        self.described = described
        self._done: dict[tuple[int, bool], tuple[Field, Schema]] = {}

    def members(self, fields: Fields, hidden: bool) -> Schema:
        """Return the schema of an object with these fields."""
        by_id = {each.id: each for each in reversed(fields) if each.id}  # the first of two with one id
        plain = [each for each in by_id.values() if not isinstance(each, Either)][::-1]
        schema: Schema = {"type": "object", "properties": {each.id: self.value(each, hidden) for each in plain}}
        required = [each.id for each in plain if _required(each, hidden)]
        if required:
            schema["required"] = required
        branching = [self._branches(each, hidden) for each in by_id.values() if isinstance(each, Either)][::-1]
        return {**schema, "allOf": branching} if branching else schema

    def value(self, field: Field, hidden: bool) -> Schema:
        """Return the schema of a field's value in the object that holds it."""
        core = self._core(field, hidden or field.hidden)
        core = not_empty(field, core) if _required(field, hidden) else unless_unset(field, core)
        return {**_described(field), **core} if self.described else core

    def _item(self, field: Field, hidden: bool) -> Schema:
        """Return the schema of an array's item: a value, not a field that may be left out."""
        key = (id(field), hidden)
        if key not in self._done:
            core = self._core(field, hidden or field.hidden)
            schema = not_empty(field, core) if _required(field, hidden) else core
            self._done[key] = (field, schema)  # the field is kept so that its id is
        return self._done[key][1]

    def _core(self, field: Field, hidden: bool) -> Schema:
        schema = value_schema(field)
        if field.type == "object" and field.fields:
            members = self.members(field.fields, hidden)
            schema.update({name: value for name, value in members.items() if name != "type"})
        if field.type == "array" and (every := field.every_item):
            schema["items"] = self._item(every, hidden)
            if field.each:
                each = (field.item(index) or every for index in range(len(field.each)))
                schema["prefixItems"] = [self._item(item, hidden) for item in each]
        return schema

    def _branches(self, field: Field, hidden: bool) -> Schema:
        """Return what one property of an object must satisfy, which depends on a condition."""
        if isinstance(field, Either):
            yes, no = self._branches(field.yes, hidden), self._branches(field.no, hidden)
            return {"if": passes(field.test), "then": yes, "else": no}

        schema: Schema = {"properties": {field.id: self.value(field, hidden)}}
        return {**schema, "required": [field.id]} if _required(field, hidden) else schema


def _required(field: Field, hidden: bool) -> bool:
    return field.required and not hidden


def _described(field: Field) -> dict[str, Any]:
    texts = {"title": field.label, "description": field.description}
    described: dict[str, Any] = {name: text for name, text in texts.items() if text}
    return described if field.default is None else {**described, "default": field.default}
