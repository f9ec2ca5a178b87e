"""The forms of two versions, difference by difference."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from stacksync.comparison.effective import form_differences
from stacksync.runtime import forms

V1: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {"id": "name", "type": "string", "label": "Name", "validation": {"required": True}},
        {"id": "kind", "type": "string", "label": "Kind", "choices": {"values": [{"value": "a", "label": "A"}]}},
        {
            "id": "box",
            "type": "object",
            "label": "Box",
            "fields": [{"id": "size", "type": "integer", "label": "Size"}],
        },
        {"id": "tags", "type": "array", "label": "Tags", "items": {"type": "string", "label": "Tag"}},
    ],
    "rules": [
        {
            "if": {"and": [{"id": "kind", "operator": "equal", "value": "a"}]},
            "then": {"fields": [{"id": "name", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}]},
        }
    ],
    "ui_options": {"ui_order": ["name", "kind", "box", "tags"]},
}

Change = Callable[[dict[str, Any]], object]


def told(change: Change) -> list[tuple[str, str, str, Any, Any]]:
    """Return what differs after a change."""
    v2 = copy.deepcopy(V1)
    change(v2)
    found = form_differences(forms.read_form(V1), forms.read_form(v2)).differences
    return [("/".join(each.path), each.kind, each.aspect, each.before, each.after) for each in found]


def field(index: int, **changes: Any) -> Change:
    return lambda form: form["fields"][index].update(changes)


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda form: None, []),
        (field(0, type="integer"), [("name", "changed", "type", "string", "integer")]),
        (field(0, validation={}), [("name", "changed", "required", True, False)]),
        (field(0, validation={"required": True, "max_length": 5}), [("name", "changed", "max_length", None, 5)]),
        (field(0, label="Full name"), [("name", "changed", "label", "Name", "Full name")]),
        (
            field(1, choices={"values": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]}),
            [
                (
                    *("kind", "changed", "choices"),
                    [{"value": "a", "label": "A"}],
                    [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}],
                )
            ],
        ),
        (
            lambda form: form["fields"][2]["fields"][0].update(type="number"),
            [("box/size", "changed", "type", "integer", "number")],
        ),
        (
            lambda form: form["fields"][3]["items"].update(type="integer"),
            [("tags/items", "changed", "type", "string", "integer")],
        ),
        (
            lambda form: form["fields"].append({"id": "more", "type": "string", "label": "More"}),
            [("more", "added", "field", None, {"type": "string", "label": "More"})],
        ),
        (
            lambda form: form["fields"].pop(2),
            [("box", "removed", "field", {"type": "object", "label": "Box"}, None)],
        ),
        (
            field(2, id="parcel"),
            [
                ("parcel", "renamed", "id", "box", "parcel"),
            ],
        ),
        (
            lambda form: form["ui_options"].update(ui_order=["kind", "name", "box", "tags"]),
            [("", "changed", "order", ["name", "kind", "box", "tags"], ["kind", "name", "box", "tags"])],
        ),
    ],
)
def test_each_difference_is_told(change: Change, expected: list[Any]) -> None:
    assert told(change) == expected


def test_a_rule_is_compared_by_what_it_says() -> None:
    def other_value(form: dict[str, Any]) -> None:
        form["rules"][0]["if"]["and"][0]["value"] = "b"

    *effects, (path, kind, aspect, before, after) = told(other_value)
    assert {each[:3] for each in effects} == {("name", "changed", "hidden"), ("name", "changed", "required")}
    assert (path, kind, aspect) == ("", "changed", "rules")
    assert before[0]["all"] == [{"id": "kind", "operator": "equal", "value": "a"}]
    assert after[0]["all"] == [{"id": "kind", "operator": "equal", "value": "b"}]
    assert before[0]["changes"] == after[0]["changes"]


def test_two_fields_that_are_alike_are_not_guessed_to_be_renamed() -> None:
    def two(form: dict[str, Any]) -> None:
        form["fields"][0]["id"] = "one"
        form["fields"].append({**form["fields"][0], "id": "two"})

    found = [(path, kind) for path, kind, *_ in told(two) if path]
    assert sorted(found) == [("name", "removed"), ("one", "added"), ("two", "added")]
