"""The buttons of a form."""

import pytest

from stacksync.runtime import forms
from stacksync.studio.form.controls import operate

ITEM = {
    "type": "object",
    "fields": [
        {"id": "name", "type": "string", "default": "Ada"},
        {"id": "tags", "type": "array", "items": {"type": "string"}},
    ],
}
FORM = forms.read_form(
    {
        "fields": [
            {"id": "people", "type": "array", "items": ITEM},
            {"id": "o", "type": "object", "fields": [{"id": "list", "type": "array", "items": {"type": "number"}}]},
            {"id": "limit", "type": "integer", "default": 5},
        ]
    }
)
DATA = {"people": [{"name": "a", "tags": ["x", "y"]}, {"name": "b"}, {"name": "c"}]}


@pytest.mark.parametrize(
    "operation, before, after",
    [
        ("add:/people", {}, {"people": [{"name": "Ada"}]}),
        ("add:/people", {"people": None}, {"people": [{"name": "Ada"}]}),
        ("add:/people/1/tags", DATA, {"people": [DATA["people"][0], {"name": "b", "tags": [""]}, {"name": "c"}]}),
        ("add:/o/list", {}, {"o": {"list": [None]}}),
        ("remove:/people/0", DATA, {"people": [{"name": "b"}, {"name": "c"}]}),
        ("remove:/people/0/tags/1", {"people": [{"tags": ["x", "y"]}]}, {"people": [{"tags": ["x"]}]}),
        ("up:/people/2", DATA, {"people": [DATA["people"][0], {"name": "c"}, {"name": "b"}]}),
        ("down:/people/0", DATA, {"people": [{"name": "b"}, DATA["people"][0], {"name": "c"}]}),
        ("refresh:/people", DATA, DATA),
        ("reset", DATA, {"limit": 5}),
        ("up:/people/0", DATA, DATA),
        ("down:/people/2", DATA, DATA),
        ("remove:/people/9", DATA, DATA),
        ("remove:/limit", {"limit": 3}, {"limit": 3}),
        ("remove:", DATA, DATA),
        ("add:", DATA, DATA),
        ("add:/limit", {}, {}),
        ("add:/nowhere/at/all", {}, {}),
        ("add:/people", {"people": "a text"}, {"people": "a text"}),
        ("add:/people/7/tags", DATA, DATA),
    ],
)
def test_it_changes_the_data(operation, before, after):
    assert operate(FORM, before, operation) == after


def test_a_new_item_has_its_own_default_completed_by_those_of_its_fields():
    item = {**ITEM, "default": {"tags": ["x"]}}
    form = forms.read_form({"fields": [{"id": "people", "type": "array", "items": item}]})

    assert operate(form, {}, "add:/people") == {"people": [{"name": "Ada", "tags": ["x"]}]}


def test_the_data_given_stays_as_it_is():
    data = {"people": [{"tags": ["x"]}]}
    operate(FORM, data, "add:/people/0/tags")
    assert data == {"people": [{"tags": ["x"]}]}


@pytest.mark.parametrize("operation", ["", "explode:/people", "Add:/people"])
def test_an_unknown_operation_is_refused(operation):
    with pytest.raises(ValueError, match="is no operation of a form"):
        operate(FORM, {}, operation)


def test_items_of_any_depth_are_named_by_their_pointer():
    form = forms.read_form(
        {"fields": [{"id": "a/b~", "type": "array", "items": {"type": "array", "items": {"type": "integer"}}}]}
    )
    assert operate(form, {"a/b~": [[1], [2]]}, "remove:/a~1b~0/1/0") == {"a/b~": [[1], []]}
    assert operate(form, {"a/b~": [[1]]}, "add:/a~1b~0") == {"a/b~": [[1], []]}
