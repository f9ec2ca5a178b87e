"""What each difference means for workflows that are stored, with the rules of both forms applied."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from stacksync.comparison.effective import form_differences
from stacksync.comparison.severities import RULES, rate
from stacksync.reports.differences import message
from stacksync.runtime import forms

Schema = dict[str, Any]
Change = Callable[[Schema], object]

V1: Schema = {
    "connections": {"required": False, "app_types": ["hubspot", "salesforce"]},
    "fields": [
        {"id": "name", "type": "string", "label": "Name"},
        {"id": "mail", "type": "string", "validation": {"required": True, "max_length": 50, "min_length": 2}},
        {"id": "kind", "type": "string", "choices": {"values": [{"value": "a"}, {"value": "b"}]}},
        {
            "id": "open",
            "type": "string",
            "validation": {"pattern": ".*"},
            "choices": {"values": [{"value": "x"}, {"value": "y"}]},
        },
        {"id": "list", "type": "string", "content": {"content_objects": [{"id": "lists"}, {"id": "more"}]}},
        {"id": "free", "type": "object"},
        {"id": "box", "type": "object", "fields": [{"id": "size", "type": "integer", "validation": {"minimum": 1}}]},
        {"id": "tags", "type": "array", "items": {"type": "string"}},
        {"id": "rows", "type": "array", "items": {"type": "object", "fields": [{"id": "cell", "type": "string"}]}},
        {"id": "anything", "type": "array"},
        {"id": "secret", "type": "string", "ui_options": {"ui_widget": "hidden"}},
        {"id": "login", "type": "connection", "allowed_app_types": ["hubspot", "salesforce"]},
    ],
}


def differences(*changes: Change) -> list[tuple[str, str, str, str]]:
    """Return severity, rule, path and message of what differs after some changes."""
    v2 = copy.deepcopy(V1)
    for change in changes:
        change(v2)
    compared = form_differences(forms.read_form(V1), forms.read_form(v2))
    assert compared.in_part == ()
    rated = [rate(each) for each in compared.differences]
    return [(each.severity, each.rule, "/".join(each.difference.path), message(each.difference)) for each in rated]


def field(name: str, **more: Any) -> Change:
    """Return a change of a field, found by its path."""

    def change(form: Schema) -> None:
        _found(form, name).update(more)

    return change


def add(**more: Any) -> Change:
    return lambda form: form["fields"].append(more)


def drop(name: str) -> Change:
    return lambda form: form["fields"].remove(_found(form, name))


def _found(form: Schema, name: str) -> Schema:
    first, *rest = name.split("/")
    part: Schema = next(each for each in form["fields"] if each["id"] == first)
    for step in rest:
        part = part["items"] if step == "items" else next(each for each in part["fields"] if each["id"] == step)
    return part


def choices(*values: Any) -> Schema:
    return {"values": [{"value": value} for value in values]}


HIDDEN = {"ui_widget": "hidden"}


@pytest.mark.parametrize(
    "change, expected",
    [
        (drop("name"), ("breaking", "DIF003", "name", "gone")),
        (field("name", id="label"), ("breaking", "DIF003", "label", "renamed from name, it seems")),
        (lambda form: form["fields"][6]["fields"].clear(), ("breaking", "DIF003", "box/size", "gone")),
        (lambda form: form.pop("connections"), ("breaking", "DIF003", "", "connection gone")),
        (
            add(id="new", type="string", validation={"required": True}),
            ("breaking", "DIF004", "new", "new, and required"),
        ),
        (
            add(id="new", type="string", default="x", validation={"required": True}),
            ("breaking", "DIF004", "new", "new, and required"),
        ),
        (
            field(
                "rows/items", fields=[{"id": "cell", "type": "string"}, {"id": "x", "validation": {"required": True}}]
            ),
            ("breaking", "DIF004", "rows/items/x", "new, and required"),
        ),
        (field("name", validation={"required": True}), ("breaking", "DIF005", "name", "required now")),
        (
            lambda form: form["connections"].update(required=True),
            ("breaking", "DIF005", "", "connection required now"),
        ),
        (field("name", type="integer"), ("breaking", "DIF006", "name", "type changed")),
        (field("tags/items", type="integer"), ("breaking", "DIF006", "tags/items", "type changed")),
        (field("kind", choices=choices("a")), ("breaking", "DIF007", "kind", "1 choice gone")),
        (field("open", choices=choices("x", "z")), ("breaking", "DIF007", "open", "1 choice gone, 1 choice new")),
        (field("name", choices=choices("a")), ("breaking", "DIF008", "name", "takes only its choices now")),
        (field("tags/items", choices=choices("a")), ("breaking", "DIF008", "tags/items", "takes only its choices now")),
        (field("open", validation={}), ("breaking", "DIF008", "open", "takes only its choices now")),
        (
            field("mail", validation={"required": True, "max_length": 9, "min_length": 2}),
            ("breaking", "DIF009", "mail", "max_length changed"),
        ),
        (
            field("mail", validation={"required": True, "max_length": 50, "min_length": 3}),
            ("breaking", "DIF009", "mail", "min_length changed"),
        ),
        (field("name", validation={"pattern": "^x"}), ("breaking", "DIF009", "name", "pattern added")),
        (field("name", format="email"), ("breaking", "DIF009", "name", "format added")),
        (field("tags", validation={"min_items": 1}), ("breaking", "DIF009", "tags", "min_items added")),
        (
            field("box/size", validation={"minimum": 2}),
            ("breaking", "DIF009", "box/size", "minimum changed"),
        ),
        (
            field("free", fields=[{"id": "x", "type": "string"}]),
            ("breaking", "DIF010", "free", "free JSON got fields"),
        ),
        (field("anything", items={"type": "string"}), ("breaking", "DIF010", "anything", "free JSON got fields")),
        (field("login", allowed_app_types=["hubspot"]), ("breaking", "DIF011", "login", "app_types changed")),
        (
            lambda form: form["connections"].update(app_types=["hubspot"]),
            ("breaking", "DIF011", "", "connection app_types changed"),
        ),
        (
            field("login", allowed_connection_management_types=["managed"]),
            ("breaking", "DIF011", "login", "management_types added"),
        ),
        (field("secret", ui_options={}), ("breaking", "DIF012", "secret", "shown now")),
        (field("name", default="x"), ("look", "DIF020", "name", "default added")),
        (field("name", ui_options=HIDDEN), ("look", "DIF021", "name", "hidden now")),
        (
            field("list", content={"content_objects": [{"id": "sheets"}, {"id": "more"}]}),
            ("look", "DIF022", "list", "content changed"),
        ),
        (field("name", disable_replacement=True), ("look", "DIF023", "name", "takes no templates any more")),
        (field("name", label="Full name"), ("fine", "DIF030", "name", "label changed")),
        (add(id="new", type="string"), ("fine", "DIF031", "new", "new")),
        (
            add(id="new", type="string", ui_options=HIDDEN, validation={"required": True}),
            ("fine", "DIF031", "new", "new"),
        ),
        (
            field("mail", validation={"max_length": 50, "min_length": 2}),
            ("fine", "DIF032", "mail", "not required any more"),
        ),
        (
            field("mail", validation={"required": True, "max_length": 60, "min_length": 2}),
            ("fine", "DIF032", "mail", "max_length changed"),
        ),
        (
            field("mail", validation={"required": True, "max_length": 50}),
            ("fine", "DIF032", "mail", "min_length removed"),
        ),
        (field("kind", choices=choices("b", "a", "c")), ("fine", "DIF032", "kind", "1 choice new")),
        (
            field("login", allowed_app_types=["hubspot", "salesforce", "mysql"]),
            ("fine", "DIF032", "login", "app_types changed"),
        ),
        (lambda form: form.update(ui_options={"ui_order": ["mail"]}), ("fine", "DIF032", "", "order added")),
        (field("secret", validation={"max_length": 1}), None),
        (field("name", validation={"pattern": ".*", "min_length": 0, "minimum": 4}), None),
    ],
)
def test_each_difference_has_its_severity(change: Change, expected: tuple[str, ...] | None) -> None:
    found = differences(change)
    assert (expected in found) if expected else (found == [])
    assert [each for each in found if each != expected and each[0] != "fine"] == []


def test_a_severity_may_be_set() -> None:
    [difference] = form_differences(
        forms.Form(), forms.read_form({"fields": [{"id": "new", "validation": {"required": True}}]})
    ).differences
    assert rate(difference).severity == "breaking"
    assert rate(difference, {"DIF004": "look"}).severity == "look"


def test_codes_are_told_once_and_in_their_order() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


# --- rules of forms ---


def rule(name: str, operator: str, value: Any, change: Schema) -> Schema:
    then = {"fields": [{"apply_as": "merge", **change}]}
    return {"if": {"and": [{"id": name, "operator": operator, "value": value}]}, "then": then}


def ruled(*rules: Schema) -> Change:
    return lambda form: form.update(rules=list(rules))


REQUIRED = {"validation": {"required": True}}


@pytest.mark.parametrize(
    "rules, expected",
    [
        (
            [rule("kind", "equal", "a", {"id": "name", **REQUIRED})],
            ("breaking", "DIF005", "name", "required now when `kind` is `a`"),
        ),
        (
            [rule("kind", "not_equal", "a", {"id": "name", **REQUIRED})],
            ("breaking", "DIF005", "name", "required now when `kind` is not `a`"),
        ),
        (
            [rule("mail", "is_not_empty", None, {"id": "name", "validation": {"max_length": 3}})],
            ("breaking", "DIF009", "name", "max_length added when `mail` is given"),
        ),
        (
            [rule("box.size", "greater_than", 5, {"id": "kind", "choices": choices("a")})],
            ("breaking", "DIF007", "kind", "1 choice gone when `box.size` is `6`"),
        ),
        (
            [rule("kind", "is_in", ["a", "b"], {"id": "name", "ui_options": HIDDEN})],
            ("look", "DIF021", "name", "hidden now when `kind` is `a` or is `b`"),
        ),
    ],
)
def test_what_rules_make_of_a_field_counts(rules: list[Schema], expected: tuple[str, ...]) -> None:
    assert differences(ruled(*rules)) == [expected, ("fine", "DIF032", "", "rules added")]


def test_what_two_rules_make_together_counts() -> None:
    both = [
        rule("kind", "equal", "a", {"id": "name", "validation": {"max_length": 3}}),
        rule("open", "equal", "x", {"id": "name", "ui_options": HIDDEN}),
    ]
    assert ("breaking", "DIF009", "name", "max_length added when `kind` is `a` and `open` is not `x`") in differences(
        ruled(*both)
    )


def test_a_rule_beside_items_counts_for_every_item() -> None:
    def change(form: Schema) -> None:
        fields = form["fields"][8]["items"]["fields"]
        fields[0]["rules"] = [rule("other", "equal", "x", {"id": "cell", **REQUIRED})]
        fields.append({"id": "other", "type": "string"})

    assert ("breaking", "DIF005", "rows/items/cell", "required now when `rows.items.other` is `x`") in differences(
        change
    )


def test_a_rule_that_says_the_same_in_other_words_breaks_nothing() -> None:
    by_choice = {"fields": V1["fields"], "rules": [rule("kind", "equal", "a", {"id": "name", **REQUIRED})]}
    by_list = {"fields": V1["fields"], "rules": [rule("kind", "is_in", ["a"], {"id": "name", **REQUIRED})]}
    compared = form_differences(forms.read_form(by_choice), forms.read_form(by_list))
    assert [rate(each).severity for each in compared.differences] == ["fine"]


def test_a_case_that_no_stored_workflow_can_be_in_is_none() -> None:
    """A dropdown takes its choices only: what a rule makes of another value concerns nobody."""
    assert differences(ruled(rule("kind", "equal", "z", {"id": "name", **REQUIRED}))) == [
        ("fine", "DIF032", "", "rules added")
    ]


def test_too_many_combinations_are_said_to_be_too_many() -> None:
    asked = [{"id": f"f{number}", "type": "string"} for number in range(12)]
    rules = [rule(each["id"], "equal", "x", {"id": "name", **REQUIRED}) for each in asked]
    before = forms.read_form({"fields": [*V1["fields"], *asked]})
    compared = form_differences(before, forms.read_form({"fields": [*V1["fields"], *asked], "rules": rules}))
    assert compared.in_part == ("name",)
    assert "breaking" in [rate(each).severity for each in compared.differences]


def test_an_empty_value_does_not_stand_for_a_choice() -> None:
    asked = field("box/size", choices=choices("b", 5))
    found = differences(asked, ruled(rule("box.size", "is_in", ["", "b"], {"id": "name", **REQUIRED})))
    assert ("breaking", "DIF005", "name") in [each[:3] for each in found]


@pytest.mark.parametrize("name", ["kind", "box.size"])
def test_what_is_left_empty_is_a_value_to_a_condition(name: str) -> None:
    """As `""` in a dropdown, and as `{"id": ""}` in a field of numbers, which checks take for not given."""
    found = differences(ruled(rule(name, "equal", "", {"id": "name", **REQUIRED})))
    assert [each[:3] for each in found] == [("breaking", "DIF005", "name"), ("fine", "DIF032", "")]


@pytest.mark.parametrize("choice, text", [(True, "true"), (5, "5")])
def test_the_text_of_a_choice_is_limited_once_a_content_object_is_added(choice: object, text: str) -> None:
    asked = {"id": "f", "type": "string", "validation": {"pattern": "^x"}, "choices": {"values": [{"value": choice}]}}
    content = {"content": {"type": ["managed"], "content_objects": [{"id": "more"}]}}
    before, after = ({"fields": [each]} for each in (asked, asked | content))
    assert not forms.FormValidator(before).validate({"f": text}).errors
    assert forms.FormValidator(after).validate({"f": text}).errors

    found = [rate(each) for each in form_differences(forms.read_form(before), forms.read_form(after)).differences]

    told = [(each.severity, each.rule, message(each.difference)) for each in found if each.severity == "breaking"]
    assert told == [("breaking", "DIF008", "limits the texts of its choices now")]


def test_a_content_object_beside_choices_without_limits_breaks_nothing() -> None:
    asked = {"id": "f", "type": "string", "choices": {"values": [{"value": True}]}}
    content = {"content": {"type": ["managed"], "content_objects": [{"id": "more"}]}}
    before, after = ({"fields": [each]} for each in (asked, asked | content))

    found = form_differences(forms.read_form(before), forms.read_form(after)).differences

    assert "breaking" not in {rate(each).severity for each in found}
