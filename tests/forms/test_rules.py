"""Rules: what they ask for, what they change, in which order (decision 9)."""

import pytest

from src.runtime.forms import effective, read_form, why_hidden


def rule(condition, *changes, clause="and"):
    conditions = condition if isinstance(condition, list) else [condition]
    return {"if": {clause: conditions}, "then": {"fields": list(changes)}}


def when(name, operator, *value):
    return {"id": name, "operator": operator, **({"value": value[0]} if value else {})}


def hide(name):
    return {"id": name, "ui_options": {"ui_widget": "hidden"}}


def show(name):
    return {"id": name, "ui_options": {"ui_widget": None}}


def label(name, text):
    return {"id": name, "label": text}


def text_field(name, **parts):
    return {"id": name, "type": "string", **parts}


def at(form, *steps):
    """Find a field by the ids that lead to it, numbers for items, and "items" for what every item is."""
    here = form
    for step in steps:
        if isinstance(step, int):
            here = here.item(step)
        else:
            here = here.items if step == "items" else next(each for each in here.fields if each.id == step)
    return here


def labels(form, data):
    return {each.id: each.label for each in effective(form, data).fields if each.label}


def fires(condition, value, type_="string"):
    form = read_form(
        {"fields": [{"id": "a", "type": type_}, text_field("b")], "rules": [rule(condition, label("b", "changed"))]}
    )
    return labels(form, {} if value is ... else {"a": value}) == {"b": "changed"}


@pytest.mark.parametrize(
    "operator, wanted, holds, fails",
    [
        ("equal", "x", ["x", {"id": "x"}, {"id": "x", "label": "X"}], ["y", ..., None, ["x"], {"id": "y"}, {"x": 1}]),
        ("equal", {"id": "x", "label": "any"}, ["x", {"id": "x"}], ["y", {"label": "any"}, ...]),
        ("equal", 1, [1, 1.0, {"id": 1}], [True, "1", 2]),
        ("equal", True, [True], [1, "true", ...]),
        ("equal", None, [None, ..., {"id": None}], ["", 0, False]),
        ("equal", [1, {"a": 2}], [[1, {"a": 2}], [1.0, {"a": 2}]], [[1], [True, {"a": 2}], [1, {"b": 2}]]),
        ("not_equal", "x", ["y", ..., None], ["x", {"id": "x"}]),
        ("is_in", ["x", {"id": 2}], ["x", 2, {"id": "x"}], ["y", ..., "2"]),
        ("is_in", "x", ["x"], ["y"]),
        ("is_in", [], [], ["x", ...]),
        ("is_not_in", ["x", 2], ["y", ..., True], ["x", 2, {"id": 2}]),
        ("is_empty", ..., [..., None, "", [], {"id": ""}], [0, False, "x", {}, [None], {"id": 0}, {"id": "", "n": 1}]),
        ("is_not_empty", ..., [0, False, "x", {}, [None]], [..., None, "", [], {"id": ""}]),
        ("greater_than", 5, [6, 5.5], [5, 4, True, "6", ..., None, [6]]),
        ("greater_than", "5", [6], [5]),
        ("less_than", 5, [4, 4.5], [5, 6, False, "4", ..., None]),
    ],
)
def test_operators(operator, wanted, holds, fails):
    condition = when("a", operator) if wanted is ... else when("a", operator, wanted)
    assert [value for value in holds if not fires(condition, value)] == []
    assert [value for value in fails if fires(condition, value)] == []


@pytest.mark.parametrize(
    "asked, data, expected",
    [
        ({"and": [when("a", "equal", 1), when("b", "equal", 1)]}, {"a": 1, "b": 1}, True),
        ({"and": [when("a", "equal", 1), when("b", "equal", 1)]}, {"a": 1}, False),
        ({"or": [when("a", "equal", 1), when("b", "equal", 1)]}, {"b": 1}, True),
        ({"or": [when("a", "equal", 1), when("b", "equal", 1)]}, {}, False),
        ({"and": [when("a", "equal", 1)], "or": [when("b", "equal", 1)]}, {"a": 1, "b": 1}, True),
        ({"and": [when("a", "equal", 1)], "or": [when("b", "equal", 1)]}, {"a": 1}, False),
        ({"and": [when("a", "equal", 1)], "or": [when("b", "equal", 1)]}, {"b": 1}, False),
        ({"and": []}, {}, False),
        ({}, {}, False),
        ({"and": [when("a", "unknown", 1), when("b", "equal", 1)]}, {"a": 1, "b": 1}, False),
    ],
)
def test_and_and_or(asked, data, expected):
    rules = [{"if": asked, "then": {"fields": [label("c", "changed")]}}]
    form = read_form({"fields": [{"id": name, "type": "number"} for name in "abc"], "rules": rules})
    assert (labels(form, data) == {"c": "changed"}) is expected


def test_rules_act_in_document_order_root_first_and_the_later_wins():
    always = when("a", "is_empty")
    of_field = text_field("b", rules=[rule(always, label("c", "field"))])
    rules = [rule(always, label("b", "first"), label("c", "root")), rule(always, label("b", "second"))]
    form = read_form({"fields": [text_field("a"), of_field, text_field("c")], "rules": rules})
    assert labels(form, {}) == {"b": "second", "c": "field"}


def test_one_pass_on_the_data_as_sent():
    change = {"id": "b", "default": "x", "rules": [rule(when("a", "is_empty"), label("c", "by a rule of a rule"))]}
    rules = [rule(when("a", "is_empty"), change), rule(when("b", "equal", "x"), label("c", "by a default"))]
    form = read_form({"fields": [text_field(name) for name in "abc"], "rules": rules})
    assert labels(form, {}) == {}


def test_an_id_is_looked_up_beside_the_rules_field_then_from_the_root():
    rules = [
        rule(when("kind", "equal", "x"), label("name", "by kind")),
        rule(when("top", "equal", "x"), label("name", "by top")),
    ]
    inner = [text_field("kind"), text_field("name", rules=rules)]
    fields = [
        text_field("top"),
        text_field("kind"),
        text_field("name"),
        {"id": "box", "type": "object", "fields": inner},
    ]
    form = read_form({"fields": fields})

    def name_in_box(data):
        return at(effective(form, data), "box", "name").label

    assert name_in_box({"kind": "x"}) == ""
    assert name_in_box({"box": {"kind": "x"}}) == "by kind"
    assert name_in_box({"top": "x"}) == "by top"
    assert labels(form, {"top": "x", "box": {"kind": "x"}}) == {}


def test_dots_lead_into_objects_and_items_into_the_first_of_a_list():
    fields = [
        {"id": "box", "type": "object", "fields": [{"id": "list", "type": "array", "items": {"type": "string"}}]},
        {"id": "people", "type": "array", "items": {"type": "object", "fields": [text_field("kind")]}},
        {"id": "choice", "type": "object"},
        text_field("x"),
    ]
    for name, data in {
        "box.list.items": {"box": {"list": ["yes", "no"]}},
        "people.items.kind": {"people": [{"kind": "yes"}, {"kind": "no"}]},
        "choice.label": {"choice": {"id": 1, "label": "yes"}},
    }.items():
        form = read_form({"fields": fields, "rules": [rule(when(name, "equal", "yes"), label("x", "changed"))]})
        assert form.notes[1:] == ()
        assert labels(form, data) == {"x": "changed"}
        assert labels(form, {}) == labels(form, {name: "yes"}) == {}


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
    assert str(why_hidden(shown, ("b",))) == "a equal 'x'"
    assert form.rules[0].source == ("rules", 0)
    assert why_hidden(shown, ("box", "in")) is form.rules[2]
    assert why_hidden(shown, ("c",)) is None
    assert str(why_hidden(effective(form, {}), ("c",))) == "a is empty or a is in [1]"


def test_a_rule_shows_what_was_hidden():
    hidden = text_field("b", ui_options={"ui_widget": "hidden"})
    form = read_form({"fields": [text_field("a"), hidden], "rules": [rule(when("a", "equal", "x"), show("b"))]})
    assert [effective(form, {"a": value}).fields[1].hidden for value in ("x", "y")] == [False, True]
    assert why_hidden(form, ("b",)) is None


def test_the_rule_that_hid_one_item_is_told():
    email = text_field("email", rules=[rule(when("kind", "equal", "fax"), hide("email"))])
    people = {"id": "people", "type": "array", "items": {"type": "object", "fields": [text_field("kind"), email]}}
    shown = effective(read_form({"fields": [people]}), {"people": [{"kind": "fax"}, {"kind": "email"}]})
    assert str(why_hidden(shown, ("people", 0, "email"))) == "kind equal 'fax'"
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
