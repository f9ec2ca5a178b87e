"""What forms become as JSON Schema, to be read by others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from src.runtime.forms import effective, read_form, static_json_schema, to_json_schema

RULE = {
    "if": {"and": [{"id": "kind", "operator": "equal", "value": "email"}]},
    "then": {"fields": [{"id": "email", "validation": {"required": True}}]},
}
SCHEMA = {
    "fields": [
        {"id": "kind", "type": "string", "label": "Kind", "description": "How to reach you", "default": "email"},
        {"id": "email", "type": "string", "format": "email"},
        {"id": "age", "type": "integer", "validation": {"required": True, "minimum": 0}},
    ],
    "rules": [RULE],
}


def optional(schema):
    return {"if": {"enum": [None, ""]}, "else": schema}


KIND = {
    "title": "Kind",
    "description": "How to reach you",
    "default": "email",
    **optional({"type": "string"}),
}
EMAIL = {"type": "string", "format": "email"}


def test_an_effective_form():
    assert to_json_schema(effective(read_form(SCHEMA), {"kind": "email"})) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"kind": KIND, "email": {**EMAIL, "minLength": 1}, "age": {"type": "integer", "minimum": 0}},
        "required": ["email", "age"],
    }


def test_a_form_with_its_rules():
    condition = {"type": "object", "required": ["kind"]}
    static = static_json_schema(read_form(SCHEMA))
    (branching,) = static["allOf"]
    assert static["properties"] == {"kind": KIND, "age": {"type": "integer", "minimum": 0}}
    assert static["required"] == ["age"]
    assert condition.items() <= branching["if"]["allOf"][0]["anyOf"][0].items()
    assert branching["then"] == {"properties": {"email": {**EMAIL, "minLength": 1}}, "required": ["email"]}
    assert branching["else"] == {"properties": {"email": optional(EMAIL)}}


@pytest.mark.parametrize(
    "data, valid",
    [
        ({"age": 1}, True),
        ({"age": 1, "kind": "email"}, False),
        ({"age": 1, "kind": "email", "email": "a@b.c"}, True),
        ({"age": 1, "kind": "fax", "email": ""}, True),
        ({}, False),
    ],
)
def test_other_validators_read_the_static_export(data, valid):
    static = json.loads(json.dumps(static_json_schema(read_form(SCHEMA))))
    assert Draft202012Validator(static).is_valid(data) is valid


def test_of_two_fields_with_one_id_the_first_counts():
    form = read_form({"fields": [{"id": "x", "type": "string"}, {"id": "x", "type": "number"}]})
    assert to_json_schema(form)["properties"] == {"x": optional({"type": "string"})}


def test_reading_a_form_loads_no_jsonschema():
    used = "import sys; from src.runtime.forms import FormValidator, read_form; read_form({}); FormValidator({})"
    code = f"{used}; print('jsonschema' in sys.modules)"
    template = Path(__file__).parents[2] / "template"
    done = subprocess.run([sys.executable, "-c", code], cwd=template, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_rule_of_items_on_the_whole_form_asks_all_of_one_item():
    asked = [{"id": name, "operator": "equal", "value": "x"} for name in ("one", "two")]
    rules = [{"if": {"and": asked}, "then": {"fields": [{"id": "why", "validation": {"required": True}}]}}]
    item = {
        "type": "object",
        "fields": [{"id": "one", "type": "string", "rules": rules}, {"id": "two", "type": "string"}],
    }
    schema = {"fields": [{"id": "list", "type": "array", "items": item}, {"id": "why", "type": "string"}]}
    static = Draft202012Validator(static_json_schema(read_form(schema)))
    assert static.is_valid({"list": [{"one": "x"}, {"two": "x"}]})
    assert not static.is_valid({"list": [{"one": "x", "two": "x"}]})
    assert static.is_valid({"list": [{"one": "x", "two": "x"}], "why": "so"})
