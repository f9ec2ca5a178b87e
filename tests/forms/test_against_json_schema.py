"""Checking agrees with jsonschema: random effective forms, written as JSON Schema here, by another hand."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from src.runtime.forms import Field, effective, read_form
from src.runtime.forms.checking import EffectiveForm
from tests.forms.strategies import JSON, data_for, schemas

LIMITS = {
    "min_length": ("minLength", ("string", "any")),
    "max_length": ("maxLength", ("string", "any")),
    "minimum": ("minimum", ("number", "integer", "any")),
    "maximum": ("maximum", ("number", "integer", "any")),
    "min_items": ("minItems", ("array", "any")),
    "max_items": ("maxItems", ("array", "any")),
}
UNSET_CHOICE = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"enum": ["", None]}},
    "propertyNames": {"enum": ["id", "label"]},
}
NOTHING = {"anyOf": [{"enum": [None, "", []]}, UNSET_CHOICE]}


def of_object(fields: tuple[Field, ...]) -> dict[str, Any]:
    by_id = {each.id: each for each in reversed(fields) if each.id}
    required = [each.id for each in by_id.values() if each.required]
    return {
        "type": "object",
        "properties": {name: of_field(each) for name, each in by_id.items()},
        **({"required": required} if required else {}),
    }


def of_field(field: Field, *, item: bool = False) -> dict[str, Any]:
    if field.hidden:
        return {}
    schema = of_value(field)
    if field.required:
        return {**schema, "not": NOTHING}
    if item:
        return schema
    objects = field.takes_choice_objects or field.type in ("object", "connection", "any")
    unset = {"anyOf": [{"enum": [None, ""]}, *([UNSET_CHOICE] if objects else [])]}
    return {"if": unset, "else": schema}


def of_value(field: Field) -> dict[str, Any]:
    schema = of_kind(field)
    for name, (keyword, types) in LIMITS.items():
        limit = getattr(field.validation, name)
        if limit is not None and field.type in types:
            schema[keyword] = limit
    if field.type == "object" and field.fields:
        schema = {"allOf": [schema, {**of_object(field.fields), "type": ["object", "string", "number", "boolean"]}]}
    if field.type == "array" and field.every_item is not None:
        schema["items"] = of_field(field.every_item, item=True)
        if field.each:
            items = [field.item(index) or field.every_item for index in range(len(field.each))]
            schema["prefixItems"] = [of_field(each, item=True) for each in items]
    return schema


def of_kind(field: Field) -> dict[str, Any]:
    if field.content and field.type in ("string", "object"):
        return {"type": ["object", "string", "number", "boolean"]} if field.type == "object" else {}
    if field.is_enum and field.type != "array":
        keys = [choice.key for choice in field.choices]
        objects = field.type in ("object", "any") or any(choice.is_object for choice in field.choices)
        of_id = {"type": "object", "required": ["id"], "properties": {"id": {"enum": keys}}}
        return {"anyOf": [{"enum": keys}, *([of_id] if objects else [])]}
    if field.type == "connection":
        return {"type": ["string", "object"], "minLength": 1}
    kind = {} if field.type == "any" else {"type": field.type}
    free = field.choices and field.type != "array"  # choices of an array are those of its items
    return {"anyOf": [kind, {"enum": [choice.key for choice in field.choices]}]} if free else kind


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_both_accept_the_same(data):
    form = read_form(data.draw(schemas()))
    likely = data_for(form)
    value = data.draw(st.one_of(likely, likely, JSON))
    shown = without_texts(effective(form, EffectiveForm(form).converted(value)))
    found = EffectiveForm(shown).validated(value)
    assert (found.errors == ()) == Draft202012Validator(of_object(shown.fields)).is_valid(found.data)


def without_texts(form):
    """Drop formats and patterns, of which the two know different amounts."""

    def plain(field: Field) -> Field:
        return replace(
            field,
            format=None,
            validation=replace(field.validation, pattern=None),
            fields=tuple(map(plain, field.fields)) if field.fields is not None else None,
            items=plain(field.items) if field.items else None,
            each=tuple(map(plain, field.each)),
        )

    return replace(form, fields=tuple(map(plain, form.fields)))
