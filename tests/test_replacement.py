"""Templates in data, and what is sent in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacksync.replacement import replace_templates, templates_in
from stacksync.runtime import forms

FORM = forms.read_form(
    {
        "fields": [
            {"id": "a", "type": "string"},
            {"id": "kept", "type": "string", "disable_replacement": True},
            {"id": "free", "type": "object"},
            {
                "id": "rows",
                "type": "array",
                "items": {"type": "object", "fields": [{"id": "b"}, {"id": "kept", "disable_replacement": True}]},
            },
        ]
    }
)


@pytest.mark.parametrize(
    "text, value, sent",
    [
        ("{{ x }}", "7", 7),
        ("{{x}}", '"7"', "7"),
        (" {{ x }}\n", "true", True),
        ("{{ x }}", "a text", "a text"),
        ("{{ x }}", "NaN", "NaN"),
        ("{{ x }}", '{"a": 1}', {"a": 1}),
        ("no. {{ x }}!", "7", "no. 7!"),
        ("{{ x }}{{ x }}", "7", "77"),
        ('{"a": {{ x }}}', '["é"]', '{"a": ["é"]}'),
        ("{{ x }", "7", "{{ x }"),
        ("plain", "7", "plain"),
    ],
)
def test_a_template_becomes_its_value(text, value, sent):
    made = replace_templates(FORM, {"a": text}, {"x": value})
    assert made.data == {"a": sent}
    assert type(made.data["a"]) is type(sent)


def test_it_is_replaced_at_any_depth_but_where_none_may_stand():
    x = "{{ x }}"
    data = {"kept": x, "free": {"deep": [x]}, "rows": [{"b": x, "kept": x}], "unknown": x}

    made = replace_templates(FORM, data, {"x": "1"})

    assert made.data == {"kept": x, "free": {"deep": [1]}, "rows": [{"b": 1, "kept": x}], "unknown": 1}
    assert [each.steps for each in made.replacements] == [("free", "deep", 0), ("rows", 0, "b"), ("unknown",)]
    assert data["free"] == {"deep": [x]}


@pytest.mark.parametrize("values", [{}, {"x": ""}])
def test_one_without_a_value_stays_and_is_named(values):
    made = replace_templates(FORM, {"a": "{{ x }} and {{ y }}"}, {**values, "y": "1"})
    assert made.data == {"a": "{{ x }} and 1"}
    assert [each.missing for each in made.replacements] == [("x",)]


@given(st.text(st.sampled_from("{} ax\n")))
def test_what_the_runtime_calls_a_template_is_one(text):
    assert forms.has_template(text) == bool(templates_in(text))
