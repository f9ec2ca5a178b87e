"""Rules in words, and what a form watches."""

import pytest

from src.runtime.forms import EACH, in_words, read_form, watched


def rule_of(**asked):
    fields = [{"id": "x", "apply_as": "merge"}]
    return read_form({"fields": [], "rules": [{"if": asked, "then": {"fields": fields}}]}).rules[0]


@pytest.mark.parametrize(
    "operator, value, words",
    [
        ("equal", "x", "`a` equals `x`"),
        ("equal", {"id": 1, "label": "One"}, "`a` equals `One`"),
        ("equal", None, "`a` equals nothing"),
        ("not_equal", True, "`a` does not equal `true`"),
        ("is_in", ["x", 5], "`a` is one of `x`, `5`"),
        ("is_not_in", [], "`a` is none of nothing"),
        ("is_empty", None, "`a` is empty"),
        ("is_not_empty", None, "`a` is not empty"),
        ("greater_than", 5, "`a` is greater than `5`"),
        ("less_than", 0.5, "`a` is less than `0.5`"),
    ],
)
def test_a_condition_is_a_sentence(operator, value, words):
    assert in_words(rule_of(**{"and": [{"id": "a", "operator": operator, "value": value}]})) == words


def test_conditions_are_joined_as_they_hold():
    one, two = {"id": "a", "operator": "is_empty"}, {"id": "b", "operator": "is_not_empty"}
    assert in_words(rule_of(**{"or": [one, two]})) == "`a` is empty or `b` is not empty"
    assert (
        in_words(rule_of(**{"and": [one], "or": [one, two]})) == "`a` is empty and (`a` is empty or `b` is not empty)"
    )
    assert in_words(rule_of(**{"and": [one, two], "or": [two]})) == (
        "`a` is empty and `b` is not empty and `b` is not empty"
    )


def test_watched_is_what_rules_ask_for_and_content_depends_on():
    content = {"content_objects": [{"id": "t", "content_object_depends_on_fields": [{"id": "n"}, {"id": "top"}]}]}
    item = {"type": "object", "fields": [{"id": "n"}, {"id": "m", "content": content}]}
    rule = {
        "if": {"and": [{"id": "list.items.n", "operator": "is_empty"}]},
        "then": {"fields": [{"id": "top", "apply_as": "merge"}]},
    }
    form = read_form({"fields": [{"id": "top"}, {"id": "list", "type": "array", "items": item}], "rules": [rule]})
    assert watched(form) == {("list", 0, "n"), ("list", EACH, "n"), ("top",)}
    assert watched(read_form({"fields": [{"id": "a"}]})) == frozenset()
