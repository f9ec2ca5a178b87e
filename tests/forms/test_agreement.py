"""The static export accepts exactly what the rules and then the schema accept; random forms, random data."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from src.runtime.forms import effective, read_form, static_json_schema, to_json_schema
from src.runtime.forms.keywords import FormSchemaValidator
from tests.forms.strategies import JSON, data_for, schemas

many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def assert_agreement(form, static, values):
    for value in values:
        now = to_json_schema(effective(form, value))
        assert FormSchemaValidator(static).is_valid(value) == FormSchemaValidator(now).is_valid(value)


@many
@given(st.data())
def test_random_forms(data):
    form = read_form(data.draw(schemas()))
    static = static_json_schema(form)
    Draft202012Validator.check_schema(json.loads(json.dumps(static)))
    likely = data_for(form)
    assert_agreement(form, static, [data.draw(st.one_of(likely, likely, JSON)) for _ in range(3)])


# Rules of items, on the item and on the whole form, and of both: a form made for them, filled with few values.
FEW = st.sampled_from([None, "", "x", "y"])
ITEM_IDS = ["root", "kind", "email", "tags", "tags.items.t", "people.items.kind", "t", "u", "box.deep"]
CONDITION = st.fixed_dictionaries(
    {"id": st.sampled_from(ITEM_IDS), "operator": st.sampled_from(["equal", "not_equal", "is_empty"]), "value": FEW}
)
PARTIAL = st.sampled_from(
    [
        {"validation": {"required": True}},
        {"validation": {"required": False, "min_length": 2}},
        {"ui_options": {"ui_widget": "hidden"}},
        {"ui_options": {"ui_widget": None}},
        {"type": "string", "apply_as": "fully_replace"},
        {"choices": {"values": [{"value": "x"}]}},
        {"items": {"fields": [{"id": "email", "validation": {"required": True}}]}},
    ]
)
CHANGE = st.builds(lambda name, partial: {"id": name, **partial}, st.sampled_from([*ITEM_IDS, "people"]), PARTIAL)
CLAUSE = st.lists(CONDITION, min_size=1, max_size=2)
RULE = st.fixed_dictionaries(
    {
        "if": st.fixed_dictionaries({}, optional={"and": CLAUSE, "or": CLAUSE}),
        "then": st.fixed_dictionaries({"fields": st.lists(CHANGE, min_size=1, max_size=2)}),
    }
)
RULES = st.lists(RULE, max_size=1)


def _people_form(of_root, of_email, of_items, of_t, of_deep):
    tags = [{"id": "t", "type": "string", "rules": of_t}, {"id": "u", "type": "string"}]
    person = [
        {"id": "kind", "type": "string"},
        {"id": "email", "type": "string", "rules": of_email},
        {"id": "tags", "type": "array", "items": {"type": "object", "fields": tags, "rules": of_items}},
    ]
    deep = [{"id": "deep", "type": "string", "rules": of_deep}]
    fields = [
        {"id": "root", "type": "string"},
        {"id": "box", "type": "object", "fields": deep},
        {"id": "people", "type": "array", "items": {"type": "object", "fields": person}},
    ]
    return {"fields": fields, "rules": of_root}


def _sometimes(**values):
    return st.fixed_dictionaries({}, optional=values)


TAGS = st.lists(_sometimes(t=FEW, u=FEW), max_size=2)
PEOPLE_DATA = _sometimes(
    root=FEW, box=_sometimes(deep=FEW), people=st.lists(_sometimes(kind=FEW, email=FEW, tags=TAGS), max_size=3)
)


@settings(many, max_examples=150)
@given(st.builds(_people_form, RULES, RULES, RULES, RULES, RULES), st.lists(PEOPLE_DATA, min_size=6, max_size=6))
def test_rules_within_lists(schema, values):
    form = read_form(schema)
    assert_agreement(form, static_json_schema(form), values)
