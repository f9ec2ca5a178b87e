"""The static export accepts exactly what the rules and then the schema accept; random forms, random data."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from src.runtime.forms import FormError, effective, read_form, static_json_schema, to_json_schema
from src.runtime.forms.keywords import FormSchemaValidator
from tests.forms.strategies import JSON, data_for, schemas

slow = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(st.data())
def test_static_export_agrees_with_rules_first(data):
    form = read_form(data.draw(schemas()))
    try:
        static = static_json_schema(form)
    except FormError:
        return
    Draft202012Validator.check_schema(static)
    json.dumps(static)
    for _ in range(3):
        value = data.draw(st.one_of(data_for(form), data_for(form), JSON))
        now = to_json_schema(effective(form, value))
        Draft202012Validator.check_schema(now)
        assert FormSchemaValidator(static).is_valid(value) == FormSchemaValidator(now).is_valid(value)
