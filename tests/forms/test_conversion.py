"""What arrives as text becomes what the field declares, and what was valid stays what it was (decision 13)."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.runtime.forms import Budget, FormValidator, effective, read_form, walk
from src.runtime.forms.checking import EffectiveForm
from src.runtime.forms.field_check import FieldCheck
from tests.forms.building import REQUIRED, faults, field, form
from tests.forms.strategies import JSON, data_for, schemas

many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

NO_NUMBERS = [
    "",
    " ",
    ".",
    "-",
    "1_000",
    "٥",
    "0x10",
    "NaN",
    "Infinity",
    "1e400",
    "1e99999",
    "5,0",
    "--5",
    "five",
    "1 2",
]


@pytest.mark.parametrize(
    "type_, sent, handed_on",
    [
        ("number", " 1.5 ", 1.5),
        ("number", ".5", 0.5),
        ("number", "5.", 5.0),
        ("number", "-5", -5),
        ("number", "+.5e1", 5.0),
        ("integer", "\t+42\n", 42),
        ("integer", "5.", 5),
        ("integer", "9" * 400, int("9" * 400)),
        ("boolean", "true", True),
        ("boolean", "False", False),
        ("boolean", "TRUE", True),
        ("object", '{"a": [1]}', {"a": [1]}),
        ("object", ' {"a": 1}\n', {"a": 1}),
        ("array", '["x", 1]', ["x", 1]),
        ("array", "[]", []),
        ("string", 5, "5"),
        ("string", 1.5, "1.5"),
        ("string", True, "true"),
        ("string", "[1]", "[1]"),
        ("string", "", ""),
    ],
)
def test_a_value_becomes_what_its_field_declares(type_, sent, handed_on):
    found = FormValidator(form(field(type_))).validate({"x": sent})
    assert (found.errors, found.data) == ((), {"x": handed_on})
    assert type(found.data["x"]) is type(handed_on)


@pytest.mark.parametrize("sent", NO_NUMBERS[1:])
@pytest.mark.parametrize("type_", ["number", "integer"])
def test_what_is_no_number_is_refused(type_, sent):
    assert faults(form(field(type_)), {"x": sent}) == [("x", "type")]


@pytest.mark.parametrize(
    "type_, sent",
    [
        ("boolean", "yes"),
        ("boolean", "1"),
        ("boolean", 1),
        ("object", "[1]"),
        ("object", "{"),
        ("object", '{"a": NaN}'),
        ("array", '{"a": 1}'),
        ("array", "x, y"),
        ("array", "[" * 100_000),
        ("string", {"a": 1}),
        ("string", [1]),
        ("number", True),
    ],
)
def test_a_value_of_another_kind_is_refused_as_it_came(type_, sent):
    found = FormValidator(form(field(type_))).validate({"x": sent})
    assert [error.rule for error in found.errors] == ["type"]
    assert found.data == {"x": sent}


@pytest.mark.parametrize("type_", ["number", "integer", "boolean", "object", "array", "connection"])
def test_an_empty_text_counts_as_not_given_where_no_text_is_declared(type_):
    assert FormValidator(form(field(type_))).validate({"x": "", "y": 1}).data == {"y": 1}
    assert faults(form(field(type_, **REQUIRED)), {"x": ""}) == [("x", "required")]


def test_what_stands_in_a_text_is_converted_too():
    row = {"type": "object", "fields": [{"id": "n", "type": "integer"}, {"id": "on", "type": "boolean"}]}
    found = FormValidator(form(field("array", items=row))).validate({"x": '[{"n": "1", "on": "TRUE"}, {"n": ""}]'})
    assert (found.errors, found.data) == ((), {"x": [{"n": 1, "on": True}, {}]})


def test_an_item_is_never_left_out():
    assert faults(form(field("array", items={"type": "integer"})), {"x": ["1", ""]}) == [("x[1]", "type")]


@many
@given(st.data())
def test_converting_twice_gives_the_same(data):
    validator = FormValidator(data.draw(schemas()))
    once = validator.validate(data.draw(data_for(read_form(validator._schema))))
    again = validator.validate(once.data)

    assert json.dumps(again.data) == json.dumps(once.data)
    assert again.errors == once.errors


@many
@given(st.data())
def test_what_was_valid_stays_what_it_was(data):
    """All but `{id, label}` of scalar dropdowns, `""` of what is no text, and 5.0, which is the whole number 5."""
    shown = read_form({**data.draw(schemas()), "rules": []})
    value = data.draw(data_for(shown))
    shown = effective(shown, value)
    ready = EffectiveForm(shown)
    made = {each.steps: each.value for each in walk(shown, ready.converted(value))}
    for each in walk(shown, value):
        check = FieldCheck(each.field)
        item = isinstance(each.steps[-1], int)
        excepted = each.value == "" or isinstance(each.value, dict) or each.field.type in ("object", "array")
        if each.steps in made and not excepted and not check.broken(each.value, Budget(), is_item=item):
            assert made[each.steps] == each.value or made[each.steps] is each.value


SCALAR_TYPES = {
    "number": st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    "integer": st.one_of(st.integers(), st.sampled_from([5.0, 1e300])),
    "boolean": st.booleans(),
    "object": st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=4),
    "array": st.lists(JSON, max_size=4),
}


@pytest.mark.parametrize("type_", SCALAR_TYPES)
@many
@given(st.data())
def test_the_text_of_every_valid_value_gives_the_value_back(type_, data):
    value = data.draw(SCALAR_TYPES[type_])
    found = FormValidator(form(field(type_))).validate({"x": json.dumps(value)})
    assert (found.errors, found.data) == ((), {"x": value})


@pytest.mark.parametrize("keys", [[1, 2], ["a", "b"], [True, False], [1.5, "x"], [{"id": 7}]], ids=str)
@pytest.mark.parametrize("type_", ["string", "number", "integer", "boolean", "object"])
def test_the_text_of_every_choice_is_accepted(type_, keys):
    kind = field(type_, choices={"values": [{"value": key, "label": str(key)} for key in keys]})
    for key in keys:
        if isinstance(key, str):
            continue
        found = FormValidator(form(kind)).validate({"x": json.dumps(key)})
        assert found.errors == ()
