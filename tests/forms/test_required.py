"""What must be there, and what may be left out (decisions 5 and 6); hidden fields."""

from typing import Any

import pytest

from src.runtime.forms import FormValidator
from tests.forms.building import REQUIRED, WITH_CONTENT, faults, field, form, rules_of

NOTHING: list[Any] = [None, "", [], {"id": ""}, {"id": None, "label": ""}]
WITH_CHOICES = {"choices": {"values": [{"value": "a"}, {"value": ""}]}}
KINDS = [
    field("string"),
    field("string", **WITH_CHOICES),
    field("string", **WITH_CONTENT),
    field("number"),
    field("integer"),
    field("boolean"),
    field("connection"),
    field("object"),
    field("object", **WITH_CONTENT),
    field("object", fields=[{"id": "inner", "type": "string"}]),
    field("array"),
    field("array", items={"type": "string"}),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join([kind["type"], *list(kind)[3:]]))
@pytest.mark.parametrize("value", NOTHING, ids=str)
def test_nothing_fails_where_something_is_required(kind, value):
    assert faults(form({**kind, **REQUIRED}), {"x": value}) == [("x", "required")]
    assert faults(form({**kind, **REQUIRED}), {}) == [("x", "required")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join([kind["type"], *list(kind)[3:]]))
@pytest.mark.parametrize("value", [None, ""], ids=str)
def test_null_and_an_empty_text_are_fine_where_nothing_is_required(kind, value):
    limits = {"validation": {"min_length": 2, "minimum": 5, "minItems": 2, "pattern": "x"}, "format": "email"}
    assert faults(form({**kind, **limits}), {"x": value}) == []
    assert faults(form({**kind, **limits}), {}) == []


@pytest.mark.parametrize(
    "kind, value",
    [
        (field("boolean"), False),
        (field("number"), 0),
        (field("integer"), 0),
        (field("object"), {}),
        (field("object"), {"id": 0}),
        (field("object"), {"id": "", "amount": 5}),
        (field("array"), [None]),
        (field("connection"), "connection-1"),
        (field("connection"), {"id": "connection-1", "connection_data": {"value": {"token": "t"}}}),
    ],
)
def test_a_value_is_a_value_however_little_it_is(kind, value):
    assert faults(form({**kind, **REQUIRED}), {"x": value}) == []


@pytest.mark.parametrize("value", [[], {"id": ""}])
def test_what_a_control_has_for_nothing_chosen_is_fine_where_nothing_is_required(value):
    kind = field("array") if value == [] else field("object", **WITH_CHOICES)
    assert rules_of(kind, value) == []


def test_an_empty_list_is_a_value_that_may_be_too_short():
    assert rules_of(field("array", validation={"min_items": 1}), []) == ["min_items"]


def test_items_are_values_not_fields_that_may_be_left_out():
    schema = form(field("array", items={"type": "string"}))
    assert faults(schema, {"x": ["a", None]}) == [("x[1]", "type")]
    schema = form(field("array", items={"type": "string", **REQUIRED}))
    assert faults(schema, {"x": ["", None]}) == [("x[0]", "required"), ("x[1]", "required")]


def test_a_hidden_field_is_never_required_nor_is_anything_in_it():
    inner = {"id": "inner", "type": "string", **REQUIRED}
    hidden = field("object", ui_options={"ui_widget": "hidden"}, fields=[inner], **REQUIRED)
    assert faults(form(hidden), {}) == []
    assert faults(form(hidden), {"x": {}}) == []


@pytest.mark.parametrize("type_, sent, kept", [("string", "abc", "abc"), ("number", "5", 5), ("number", "abc", "abc")])
def test_a_hidden_field_keeps_its_value_which_is_converted_where_that_works_and_never_checked(type_, sent, kept):
    hidden = field(type_, ui_options={"ui_widget": "hidden"}, validation={"required": True, "max_length": 2})
    found = FormValidator(form(hidden)).validate({"x": sent})
    assert (found.errors, found.data) == ((), {"x": kept})
