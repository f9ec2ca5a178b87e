"""What is said of a schema, and where: all that is outside the specification or does not fit."""

import pytest

from src.runtime.forms import read_form, remarks
from src.runtime.forms.vocabulary import FORMATS, LANGUAGES, WIDGETS
from tests.forms.building import VERSION, notes_of, notes_of_one, read


@pytest.mark.parametrize(
    "parts, path, kind, suggestion",
    [
        ({"lable": "X"}, ("lable",), "unknown-key", "label"),
        ({"help-text": "X"}, ("help-text",), "unknown-key", "description"),
        ({"zzz": 1}, ("zzz",), "unknown-key", None),
        ({"validation": {"requierd": True}}, ("validation", "requierd"), "unknown-key", "required"),
        ({"ui_options": {"ui_wiget": "x"}}, ("ui_options", "ui_wiget"), "unknown-key", "ui_widget"),
        ({"choices": {"values": [], "default": "x"}}, ("choices", "default"), "unknown-key", None),
        ({"choices": {"values": [{"value": 1, "name": "x"}]}}, ("choices", "values", 0, "name"), "unknown-key", None),
        ({"type": "sting"}, ("type",), "unknown-type", "string"),
        ({"type": "bool"}, ("type",), "unknown-type", "boolean"),
        ({"format": "url"}, ("format",), "unknown-value", "uri"),
        ({"ui_options": {"ui_widget": "texarea"}}, ("ui_options", "ui_widget"), "unknown-widget", "textarea"),
        ({"label": 5}, ("label",), "wrong-type", None),
        ({"validation": {"required": "yes"}}, ("validation", "required"), "wrong-type", None),
        ({"validation": {"min_length": -1}}, ("validation", "min_length"), "wrong-type", None),
        ({"validation": []}, ("validation",), "wrong-type", None),
        ({"choices": {"values": ["a"]}}, ("choices", "values", 0), "wrong-type", '{"value": …, "label": …}'),
        ({"choices": ["a"]}, ("choices",), "wrong-type", '{"values": […]}'),
        ({"choices": {"values": [{"label": "A"}]}}, ("choices", "values", 0), "missing-key", None),
        ({"content": {"type": ["manged"]}}, ("content", "type", 0), "unknown-value", "managed"),
        ({"content": {"content_objects": [{}]}}, ("content", "content_objects", 0), "missing-key", None),
        ({"validation": {"pattern": "("}}, ("validation", "pattern"), "pattern-invalid", None),
        ({"validation": {"pattern": "(?i)x"}}, ("validation", "pattern"), "pattern-invalid", None),
        ({"validation": {"min_length": 3, "max_length": 2}}, ("validation", "min_length"), "limits-crossed", None),
        ({"validation": {"minimum": 3}}, ("validation", "minimum"), "no-effect", None),
        ({"default": 5}, ("default",), "default-invalid", None),
        ({"default": "ab", "validation": {"min_length": 3}}, ("default",), "default-invalid", None),
        ({"default": "c", "choices": {"values": [{"value": "a"}]}}, ("default",), "default-invalid", None),
        ({"default": "", "type": "object"}, ("default",), "default-empty", None),
        ({"choices": {"values": [{"value": "a"}, {"value": {"id": "b"}}]}}, ("choices",), "choices-mixed", None),
        ({"choices": {"values": [{"value": 5}]}}, ("choices", "values", 0), "choice-type", None),
        ({"choices": {"values": [{"value": "a"}, {"value": "a"}]}}, ("choices", "values", 1), "choice-repeats", None),
    ],
)
def test_what_is_wrong_with_a_field_is_noted_where_it_stands(parts, path, kind, suggestion):
    assert (path, kind, suggestion) in notes_of_one(**parts)


@pytest.mark.parametrize(
    "schema, path, kind",
    [
        ({"metadata": VERSION}, (), "missing-key"),
        ({"fields": []}, (), "missing-key"),
        ({"metadata": {}, "fields": []}, ("metadata",), "missing-key"),
        (
            {"metadata": {"workflows_module_schema_version": "2"}, "fields": []},
            ("metadata", "workflows_module_schema_version"),
            "unknown-value",
        ),
        ({"fields": {}}, ("fields",), "wrong-type"),
        ({"fields": [5]}, ("fields", 0), "wrong-type"),
        ({"fields": [{"type": "string"}]}, ("fields", 0), "missing-key"),
        ({"fields": [{"id": "", "type": "string"}]}, ("fields", 0, "id"), "missing-key"),
        ({"fields": [{"id": "a"}]}, ("fields", 0), "missing-key"),
        ({"fields": [], "title": "X"}, ("title",), "unknown-key"),
        ({"fields": [{"id": "a", "type": "string"}] * 2}, ("fields", 1, "id"), "duplicate-id"),
    ],
)
def test_what_is_wrong_with_a_form_is_noted_where_it_stands(schema, path, kind):
    assert (path, kind) in [(note.path, note.kind) for note in remarks(read_form(schema))]


A = {"id": "alpha", "type": "string"}


def test_an_order_that_names_no_field_or_misses_one():
    form = read(A, {"id": "beta", "type": "string"}, ui_options={"ui_order": ["alpa", "beta", "beta"]})
    assert [(note.path[2:], note.kind, note.message, note.suggestion) for note in remarks(form)] == [
        ((0,), "order-unknown-field", 'ui_order names "alpa", which is no field', "alpha"),
        ((2,), "order-repeats", 'ui_order names "beta" twice', None),
        ((), "order-missing-field", 'ui_order misses the field "alpha"', '"alpha"'),
    ]


def test_an_order_within_an_object_or_an_item_is_looked_at_too():
    inner = {"fields": [A, {"id": "beta", "type": "string"}], "ui_options": {"ui_order": ["alpha", "gamma"]}}
    fields = [
        {"id": "box", "type": "object", **inner},
        {"id": "rows", "type": "array", "items": {"type": "object", **inner}},
    ]
    for path in (("fields", 0), ("fields", 1, "items")):
        order = (*path, "ui_options", "ui_order")
        kinds = {((*order, 1), "order-unknown-field"), (order, "order-missing-field")}
        assert kinds <= set(notes_of(*fields))


def test_a_rule_that_names_no_field():
    rule = {
        "if": {"and": [{"id": "alpa", "operator": "is_empty"}]},
        "then": {"fields": [{"id": "alpah", "label": "x"}, {"id": "alpha", "validation": {"pattern": "("}}]},
    }
    form = read(A, rules=[rule])
    then = ("rules", 0, "then", "fields")
    assert [(note.path, note.kind, note.message, note.suggestion) for note in remarks(form)[:2]] == [
        (("rules", 0, "if", "and", 0, "id"), "unknown-field", 'the rule asks for "alpa", which is no field', "alpha"),
        ((*then, 0, "id"), "unknown-field", 'the rule changes "alpah", which is no field', "alpha"),
    ]
    assert (remarks(form)[2].path, remarks(form)[2].kind) == ((*then, 1, "validation", "pattern"), "pattern-invalid")


@pytest.mark.parametrize(
    "rule, path, kind",
    [
        ({"then": {"fields": []}}, (), "missing-key"),
        ({"if": {}, "then": {"fields": []}}, ("if",), "empty-rule"),
        ({"if": {"and": [{"operator": "is_empty"}]}, "then": {}}, ("if", "and", 0), "missing-key"),
        ({"if": {"and": [{"id": "alpha", "operator": "equals"}]}}, ("if", "and", 0, "operator"), "unknown-operator"),
        ({"if": {"or": [{"id": "alpha", "operator": "equal"}]}, "then": {}}, ("if", "or", 0), "missing-key"),
        ({"if": {"or": [{"id": "alpha", "operator": "is_in", "value": 1}]}}, ("if", "or", 0, "value"), "wrong-type"),
        ({"if": {"or": [{"id": "a", "operator": "less_than", "value": "x"}]}}, ("if", "or", 0, "value"), "wrong-type"),
        ({"if": {"xor": []}, "then": {}}, ("if", "xor"), "unknown-key"),
        ({"if": {}, "then": {"fields": [{"label": "x"}]}}, ("then", "fields", 0), "missing-key"),
        ({"then": {"fields": [{"id": "alpha", "apply_as": "no"}]}}, ("then", "fields", 0, "apply_as"), "unknown-value"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rule_is_noted_where_it_stands(rule, path, kind):
    assert (("rules", 0, *path), kind) in notes_of(A, rules=[rule])
    assert (("fields", 0, "rules", 0, *path), kind) in notes_of({**A, "rules": [rule]})


@pytest.mark.parametrize("name", ["alpha", "box", "box.in", "list.items", "list.items.in", "list"])
def test_dependencies_that_exist_are_fine(name):
    inner = [{"id": "in", "type": "string"}]
    dependency = {"id": name}
    content = {"content_objects": [{"id": "c", "content_object_depends_on_fields": [dependency]}]}
    fields = [
        A,
        {"id": "box", "type": "object", "fields": inner},
        {"id": "list", "type": "array", "items": {"type": "object", "fields": inner}},
        {"id": "x", "type": "string", "content": content},
    ]
    assert notes_of(*fields) == []
    dependency["id"] = "nowhere." + name
    depends = ("content", "content_objects", 0, "content_object_depends_on_fields", 0, "id")
    assert notes_of(*fields) == [(("fields", 3, *depends), "unknown-field")]


KNOWN = [
    *({"ui_options": {"ui_widget": name}} for name in WIDGETS),
    *({"format": name} for name in FORMATS),
    *({"ui_options": {"ui_widget": "CodeblockWidget", "ui_options": {"language": name}}} for name in LANGUAGES),
]


@pytest.mark.parametrize("parts", KNOWN, ids=str)
def test_every_specified_name_is_known(parts):
    assert notes_of({**A, **parts}) == []


def test_a_field_is_usable_whatever_is_wrong_with_it():
    form = read(
        {"id": "typed_wrong", "type": "text"},
        {"id": "untyped", "items": {"type": "string"}},
        {"id": "odd", "type": "rainbow", "validation": {"pattern": "("}},
        {"type": "string"},
    )
    assert [(each.id, each.type) for each in form.fields] == [
        ("typed_wrong", "string"),
        ("untyped", "array"),
        ("odd", "any"),
        ("", "string"),
    ]
