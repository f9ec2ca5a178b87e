"""What a value may be by its type, and numbers sent as text (decision 7)."""

import pytest

from src.runtime.forms import FormValidator
from tests.forms.building import REQUIRED, field, form, rules_of

OF_TYPE = {
    "string": "text",
    "number": 1.5,
    "integer": 1,
    "boolean": True,
    "connection": {"id": "c"},
    "object": {"a": 1},
    "array": [1],
}
ALSO = {
    ("number", "integer"),
    ("connection", "string"),
    ("connection", "object"),
    ("object", "connection"),
    *(("string", type_) for type_ in ("number", "integer", "boolean")),
}


@pytest.mark.parametrize("type_", OF_TYPE)
@pytest.mark.parametrize("value_of", OF_TYPE)
def test_a_value_must_be_of_the_fields_type(type_, value_of):
    accepted = type_ == value_of or (type_, value_of) in ALSO
    assert rules_of(field(type_), OF_TYPE[value_of]) == ([] if accepted else ["type"])


@pytest.mark.parametrize("data", [None, [], "x", 1, True])
def test_data_that_is_no_object_is_one_fault(data):
    found = FormValidator(form(field("string", **REQUIRED))).validate(data)
    assert [(each.field, each.rule) for each in found.errors] == [("", "type")]
    assert found.errors[0].message.startswith("The data must be an object, not ")


def test_unknown_properties_are_fine_and_handed_on():
    data = {"x": "a", "more": [1], "_meta": {"y": 1}}
    assert FormValidator(form(field("string"))).validate(data).data == data


@pytest.mark.parametrize(
    "type_, sent, handed_on",
    [
        ("integer", "5", 5),
        ("integer", " -12 ", -12),
        ("integer", "5.0", 5),
        ("integer", 5.0, 5),
        ("integer", "1e3", 1000),
        ("number", "5", 5),
        ("number", "+7.50", 7.5),
        ("number", "1e-2", 0.01),
        ("number", 5.0, 5.0),
    ],
)
def test_numeric_texts_are_accepted_and_the_number_is_handed_on(type_, sent, handed_on):
    data = {"x": sent}
    found = FormValidator(form(field(type_))).validate(data)
    assert found.errors == ()
    assert (found.data["x"], type(found.data["x"])) == (handed_on, type(handed_on))
    assert data == {"x": sent}


@pytest.mark.parametrize("sent", ["five", "5,0", "0x10", "1_000", "NaN", "Infinity", "1e999", "٥", "5 5", True, [5]])
def test_what_is_no_number_is_refused(sent):
    assert rules_of(field("number"), sent) == ["type"]


@pytest.mark.parametrize("sent", ["5.5", 5.5])
def test_a_fraction_is_no_whole_number(sent):
    assert rules_of(field("integer"), sent) == ["type"]


def test_numbers_are_made_at_any_depth():
    amount = {"id": "amount", "type": "integer"}
    schema = form(field("array", items={"type": "object", "fields": [amount, {"id": "name", "type": "string"}]}))
    found = FormValidator(schema).validate({"x": [{"amount": "1", "name": "2"}, {"amount": 3}, "no object"]})
    assert found.data == {"x": [{"amount": 1, "name": "2"}, {"amount": 3}, "no object"]}
    assert [each.field for each in found.errors] == ["x[2]"]


def test_limits_are_checked_on_the_number_a_text_stands_for():
    assert rules_of(field("integer", validation={"maximum": 10}), "11") == ["maximum"]
