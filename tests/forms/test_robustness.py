"""Nothing a schema or its data can hold raises anything but a FormError."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from src.runtime.forms import FormError, FormValidator, effective, read_form, static_json_schema, to_json_schema
from src.runtime.forms.keywords import FormSchemaValidator
from tests.forms.strategies import JSON, data_for, schemas

many = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

KEYS = st.sampled_from(
    ["fields", "items", "id", "type", "rules", "if", "then", "and", "choices", "values", "validation", "ui_options",
     "content", "content_objects", "enum", "enumNames", "default", "properties", "required", "conditions", "metadata",
     "operator", "value", "pattern", "minimum", "ui_order", "apply_as", "hidden", "ui_widget", "validation_messages"]
)  # fmt: skip
NESTED = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.sampled_from(["array", "object", "("])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=40,
)


@many
@given(st.one_of(JSON, NESTED))
def test_reading_any_json_gives_a_form_or_a_form_error(schema):
    try:
        form = read_form(schema)
    except FormError:
        assert not isinstance(schema, dict)
        return
    assert all(note.message and note.kind for note in form.notes)
    Draft202012Validator.check_schema(to_json_schema(form))
    form.defaults(), form.content_objects(), form.ordered(), list(form.walk())


@many
@given(st.data())
def test_validating_any_json_gives_faults_not_exceptions(data):
    schema = data.draw(st.one_of(NESTED.filter(lambda value: isinstance(value, dict)), schemas()))
    validator, strict = FormValidator(schema), FormValidator(schema, strict=True)
    for _ in range(3):
        value = data.draw(st.one_of(JSON, data_for(read_form(schema))))
        before = json.dumps(value)
        for found in (validator.validate(value), strict.validate(value)):
            assert all(error.rule and error.message for error in found.errors)
            assert len({(error.field, error.rule) for error in found.errors}) == len(found.errors)
        assert json.dumps(value) == before


@many
@given(st.data())
def test_our_keywords_mean_what_jsonschemas_own_mean(data):
    form = read_form(data.draw(schemas()))
    value = data.draw(data_for(form))
    schema = _without_formats(to_json_schema(effective(form, value)))
    assert FormSchemaValidator(schema).is_valid(value) == Draft202012Validator(schema).is_valid(value)


def _without_formats(schema):
    """Drop what the two know different amounts of: formats, and the anchors of patterns."""
    if isinstance(schema, list):
        return [_without_formats(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _without_formats(each) for key, each in schema.items() if key not in ("format", "pattern")}


NESTING: list[Any] = []
for _ in range(900):
    NESTING = [NESTING]
SCHEMA = {
    "fields": [
        {"id": "text", "type": "string", "validation": {"min_length": 2, "pattern": "x"}},
        {"id": "amount", "type": "number", "validation": {"minimum": 1}},
        {"id": "one", "type": "string", "choices": {"values": [{"value": "a"}, {"value": {"id": "b"}}]}},
        {"id": "whole", "type": "integer"},
    ]
}


HOSTILE = {
    "nested": NESTING,
    "huge": 10**5000,
    "hugely_negative": -(10**5000),
    "infinite": float("inf"),
    "no_number": float("nan"),
    "long_digits": "9" * 5000,
    "overflowing": "1e9999",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("field", ["text", "amount", "one"])
def test_hostile_values_are_faults(field, value):
    found = FormValidator(SCHEMA).validate({field: value})
    if field == "amount" and value == 10**5000:
        assert found.errors == ()
    else:
        assert [error.field for error in found.errors] == [field]


def test_a_million_faults_are_answered_with_the_first_thousand():
    schema = {"fields": [{"id": "names", "type": "array", "items": {"type": "string"}}]}
    errors = FormValidator(schema).validate({"names": [1] * 1_000_000}).errors
    assert len(errors) == 1000
    assert errors[-1].field == "names[999]"


@pytest.mark.parametrize("schema", [None, [], "form", 1, True])
def test_a_schema_that_is_no_object_is_refused(schema):
    with pytest.raises(FormError, match=r"^a form schema is a JSON object, not (null|a list|a text|a number|true)$"):
        read_form(schema)


def test_a_schema_nested_without_end_is_refused():
    with pytest.raises(FormError, match=r"^a form schema nested more than 64 deep cannot be read$"):
        read_form({"fields": NESTING})


def test_rules_that_give_a_field_too_many_shapes_are_refused_in_the_static_export():
    fields = [{"id": f"f{number}", "type": "string"} for number in range(12)]
    names = ["label", "description", "placeholder"]
    rules = [
        {
            "if": {"and": [{"id": f"f{number}", "operator": "is_empty"}]},
            "then": {"fields": [{"id": "f0", "validation_messages": {f"r{number}": "x"}, names[number % 3]: "x"}]},
        }
        for number in range(12)
    ]
    with pytest.raises(FormError, match=r"^rules give 'f0' more than 1024 shapes; join or drop some of them$"):
        static_json_schema(read_form({"fields": fields, "rules": rules}))
