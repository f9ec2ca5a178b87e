"""What is said of a value that is refused, and the rules that are asked first."""

import pytest

from src.runtime.forms import FieldError, FormValidator
from tests.forms.building import REQUIRED, faults, field, form, rule, rules_of, when

COLOURS = [{"value": "red", "label": "Red"}, {"value": "blue", "label": "Blue"}]


@pytest.mark.parametrize(
    "kind, good, bad, rule, message",
    [
        (field("string", validation={"min_length": 2}), "ab", "a", "min_length", "must have at least 2 characters"),
        (field("string", validation={"max_length": 1}), "a", "ab", "max_length", "must have at most 1 character"),
        (field("number", validation={"minimum": 2}), 2, 1.5, "minimum", "must be at least 2"),
        (field("integer", validation={"maximum": 2}), 2, 3, "maximum", "must be at most 2"),
        (field("string", validation={"pattern": "b+"}), "abc", "ac", "pattern", "must match the pattern b+"),
        (field("array", validation={"minItems": 2}), [1, 2], [1], "min_items", "must have at least 2 items"),
        (field("array", validation={"maxItems": 1}), [1], [1, 2], "max_items", "must have at most 1 item"),
        (field("string", format="email"), "a@b.c", "a", "format", "must be an email address, such as ada@example.com"),
        (field("string", choices={"values": COLOURS}), "red", "Red", "choices", "must be one of: Red, Blue"),
        (field("boolean"), True, "yes", "type", "must be true or false, not a text"),
        (field("string", **REQUIRED), "a", "", "required", "is required"),
    ],
)
def test_each_rule_says_what_is_wrong(kind, good, bad, rule, message):
    assert rules_of(kind, good) == []
    assert FormValidator(form(kind)).validate({"x": bad}).errors == (FieldError(("x",), f"The field {message}", rule),)


def test_many_choices_are_not_all_named():
    values = [{"value": number, "label": f"Number {number}"} for number in range(12)]
    (error,) = FormValidator(form(field("integer", choices={"values": values}))).validate({"x": 99}).errors
    assert error.message == f"The field must be one of: {', '.join(f'Number {n}' for n in range(10))} and 2 more"


@pytest.mark.parametrize("rule", ["required", "min_length", "pattern", "format", "type"])
def test_texts_of_the_schema_come_first(rule):
    values = {"required": "", "min_length": "ab", "pattern": "aaaa", "format": "xaaa", "type": [5]}
    limits = {"required": True, "min_length": 3, "pattern": "x"}
    kind = field("string", format="email", validation=limits, validation_messages={rule: "Try again."})
    found = FormValidator(form(kind)).validate({"x": values[rule]}).errors
    assert FieldError(("x",), "Try again.", rule) in found


def test_every_fault_is_reported_where_it_is():
    contact = [
        {"id": "email", "type": "string", "label": "Email", "format": "email", **REQUIRED},
        {"id": "age", "type": "integer", "validation": {"minimum": 0}},
    ]
    schema = form(
        {"id": "name", "type": "string", "label": "Your name:", **REQUIRED},
        {"id": "contacts", "type": "array", "label": "Contacts", "items": {"type": "object", "fields": contact}},
        {
            "id": "address",
            "type": "object",
            "fields": [{"id": "zip", "type": "string", "validation": {"max_length": 5}}],
        },
        {"id": "tags", "type": "array", "label": "Tags", "items": {"type": "string"}},
        {"id": "urls", "type": "array", "items": {"type": "string", "label": "Address"}},
    )
    data = {
        "contacts": [{"email": "x", "age": -1}, {}, 5],
        "address": {"zip": "123456"},
        "tags": ["a", [1]],
        "urls": [None],
    }
    assert FormValidator(schema).validate(data).errors == (
        FieldError(("name",), "Your name is required", "required"),
        FieldError(("contacts", 0, "email"), "Email must be an email address, such as ada@example.com", "format"),
        FieldError(("contacts", 0, "age"), "age must be at least 0", "minimum"),
        FieldError(("contacts", 1, "email"), "Email is required", "required"),
        FieldError(("contacts", 2), "Contacts, item 3, must be an object, not a number", "type"),
        FieldError(("address", "zip"), "zip must have at most 5 characters", "max_length"),
        FieldError(("tags", 1), "Tags, item 2, must be a text, not a list", "type"),
        FieldError(("urls", 0), "Address 1 must be a text, not null", "type"),
    )


def test_rules_are_evaluated_before_the_data_is_checked():
    rule = {
        "if": {"and": [{"id": "kind", "operator": "equal", "value": "email"}]},
        "then": {"fields": [{"id": "x", **REQUIRED, "format": "email"}]},
    }
    schema = form({"id": "kind", "type": "string"}, field("string"), rules=[rule])
    assert faults(schema, {"kind": "fax"}) == []
    assert faults(schema, {"kind": "email"}) == [("x", "required")]
    assert faults(schema, {"kind": "email", "x": "ada"}) == [("x", "format")]


def test_conditions_see_the_number_a_text_stands_for():
    rule = {
        "if": {"and": [{"id": "amount", "operator": "greater_than", "value": 10}]},
        "then": {"fields": [{"id": "x", **REQUIRED}]},
    }
    schema = form({"id": "amount", "type": "number"}, field("string"), rules=[rule])
    assert faults(schema, {"amount": "11"}) == [("x", "required")]


def test_any_number_of_forms_is_validated_with_a_bounded_number_kept():
    rules = [
        {
            "if": {"and": [{"id": f"f{number}", "operator": "equal", "value": 1}]},
            "then": {"fields": [{"id": "x", "validation": {"min_length": number + 1}}]},
        }
        for number in range(200)
    ]
    fields = [{"id": f"f{number}", "type": "number"} for number in range(200)]
    validator = FormValidator(form(*fields, field("string"), rules=rules))
    for number in range(200):
        data = {f"f{number}": 1, "x": "a"}
        assert [each.rule for each in validator.validate(data).errors] == (["min_length"] if number else [])
    assert validator._forms is not None
    assert len(validator._forms._kept) <= 64


def test_a_rule_that_makes_a_field_a_number_makes_its_text_one():
    rules = [rule(when("kind", "equal", "amount"), {"id": "x", "type": "number"})]
    schema = form({"id": "kind", "type": "string"}, field("string"), rules=rules)
    assert FormValidator(schema).validate({"kind": "amount", "x": "5"}).data == {"kind": "amount", "x": 5}
    assert FormValidator(schema).validate({"kind": "name", "x": "5"}).data == {"kind": "name", "x": "5"}


def test_a_place_is_told_as_text_and_kept_as_steps():
    """An id with a dot has one step, whatever its text looks like."""
    dotted = {"id": "a.b", "type": "array", "items": {"type": "integer"}}
    (error,) = FormValidator(form(dotted)).validate({"a.b": ["x"]}).errors
    assert (error.steps, error.field) == (("a.b", 0), "a.b[0]")


@pytest.mark.parametrize("type_", ["number", "integer", "boolean", "object", "array"])
def test_a_template_that_was_not_replaced_is_told_as_such(type_):
    kind = field(type_, validation_messages={"type": "Try again."})
    (error,) = FormValidator(form(kind)).validate({"x": "{{ MODULE.a.output.id }}"}).errors
    assert error.message == "The field still holds a template that was not replaced with a value"
