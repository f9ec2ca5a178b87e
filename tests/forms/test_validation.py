"""What the validator accepts, what it hands on, and what it says."""

from typing import Any

import pytest

from src.runtime.forms import FieldError, FormValidator

NOTHING: list[Any] = [None, "", [], {"id": ""}, {"id": None, "label": ""}]


def form(*fields, **parts):
    return {"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": list(fields), **parts}


def field(type_, **parts):
    return {"id": "x", "type": type_, "label": "The field", **parts}


def faults(schema, data, **options):
    return [(each.field, each.rule) for each in FormValidator(schema, **options).validate(data).errors]


def rules_of(schema_field, value):
    return [rule for _, rule in faults(form(schema_field), {"x": value})]


# --- required and unset (decisions 5 and 6) ---

REQUIRED = {"validation": {"required": True}}
WITH_CHOICES = {"choices": {"values": [{"value": "a"}, {"value": ""}]}}
WITH_CONTENT = {"content": {"type": ["managed"], "content_objects": [{"id": "things"}]}}
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
    kind = field("array", validation={"minItems": 2}) if value == [] else field("object", **WITH_CHOICES)
    assert rules_of(kind, value) == []


def test_items_are_values_not_fields_that_may_be_left_out():
    schema = form(field("array", items={"type": "string"}))
    assert faults(schema, {"x": ["a", None]}) == [("x[1]", "type")]
    schema = form(field("array", items={"type": "string", **REQUIRED}))
    assert faults(schema, {"x": ["", None]}) == [("x[0]", "required"), ("x[1]", "required")]


# --- hidden fields ---


def test_a_hidden_field_is_never_required_nor_is_anything_in_it():
    inner = {"id": "inner", "type": "string", **REQUIRED}
    hidden = field("object", ui_options={"ui_widget": "hidden"}, fields=[inner], **REQUIRED)
    assert faults(form(hidden), {}) == []
    assert faults(form(hidden), {"x": {}}) == []


def test_a_hidden_field_keeps_its_value_which_is_still_checked():
    hidden = field("string", ui_options={"ui_widget": "hidden"}, validation={"required": True, "max_length": 2})
    assert FormValidator(form(hidden)).validate({"x": "ab"}).data == {"x": "ab"}
    assert rules_of(hidden, "abc") == ["max_length"]


# --- types ---

OF_TYPE = {
    "string": "text",
    "number": 1.5,
    "integer": 1,
    "boolean": True,
    "connection": {"id": "c"},
    "object": {"a": 1},
    "array": [1],
}
ALSO = {("number", "integer"), ("connection", "string"), ("connection", "object"), ("object", "connection")}


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


# --- numbers (decision 7) ---


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


@pytest.mark.parametrize("type_", ["number", "integer"])
def test_strict_mode_flags_numeric_texts(type_):
    found = FormValidator(form(field(type_)), strict=True).validate({"x": "5"})
    assert found.errors == (FieldError("x", TYPE_MESSAGES[type_], "type"),)
    assert found.data == {"x": "5"}


TYPE_MESSAGES = {
    "number": "The field must be a number, not a text",
    "integer": "The field must be a whole number, not a text",
}


# --- choices (decisions 1 and 2) ---

COLOURS = {"choices": {"values": [{"value": "red", "label": "Red"}, {"value": "blue", "label": "Blue"}]}}
PEOPLE = {"choices": {"values": [{"value": {"id": 1, "label": "Ada"}}, {"value": {"id": 2, "label": "Bob"}}]}}


@pytest.mark.parametrize(
    "kind, accepted, refused",
    [
        (field("string", **COLOURS), ["red"], ["green", {"id": "red"}, ["red"], 1]),
        (field("object", **COLOURS), ["red", {"id": "red", "label": "Red"}], ["green", {"id": "green"}, {}]),
        (field("object", **PEOPLE), [1, {"id": 1}, {"id": 2, "label": "Robert"}], [3, {"id": 3}, "1", True]),
        (field("integer", **PEOPLE), [1, {"id": 1}], [3, {"id": 3}]),
        (field("integer", choices={"values": [{"value": "1"}, {"value": 2}]}), [1, "1", "2"], [3, "3"]),
        (field("array", **COLOURS), [["red", "blue"], []], []),
        (field("string", choices={"values": [{"value": {"a": 1}}]}), [{"a": 1}], [{"a": 2}, {"a": True}]),
    ],
)
def test_static_choices_are_an_enum(kind, accepted, refused):
    assert [rules_of(kind, value) for value in accepted] == [[]] * len(accepted)
    assert [rules_of(kind, value) for value in refused] == [["choices"]] * len(refused)


@pytest.mark.parametrize("items", [{}, {"items": {"type": "string"}}])
def test_the_choices_of_a_list_are_those_of_its_items(items):
    assert faults(form(field("array", **COLOURS, **items)), {"x": ["red", "green"]}) == [("x[1]", "choices")]


def test_an_empty_list_of_choices_restricts_nothing():
    assert rules_of(field("string", choices={"values": []}), "anything") == []


@pytest.mark.parametrize(
    "kind, accepted, refused",
    [
        (field("string", **WITH_CONTENT, **COLOURS), ["green", 5, {"id": "g", "label": "Green"}], [True, [], {"a": 1}]),
        (field("integer", **WITH_CONTENT), [5, "5", {"id": 5}], ["green"]),
        (field("object", **WITH_CONTENT), ["green", 5, {"id": "g"}, {"any": "thing"}], [["green"]]),
        (field("array", items={"type": "string", **WITH_CONTENT}), [["green"]], ["green"]),
    ],
)
def test_dynamic_choices_are_never_an_enum(kind, accepted, refused):
    assert [rules_of(kind, value) for value in accepted] == [[]] * len(accepted)
    assert [rules_of(kind, value) for value in refused] == [["type"]] * len(refused)


# --- limits, patterns, formats ---


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
        (field("string", **COLOURS), "red", "Red", "choices", "must be one of: Red, Blue"),
        (field("boolean"), True, "true", "type", "must be true or false, not a text"),
        (field("string", **REQUIRED), "a", "", "required", "is required"),
    ],
)
def test_each_rule_says_what_is_wrong(kind, good, bad, rule, message):
    assert rules_of(kind, good) == []
    assert FormValidator(form(kind)).validate({"x": bad}).errors == (FieldError("x", f"The field {message}", rule),)


def test_many_choices_are_not_all_named():
    values = [{"value": number, "label": f"Number {number}"} for number in range(12)]
    (error,) = FormValidator(form(field("integer", choices={"values": values}))).validate({"x": 99}).errors
    assert error.message == f"The field must be one of: {', '.join(f'Number {n}' for n in range(10))} and 2 more"


@pytest.mark.parametrize("rule", ["required", "min_length", "pattern", "format", "type"])
def test_texts_of_the_schema_come_first(rule):
    values = {"required": "", "min_length": "ab", "pattern": "aaaa", "format": "xaaa", "type": 5}
    limits = {"required": True, "min_length": 3, "pattern": "x"}
    kind = field("string", format="email", validation=limits, validation_messages={rule: "Try again."})
    found = FormValidator(form(kind)).validate({"x": values[rule]}).errors
    assert FieldError("x", "Try again.", rule) in found


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
        "tags": ["a", 1],
        "urls": [None],
    }
    assert FormValidator(schema).validate(data).errors == (
        FieldError("contacts[0].email", "Email must be an email address, such as ada@example.com", "format"),
        FieldError("contacts[0].age", "age must be at least 0", "minimum"),
        FieldError("contacts[1].email", "Email is required", "required"),
        FieldError("contacts[2]", "Contacts, item 3, must be an object, not a number", "type"),
        FieldError("address.zip", "zip must have at most 5 characters", "max_length"),
        FieldError("tags[1]", "Tags, item 2, must be a text, not a number", "type"),
        FieldError("urls[0]", "Address 1 must be a text, not null", "type"),
        FieldError("name", "Your name is required", "required"),
    )


# --- rules, compiled once for each set that fires ---


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
    assert len(validator._kept) <= 64
