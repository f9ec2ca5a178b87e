"""A form as HTML: every control named, described and escaped."""

import pytest

from stacksync.runtime import forms
from stacksync.studio.form.controls import Connection, FormState, LoadedChoices, render_form
from tests.studio.browsing import page

TYPES = ("string", "number", "integer", "boolean", "connection", "object", "array")
NASTY = '<b onclick="x()">&amp;\'</b>'


def form_of(*fields, **more):
    return forms.read_form({"fields": list(fields), **more})


def drawn(*fields, data=None, more=(), **state):
    return page(render_form(FormState(form_of(*fields, **dict(more)), data or {}, **state)))


def control(root, name):
    (found,) = [each for each in root.walk() if each.get("name") == name and each.get("type") != "hidden"]
    return found


def widget(name, **options):
    return {"ui_options": {"ui_widget": name, **options}}


@pytest.mark.parametrize(
    "field, tag, type_",
    [
        ({"type": "string"}, "input", "text"),
        ({"type": "string", **widget("textarea")}, "textarea", None),
        ({"type": "string", **widget("password")}, "input", "password"),
        ({"type": "string", "format": "email"}, "input", "email"),
        ({"type": "string", "format": "uri"}, "input", "url"),
        ({"type": "string", "format": "date"}, "input", "date"),
        ({"type": "string", "format": "date-time"}, "input", "text"),
        ({"type": "string", "choices": {"values": [{"value": "x"}]}}, "select", None),
        ({"type": "string", "content": {"content_objects": [{"id": "things"}]}}, "select", None),
        ({"type": "integer"}, "input", "text"),
        ({"type": "boolean", "disable_replacement": True}, "input", "checkbox"),
        ({"type": "connection"}, "select", None),
        ({"type": "object"}, "textarea", None),
        ({"type": "object", "content": {"content_objects": [{"id": "things"}]}, **widget("dropdown")}, "select", None),
        ({"type": "array"}, "textarea", None),
        ({"type": "string", **widget("Rainbow")}, "input", "text"),
    ],
)
def test_every_type_and_widget_has_its_control(field, tag, type_):
    found = control(drawn({"id": "a", **field}), "/a")
    assert (found.tag, found.get("type")) == (tag, type_)


def test_an_unknown_widget_is_warned_of_at_its_field():
    (note,) = drawn({"id": "a", "type": "string", **widget("Rainbow")}).find("li", class_="note warning")
    assert "Rainbow" in note.text


def test_code_fields_have_a_language_and_a_state():
    root = drawn({"id": "a", "type": "string", **widget("CodeblockWidget", language="python")}, data={"a": "def f(:"})
    assert control(root, "/a")["data-language"] == "python"
    (state,) = root.find("p", class_="syntax wrong")
    assert state.text.startswith("python: ")
    assert state["id"] in control(root, "/a")["aria-describedby"].split()


def test_loaded_choices_replace_those_of_the_schema_and_what_is_stored_stays():
    field = {
        "id": "a",
        "type": "string",
        "choices": {"values": [{"value": "old"}]},
        "content": {"content_objects": [{"id": "things", "content_object_depends_on_fields": [{"id": "b"}]}]},
    }
    loaded = {("things", ("a",)): LoadedChoices((forms.FieldChoice("new", "New"),))}
    root = drawn(field, {"id": "b", "type": "string"}, data={"a": "stored"}, choices=loaded)
    options = control(root, "/a").find("option")
    assert [each.text for each in options] == ["Choose…", "New", "stored (not among the choices)"]
    assert "selected" in options[2].attributes
    assert "data-redraw" in control(root, "/b").attributes
    (refresh,) = root.find("button", value="refresh:/a")
    (said,) = root.find("span", id=refresh["aria-describedby"])
    assert said.text == "Choices from things, which depends on b"


@pytest.mark.parametrize(
    "kind, posts",
    [
        ({"type": "object"}, '{"id": 7, "label": "Seven"}'),
        ({}, '{"id": 7, "label": "Seven"}'),
        ({"type": "integer"}, "7"),
        ({"type": "array", "items": {"type": "integer"}}, "7"),
    ],
)
def test_a_choice_that_is_an_object_is_sent_as_the_type_has_it(kind, posts):
    choosing = {"choices": {"values": [{"value": {"id": 7, "label": "Seven"}, "label": "Seven"}]}}
    field = {"id": "a", **kind, **({} if "items" in kind else choosing)}
    if "items" in kind:
        field["items"] = {**kind["items"], **choosing}

    texts = [each["value"] for each in drawn(field).walk() if each.tag in ("option", "input") and each.get("value")]

    assert posts in texts


def test_a_failed_content_call_is_told_and_leaves_the_choices():
    field = {"id": "a", "choices": {"values": [{"value": "x"}]}, "content": {"content_objects": [{"id": "things"}]}}
    root = drawn(field, choices={("things", ("a",)): LoadedChoices(error="no answer")})
    assert [each.text for each in control(root, "/a").find("option")] == ["Choose…", "x"]
    assert [each.text for each in root.find("p", class_="error")] == ["no answer"]


def test_many_choices_can_be_searched():
    values = [{"value": number, "label": f"n{number}"} for number in range(12)]
    root = drawn({"id": "a", "type": "array", "items": {"type": "integer", "choices": {"values": values}}})
    assert [each["data-filter"] for each in root.find("input", type="search")] == ["field-a"]
    assert len(root.find("input", type="checkbox")) == 12


def test_only_connections_that_fit_are_offered():
    field = {
        "id": "c",
        "type": "connection",
        "allowed_app_types": ["hubspot"],
        "allowed_connection_management_types": ["custom"],
    }
    saved = (
        Connection("1", "Ours", "hubspot"),
        Connection("2", "Theirs", "salesforce"),
        Connection("3", "Managed", "hubspot", "managed"),
        Connection("stand-in", "Stand-in", "generic_api_credentials"),
    )
    root = drawn(field, data={"c": "gone"}, connections=saved)
    texts = [each.text for each in control(root, "/c").find("option")]
    assert texts == [
        "Choose a connection…",
        "Ours (hubspot)",
        "Stand-in (generic_api_credentials)",
        "gone (not among the choices)",
    ]
    assert [each["data-pointer"] for each in root.find("button", data_open="connection")] == ["/c"]


def test_why_a_field_is_hidden_is_said_in_words():
    hide = {"id": "b", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}
    rule = {"if": {"and": [{"id": "a", "operator": "equal", "value": "x"}]}, "then": {"fields": [hide]}}
    fields = ({"id": "a"}, {"id": "b"}, {"id": "c", **widget("hidden")})
    lines = {("rules", 0): 12}
    root = drawn(*fields, data={"a": "x"}, more={"rules": [rule]}, line=lines.get)
    (details,) = root.find("details", class_="hidden-fields developer")
    assert details.children[0].text == "2 hidden fields"
    assert "hidden because `a` equals `x`. Its value is kept and sent.schema.json:12: rule 1" in details.text
    assert "hidden by its own ui_widget" in details.text
    assert not [each for each in root.walk() if each.get("name") in ("/b", "/c")]
    assert "data-redraw" in control(root, "/a").attributes


def test_order_and_rows_are_those_of_the_schema():
    layout = {"type": "horizontal", "elements": ["a", "b"]}
    options = {"ui_order": ["c", "b", "a"], "ui_layout": layout}
    root = drawn({"id": "a"}, {"id": "b"}, {"id": "c"}, more={"ui_options": options})
    assert [each["data-pointer"] for each in root.walk() if "data-pointer" in each.attributes] == ["/c", "/b", "/a"]
    (row,) = root.find("div", class_="row")
    assert [each["data-pointer"] for each in row.children] == ["/b", "/a"]


def test_items_have_buttons_that_can_be_told_apart():
    item = {"type": "object", "label": "Person", "fields": [{"id": "name", "type": "string"}]}
    root = drawn({"id": "p", "type": "array", "items": item}, data={"p": [{}, {"name": "b"}]})
    assert [each.get("aria-label") for each in root.find("button") if "disabled" not in each.attributes] == [
        "Move Person 1 down",
        "Remove Person 1",
        "Move Person 2 up",
        "Remove Person 2",
        "Add to p",
        "Use a template for p",
    ]


def everything(depth=2):
    """Return fields of every type, the labels full of HTML."""
    common = {
        "label": NASTY,
        "description": NASTY,
        "validation": {"required": True},
        "on_action": {"load_schema": True},
        **widget("Odd", placeholder=NASTY),
    }
    choices = {"choices": {"values": [{"value": NASTY, "label": NASTY}, {"value": {"id": NASTY}}]}}
    leaves = [{**common, "type": type_} for type_ in (*TYPES, "odd")]
    leaves += [{**each, **choices} for each in leaves]
    leaves += [{**common, "type": "array", "items": {"type": "string", **choices}}]
    leaves += [{**common, "type": "string", **widget(each)} for each in ("textarea", "password", "CodeblockWidget")]
    if depth:
        inner = everything(depth - 1)
        leaves += [{**common, "type": "object", "fields": inner}]
        leaves += [{**common, "type": "array", "items": {"type": "object", "fields": inner}}]
    return [{"id": f'{NASTY}/~_-"é {number}', **each} for number, each in enumerate(leaves)]


def values(fields, text):
    """Return a text, a list or an object for every field."""
    found = {}
    for each in fields:
        if each["type"] == "array":
            items = each.get("items", {})
            found[each["id"]] = [values(items["fields"], text)] if "fields" in items else [text]
        else:
            found[each["id"]] = values(each["fields"], text) if "fields" in each else text
    return found


@pytest.fixture(scope="module")
def rich():
    fields = everything()
    data = values(fields, NASTY + "x" * 10_000)
    errors = {}
    root = page(render_form(FormState(form_of(*fields), data)))
    for each in root.walk():
        if "data-pointer" in each.attributes and each.tag == "div":
            errors[each["data-pointer"]] = NASTY
    return page(render_form(FormState(form_of(*fields), data, errors=errors)))


def test_nothing_of_a_schema_or_data_becomes_a_tag(rich):
    assert not rich.find("b")
    assert not [each for each in rich.walk() if "onclick" in each.attributes or "style" in each.attributes]


def test_ids_are_unique(rich):
    ids = [each["id"] for each in rich.walk() if "id" in each.attributes]
    assert len(ids) > 500
    assert len(ids) == len(set(ids))


def test_every_control_has_a_name_to_call_it_by(rich):
    labels = {each["for"] for each in rich.find("label") if "for" in each.attributes}
    for each in rich.walk():
        if each.tag in ("input", "select", "textarea") and each.get("type") != "hidden":
            wrapped = any(above.tag == "label" for above in each.ancestors)
            assert wrapped or each["id"] in labels or "aria-label" in each.attributes, each.attributes
        if each.tag == "fieldset":
            assert each.children[0].tag == "legend"


def test_errors_and_help_are_tied_to_their_control_and_required_is_told(rich):
    ids = {each["id"] for each in rich.walk() if "id" in each.attributes}
    described = [each for each in rich.walk() if "aria-describedby" in each.attributes]
    assert {name for each in described for name in each["aria-describedby"].split()} <= ids
    for each in rich.walk():
        if "data-pointer" in each.attributes and each.tag == "div":
            (error,) = [inner for inner in each.find("p", class_="error") if inner["id"] == each["id"][:-7] + "--error"]
            assert any(error["id"] in inner["aria-describedby"].split() for inner in described)
    for each in rich.find("input", type="text") + rich.find("select"):
        assert each.get("aria-required") == "true"
        assert each.get("aria-invalid") == "true"
        assert "data-load" in each.attributes


def test_fields_that_cannot_be_told_apart_are_warned_of():
    root = drawn({"id": "a"}, {"id": "a"}, {"type": "string"})
    assert len([each for each in root.walk() if each.get("name") == "/a"]) == 1
    assert len(root.find("li", class_="note error")) >= 2
