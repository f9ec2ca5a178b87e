"""Choices that stand in the schema, and those that come from content (decisions 1 and 2)."""

import pytest

from src.runtime.forms import FormValidator
from tests.forms.building import WITH_CONTENT, faults, field, form, rules_of

COLOURS = {"choices": {"values": [{"value": "red", "label": "Red"}, {"value": "blue", "label": "Blue"}]}}
PEOPLE = {"choices": {"values": [{"value": {"id": 1, "label": "Ada"}}, {"value": {"id": 2, "label": "Bob"}}]}}


@pytest.mark.parametrize(
    "kind, accepted, refused",
    [
        (field("string", **COLOURS), ["red"], ["green", {"id": "red"}, ["red"], 1]),
        (field("object", **COLOURS), ["red", {"id": "red", "label": "Red"}], ["green", {"id": "green"}, {}]),
        (field("object", **PEOPLE), [1, {"id": 1}, {"id": 2, "label": "Robert"}], [3, {"id": 3}, "x", True]),
        (field("integer", **PEOPLE), [1, {"id": 1}], [3, {"id": 3}]),
        (field("integer", choices={"values": [{"value": "1"}, {"value": 2}]}), [1, "1", "2"], [3, "3"]),
        (field("array", **COLOURS), [["red", "blue"], []], []),
        (field("string", choices={"values": [{"value": {"a": 1}}]}), [{"a": 1}], [{"a": 2}, {"a": True}]),
    ],
)
def test_static_choices_are_an_enum(kind, accepted, refused):
    assert [rules_of(kind, value) for value in accepted] == [[]] * len(accepted)
    assert [rules_of(kind, value) for value in refused] == [["choices"]] * len(refused)


@pytest.mark.parametrize(
    "kind, sent, handed_on",
    [
        (field("string", **WITH_CONTENT), {"id": "g", "label": "Green"}, "g"),
        (field("string", **WITH_CONTENT), {"id": 5, "label": "Five"}, 5),
        (field("integer", **WITH_CONTENT), {"id": "5", "label": "Five"}, 5),
        (field("boolean", **WITH_CONTENT), {"id": False, "label": "No"}, False),
        (field("integer", **PEOPLE), {"id": 1, "label": "Ada"}, 1),
        (field("array", items={"type": "string", **WITH_CONTENT}), [{"id": "g"}, "h"], ["g", "h"]),
        (field("object", **WITH_CONTENT), {"id": "g", "label": "Green"}, {"id": "g", "label": "Green"}),
        (field("object", **PEOPLE), 1, 1),
    ],
)
def test_a_scalar_field_receives_the_id(kind, sent, handed_on):
    data = {"x": sent}
    found = FormValidator(form(kind)).validate(data)

    assert (found.errors, found.data) == ((), {"x": handed_on})
    assert data == {"x": sent}


@pytest.mark.parametrize("of_choice", [{"id": "g"}, ["g"], {}])
def test_an_id_that_is_no_scalar_is_refused(of_choice):
    assert faults(form(field("integer", **WITH_CONTENT)), {"x": {"id": of_choice}}) == [("x", "type")]


@pytest.mark.parametrize("sent", ["typed", 5, True, [1], {"key": "a"}, {"id": 1, "name": "Ada"}, {"id": ["g"]}])
def test_a_text_that_content_fills_takes_any_json_and_passes_it_on(sent):
    found = FormValidator(form(field("string", **WITH_CONTENT))).validate({"x": sent})
    assert (found.errors, found.data) == ((), {"x": sent})


@pytest.mark.parametrize("sent, handed_on", [("red", "red"), ("mauve", "mauve"), (5, "5"), ("{{ a", "{{ a")])
def test_a_pattern_makes_choices_suggestions(sent, handed_on):
    found = FormValidator(form(field("string", **COLOURS, validation={"pattern": ".*"}))).validate({"x": sent})
    assert (found.errors, found.data) == ((), {"x": handed_on})


def test_what_is_typed_beside_the_choices_must_fit_the_pattern_and_the_choices_need_not():
    kind = field("string", **COLOURS, validation={"pattern": "^#"})
    assert [rules_of(kind, value) for value in ("#fff", "red", "mauve")] == [[], [], ["pattern"]]


@pytest.mark.parametrize("items", [{}, {"items": {"type": "string"}}])
def test_the_choices_of_a_list_are_those_of_its_items(items):
    assert faults(form(field("array", **COLOURS, **items)), {"x": ["red", "green"]}) == [("x[1]", "choices")]


def test_an_empty_list_of_choices_restricts_nothing():
    assert rules_of(field("string", choices={"values": []}), "anything") == []


@pytest.mark.parametrize(
    "kind, accepted, refused",
    [
        (field("string", **WITH_CONTENT, **COLOURS), ["green", 5, {"id": "g", "label": "Green"}], []),
        (field("integer", **WITH_CONTENT), [5, "5", {"id": 5}], ["green"]),
        (field("object", **WITH_CONTENT), ["green", 5, {"id": "g"}, {"any": "thing"}], [["green"]]),
        (field("array", items={"type": "string", **WITH_CONTENT}), [["green"]], ["green"]),
    ],
)
def test_dynamic_choices_are_never_an_enum(kind, accepted, refused):
    assert [rules_of(kind, value) for value in accepted] == [[]] * len(accepted)
    assert [rules_of(kind, value) for value in refused] == [["type"]] * len(refused)


def test_a_listed_choice_counts_beside_content_too():
    listed = {"choices": {"values": [{"value": False, "label": "None"}]}, **WITH_CONTENT}

    assert [rules_of(field("integer", **listed), value) for value in (False, 7, "7")] == [[], [], []]
    assert rules_of(field("integer", **listed), True) == ["type"]
