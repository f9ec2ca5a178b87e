"""What people do to a form, read back as typed data."""

import json

import pytest

from stacksync.runtime import forms
from stacksync.studio.form.controls import FormState, parse, render_form
from tests.studio.browsing import page, posted


def form_of(*fields, **more):
    return forms.read_form({"fields": list(fields), **more})


def after(form, data, **typed):
    """Draw a form, put texts into controls by id (lists where several are ticked), and read it."""
    pairs = [
        pair for pair in posted(page(render_form(FormState(form, data)))) if pair[0].removeprefix("/") not in typed
    ]
    for name, texts in typed.items():
        pairs += [(f"/{name}", text) for text in (texts if isinstance(texts, list) else [texts])]
    return parse(form, pairs)


@pytest.mark.parametrize(
    "type_, text, value",
    [
        ("integer", "5", 5),
        ("integer", " 5.0 ", 5),
        ("number", "7.5", 7.5),
        ("number", "-1e3", -1000.0),
        ("number", "many", "many"),
        ("string", "5", "5"),
        ("string", "two\r\nlines", "two\nlines"),
        ("string", " spaces ", " spaces "),
        ("object", '{"a": 1}', {"a": 1}),
        ("array", "[1, 2]", [1, 2]),
        ("odd", "5", 5),
        ("odd", "five", "five"),
    ],
)
def test_a_typed_text_has_the_type_of_its_field(type_, text, value):
    data = after(form_of({"id": "a", "type": type_}), {}, a=text).data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


@pytest.mark.parametrize("type_", ["string", "number", "integer", "object", "array", "odd", "connection"])
@pytest.mark.parametrize("before", [{}, {"a": "x"}])
def test_what_is_emptied_is_omitted(type_, before):
    assert after(form_of({"id": "a", "type": type_}), before, a="").data == {}


def test_an_unset_boolean_is_omitted_until_it_is_set_and_unset():
    form = form_of({"id": "a", "type": "boolean", "disable_replacement": True})
    assert after(form, {}).data == {}
    assert after(form, {}, a=["", "true"]).data == {"a": True}
    assert after(form, {"a": True}, a="").data == {"a": False}


def test_a_required_boolean_can_be_answered_with_no():
    form = form_of({"id": "a", "type": "boolean", "disable_replacement": True, "validation": {"required": True}})
    assert after(form, {}).data == {}
    assert after(form, {}, a=["", "false"]).data == {"a": False}


@pytest.mark.parametrize(
    "value", ["x", "5", "a\r\0\ud800", 5, True, "true", "", " 5", {"id": "a", "label": "A"}, 1.5, [1], None]
)
def test_a_choice_is_posted_as_its_very_value(value):
    form = form_of({"id": "a", "type": "odd", "choices": {"values": [{"value": value, "label": "it"}]}})
    option = next(each for each in page(render_form(FormState(form))).find("option") if each.text == "it")
    data = after(form, {}, a=option["value"]).data
    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_what_was_ticked_before_keeps_its_place():
    choices = {"values": [{"value": each, "label": each} for each in "abc"]}
    form = form_of({"id": "a", "type": "array", "items": {"type": "string", "choices": choices}})
    assert after(form, {"a": ["c", "gone", "a"]}, a=["", "a", "b", "c"]).data == {"a": ["c", "a", "b"]}
    assert after(form, {"a": ["c"]}, a="").data == {"a": []}
    assert after(form, {}).data == {}


def test_a_text_that_is_no_json_is_kept_and_reported():
    form = form_of({"id": "a", "type": "object"})
    read = after(form, {"a": {"b": 1}}, a='{"b": ')
    assert read.data == {"a": '{"b": '}
    assert read.texts == {"/a": '{"b": '}
    assert read.faults == {"/a": "is not JSON: Expecting value (line 1, column 7)"}

    html = render_form(FormState(form, read.data, read.texts, read.faults))
    again = parse(form, posted(page(html)))
    assert (again.data, again.texts) == (read.data, read.texts)


def test_a_template_may_stand_in_json_before_it_is_any():
    text = '{"id": {{ MODULE.x.output.id }}}'
    form = form_of({"id": "a", "type": "object"})
    read = after(form, {}, a=text)
    assert (read.data, read.faults) == ({"a": text}, {})
    assert after(form, read.data).data == {"a": text}
    assert after(form_of({"id": "a", "type": "object", "disable_replacement": True}), {}, a=text).faults


@pytest.mark.parametrize("type_", ["object", "array"])
def test_a_template_in_the_place_of_fields_is_a_text(type_):
    inner = {"fields": [{"id": "x"}]}
    form = form_of({"id": "a", "type": type_, **(inner if type_ == "object" else {"items": inner})})
    assert after(form, {"a": "{{ x }}"}, a="{{ y }}").data == {"a": "{{ y }}"}


def test_a_dropdown_with_a_pattern_takes_a_text_that_is_none_of_its_choices():
    choices = {"values": [{"value": 1, "label": "One"}, {"value": "two", "label": "Two"}]}
    form = form_of({"id": "a", "type": "string", "choices": choices, "validation": {"pattern": ".*"}})
    assert after(form, {}, a=["1", ""]).data == {"a": 1}
    assert after(form, {}, a=["two", "left over"]).data == {"a": "two"}
    assert after(form, {"a": "two"}, a=["{ }", "{{ x }}"]).data == {"a": "{{ x }}"}
    assert after(form, {"a": "two"}, a=["", ""]).data == {}
    begun = after(form, {"a": "two"}, a=["{ }", ""])
    assert (begun.data, begun.texts) == ({}, {"/a": ""})


def test_an_empty_password_is_not_two_quote_characters():
    password = {"id": "p", "type": "string", "default": "", "ui_options": {"ui_widget": "password"}}
    for field in (password, {"id": "p", "default": ""}):
        form = form_of(field)
        (control,) = page(render_form(FormState(form, forms.defaults_of(form.fields)))).find("input", name="/p")
        assert control["value"] == ""
        assert after(form, forms.defaults_of(form.fields)).data == {"p": ""}


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "1e999", "[" * 100_000])
def test_what_only_python_takes_for_json_is_none(text):
    assert after(form_of({"id": "a", "type": "object"}), {}, a=text).faults.keys() == {"/a"}


def test_data_that_the_form_does_not_know_is_kept():
    form = form_of({"id": "a", "type": "string"}, {"id": "o", "type": "object", "fields": [{"id": "b"}]})
    data = {"left": {"over": [1]}, "o": {"b": "x", "more": None}}
    assert after(form, data, a="new").data == {**data, "a": "new"}


def test_a_hidden_field_keeps_its_value():
    hidden = {"id": "a", "type": "object", "ui_options": {"ui_widget": "hidden"}}
    form = form_of(hidden, {"id": "b", "type": "string"})
    assert after(form, {"a": {"deep": [1]}}, b="x").data == {"a": {"deep": [1]}, "b": "x"}


def test_fields_of_objects_and_items_are_read_where_they_stand():
    item = {"type": "object", "fields": [{"id": "n", "type": "integer"}, {"id": "t", "type": "array", "items": {}}]}
    form = form_of({"id": "a", "type": "array", "items": item}, {"id": "o", "type": "object", "fields": [{"id": "x"}]})
    assert parse(form, [("/a/1/n", "7"), ("/o/x", "y"), ("/a/0/t/0", "z")]).data == {
        "a": [{"t": ["z"]}, {"n": 7}],
        "o": {"x": "y"},
    }


def test_an_object_that_is_emptied_is_omitted():
    form = form_of({"id": "o", "type": "object", "fields": [{"id": "x", "type": "string"}]})
    assert parse(form, [("data", '{"o": {"x": "y"}}'), ("/o/x", "")]).data == {}
    assert parse(form, [("data", '{"o": {}}'), ("/o/x", "")]).data == {"o": {}}


def test_a_control_that_a_rule_changed_is_read_as_it_was_drawn():
    becomes = {"id": "b", "type": "integer", "apply_as": "merge"}
    rule = {"if": {"and": [{"id": "a", "operator": "equal", "value": "x"}]}, "then": {"fields": [becomes]}}
    form = form_of({"id": "a", "type": "string"}, {"id": "b", "type": "string"}, rules=[rule])
    assert after(form, {"a": "x"}, b="5").data == {"a": "x", "b": 5}
    assert after(form, {}, a="x", b="5").data == {"a": "x", "b": "5"}


@pytest.mark.parametrize("drawn", ["", "5", "[", '"x"', "null", "[" * 100_000])
def test_broken_data_is_none(drawn):
    assert parse(form_of({"id": "a", "type": "string"}), [("data", drawn), ("/a", "x"), ("odd", "")]).data == {"a": "x"}


def test_a_password_is_read_but_never_drawn():
    form = form_of(
        {"id": "p", "type": "string", "ui_options": {"ui_widget": "password"}},
        {"id": "c", "type": "connection"},
        {"id": "o", "type": "object", "fields": [{"id": "q", "ui_options": {"is_password": True}}]},
    )
    data = {"p": "hunter2", "c": {"id": "crm", "connection_data": {"value": "s3cret"}}, "o": {"q": "hunter3"}}
    html = render_form(FormState(form, data))
    assert not [secret for secret in ("hunter2", "s3cret", "hunter3") if secret in html]
    assert [each["name"] for each in page(html).find("input", type="password") if "data-kept" in each.attributes] == [
        "/p",
        "/o/q",
    ]
    read = after(form, data, p="hunter2", **{"o/q": "hunter3"})
    assert read.data == {"p": "hunter2", "c": "crm", "o": {"q": "hunter3"}}
    assert after(form, data).data == {"c": "crm"}  # a page that lost it


def test_a_password_that_a_rule_hides_stays_with_the_page():
    hide = {"id": "p", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}
    rule = {"if": {"and": [{"id": "a", "operator": "is_empty"}]}, "then": {"fields": [hide]}}
    form = form_of({"id": "a"}, {"id": "p", "type": "string", "ui_options": {"ui_widget": "password"}}, rules=[rule])
    html = render_form(FormState(form, {"p": "hunter2"}))
    assert "hunter2" not in html
    (kept,) = page(html).find("input", type="password")
    assert kept["name"] == "/p"
    assert parse(form, [("data", json.dumps({"p": "masked"})), ("/p", "hunter2")]).data == {"p": "hunter2"}
