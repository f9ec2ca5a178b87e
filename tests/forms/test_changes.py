"""What rules change, and which of them hid a field (decision 9)."""

from src.runtime.forms import effective, in_words, read_form, why_hidden
from tests.forms.building import at, hide, label, rule, show, text_field, when


def said(rule):
    return in_words(rule) if rule else None


def test_a_change_reaches_every_item():
    fields = [{"id": "people", "type": "array", "items": {"type": "object", "fields": [text_field("kind")]}}]
    form = read_form({"fields": fields, "rules": [rule(when("on", "equal", 1), label("people.items.kind", "Kind"))]})
    assert at(effective(form, {"on": 1}), "people", "items", "kind").label == "Kind"
    assert at(effective(form, {"on": 2}), "people", "items", "kind").label == ""


def test_a_rule_within_a_list_acts_on_the_items_it_holds_for():
    email = text_field(
        "email", rules=[rule(when("kind", "equal", "email"), {"id": "email", "validation": {"required": True}})]
    )
    people = {"id": "people", "type": "array", "items": {"type": "object", "fields": [text_field("kind"), email]}}
    shown = effective(
        read_form({"fields": [people]}), {"people": [{"kind": "fax"}, {"kind": "email"}, {"kind": "fax"}]}
    )
    required = [at(shown, "people", index, "email").required for index in range(4)]
    assert required == [False, True, False, False]


def test_merge_changes_what_it_names_and_nothing_else():
    base = text_field(
        "b", label="B", description="about b", validation={"required": True, "min_length": 2, "pattern": "x"}
    )
    change = {"id": "b", "label": "New", "validation": {"required": False, "min_length": 3}}
    form = read_form({"fields": [base], "rules": [rule(when("a", "is_empty"), change)]})
    (field,) = effective(form, {}).fields
    assert (field.label, field.description, field.required) == ("New", "about b", False)
    assert (field.validation.min_length, field.validation.pattern) == (3, "x")


def test_merge_reaches_into_fields_and_items():
    inner = [text_field("one", label="One"), text_field("two")]
    fields = [
        {"id": "box", "type": "object", "fields": inner},
        {"id": "list", "type": "array", "items": text_field("")},
    ]
    changes = [
        {"id": "box", "fields": [label("two", "Two"), text_field("three")]},
        {"id": "list", "items": {"label": "Each"}},
    ]
    form = read_form({"fields": fields, "rules": [rule(when("a", "is_empty"), *changes)]})
    shown = effective(form, {})
    assert [(each.id, each.label) for each in at(shown, "box").fields] == [
        ("one", "One"),
        ("two", "Two"),
        ("three", ""),
    ]
    assert (at(shown, "list", "items").label, at(shown, "list", "items").type) == ("Each", "string")


def test_fully_replace_leaves_nothing_but_the_id_and_an_unnamed_type():
    base = text_field("b", label="B", validation={"required": True})
    for change, type_ in [({"label": "New"}, "string"), ({"label": "New", "type": "number"}, "number")]:
        changes = {"id": "b", "apply_as": "fully_replace", **change}
        form = read_form({"fields": [base], "rules": [rule(when("a", "is_empty"), changes)]})
        (field,) = effective(form, {}).fields
        assert (field.id, field.type, field.label, field.required) == ("b", type_, "New", False)


def test_a_form_whose_rules_do_not_hold_is_the_form_itself():
    form = read_form({"fields": [text_field("a")], "rules": [rule(when("a", "equal", "x"), hide("a"))]})
    assert effective(form, {}) is form
    assert effective(form, "no object") is form


def test_the_rule_that_hid_a_field_is_told():
    rules = [
        rule(when("a", "equal", "x"), hide("b")),
        rule([when("a", "is_empty"), when("a", "is_in", [1])], hide("c"), clause="or"),
    ]
    box = {"id": "box", "type": "object", "fields": [text_field("in")]}
    rules.append(rule(when("a", "equal", "x"), hide("box")))
    form = read_form({"fields": [*map(text_field, "abc"), box], "rules": rules})
    shown = effective(form, {"a": "x"})
    assert why_hidden(shown, ("b",)) is form.rules[0]
    assert said(why_hidden(shown, ("b",))) == "`a` equals `x`"
    assert form.rules[0].source == ("rules", 0)
    assert why_hidden(shown, ("box", "in")) is form.rules[2]
    assert why_hidden(shown, ("c",)) is None
    assert said(why_hidden(effective(form, {}), ("c",))) == "`a` is empty or `a` is one of `1`"


def test_a_rule_shows_what_was_hidden():
    hidden = text_field("b", ui_options={"ui_widget": "hidden"})
    form = read_form({"fields": [text_field("a"), hidden], "rules": [rule(when("a", "equal", "x"), show("b"))]})
    assert [effective(form, {"a": value}).fields[1].hidden for value in ("x", "y")] == [False, True]
    assert why_hidden(form, ("b",)) is None


def test_the_rule_that_hid_one_item_is_told():
    email = text_field("email", rules=[rule(when("kind", "equal", "fax"), hide("email"))])
    people = {"id": "people", "type": "array", "items": {"type": "object", "fields": [text_field("kind"), email]}}
    shown = effective(read_form({"fields": [people]}), {"people": [{"kind": "fax"}, {"kind": "email"}]})
    assert said(why_hidden(shown, ("people", 0, "email"))) == "`kind` equals `fax`"
    assert why_hidden(shown, ("people", 1, "email")) is None
    assert why_hidden(shown, ("nowhere", 3, "email")) is None


def test_conditions_as_real_schemas_have_them_hide_the_field():
    field = text_field("prompt", conditions={"json": True, "kind": ["a", "b"]})
    form = read_form({"fields": [{"id": "json", "type": "boolean"}, text_field("kind"), field]})
    shown = {
        (json, kind): not effective(form, {"json": json, "kind": kind}).fields[2].hidden
        for json in (True, False)
        for kind in "bc"
    }
    assert shown == {(True, "b"): True, (True, "c"): False, (False, "b"): False, (False, "c"): False}


def test_a_rule_within_lists_within_lists_acts_on_its_own_items():
    note = text_field("note", rules=[rule(when("kind", "equal", "fax"), hide("note"))])
    tags = {"id": "tags", "type": "array", "items": {"type": "object", "fields": [text_field("kind"), note]}}
    people = {"id": "people", "type": "array", "items": {"type": "object", "fields": [tags]}}
    fax, mail = {"kind": "fax"}, {"kind": "mail"}
    shown = effective(read_form({"fields": [people]}), {"people": [{"tags": [fax, mail]}, {"tags": [mail, fax]}]})
    hidden = [[at(shown, "people", i, "tags", j, "note").hidden for j in (0, 1, 2)] for i in (0, 1, 2)]
    assert hidden == [[True, False, False], [False, True, False], [False, False, False]]
