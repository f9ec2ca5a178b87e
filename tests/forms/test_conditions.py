"""What rules ask for, and where they look for it (decision 9)."""

import pytest

from src.runtime.forms import effective, read_form, remarks
from tests.forms.building import at, label, labels, rule, text_field, when


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
        assert remarks(form)[1:] == ()
        assert labels(form, data) == {"x": "changed"}
        assert labels(form, {}) == labels(form, {name: "yes"}) == {}
