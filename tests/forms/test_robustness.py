"""Nothing a schema or its data can hold raises anything but a FormError."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.runtime.forms import FormError, FormValidator, defaults_of, read_form, remarks
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
    assert all(note.message and note.kind for note in remarks(form))
    defaults_of(form.fields), form.content_objects(), form.ordered(), list(form.walk())


@many
@given(st.data())
def test_validating_any_json_gives_faults_not_exceptions(data):
    schema = data.draw(st.one_of(NESTED.filter(lambda value: isinstance(value, dict)), schemas()))
    validator = FormValidator(schema)
    for _ in range(3):
        value = data.draw(st.one_of(JSON, data_for(read_form(schema))))
        before = json.dumps(value)
        found = validator.validate(value)
        assert all(error.rule and error.message for error in found.errors)
        assert len({(error.steps, error.rule) for error in found.errors}) == len(found.errors)
        assert json.dumps(value) == before


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
    errors = FormValidator(schema).validate({"names": [None] * 1_000_000}).errors
    assert len(errors) == 1000
    assert errors[-1].field == "names[999]"


@pytest.mark.parametrize("schema", [None, [], "form", 1, True])
def test_a_schema_that_is_no_object_is_refused(schema):
    with pytest.raises(FormError, match=r"^a form schema is a JSON object, not (null|a list|a text|a number|true)$"):
        read_form(schema)


def test_a_schema_nested_without_end_is_refused():
    with pytest.raises(FormError, match=r"^a form schema nested more than 64 deep cannot be read$"):
        read_form({"fields": NESTING})
