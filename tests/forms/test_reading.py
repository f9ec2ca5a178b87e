"""Reading form schemas: every name of the specification, every alias of real schemas, and what is said of the rest."""

import pytest

from src.runtime.forms import Choice, read_form
from src.runtime.forms.vocabulary import ALIASES, FORMATS, LANGUAGES, SPECIFIED, TYPES, WIDGETS

VERSION = {"workflows_module_schema_version": "1.0.0"}


def read(*fields, **parts):
    return read_form({"metadata": VERSION, "fields": list(fields), **parts})


def read_one(**parts):
    (field,) = read({"id": "x", "type": "string", **parts}).fields
    return field


def notes_of(*fields, **parts):
    return [(note.path, note.kind) for note in read(*fields, **parts).notes]


def notes_of_one(**parts):
    """Return path, kind and suggestion of the notes on a field, from the field."""
    form = read({"id": "x", "type": "string", **parts})
    return [(note.path[2:], note.kind, note.suggestion) for note in form.notes]


EVERYTHING = {
    "metadata": VERSION,
    "fields": [
        *(
            {
                "id": type_,
                "type": type_,
                "label": "Label",
                "description": "About it",
                "validation": {"required": True},
                "validation_messages": {"required": "Fill it in"},
                "ui_options": {"ui_widget": "input", "ui_layout": {"type": "horizontal", "elements": ["string"]}},
                "on_action": {"load_schema": True},
                "rules": [],
            }
            for type_ in TYPES
        ),
        {
            "id": "text",
            "type": "string",
            "format": "email",
            "default": "ada@example.com",
            "validation": {"min_length": 1, "max_length": 99, "pattern": "@"},
            "ui_options": {"ui_widget": "CodeblockWidget", "ui_options": {"language": "json"}},
        },
        {"id": "amount", "type": "number", "default": 5, "validation": {"minimum": 1, "maximum": 9}},
        {"id": "chosen", "type": "string", "choices": {"values": [{"value": "a", "label": "A"}]}, "default": "a"},
        {
            "id": "dynamic",
            "type": "object",
            "choices": {"values": []},
            "content": {
                "type": ["managed"],
                "content_objects": [
                    {"id": "things", "content_object_depends_on_fields": [{"id": "chosen"}, {"id": "list.items.a"}]}
                ],
            },
        },
        {
            "id": "api",
            "type": "connection",
            "allowed_app_types": ["hubspot", "anything"],
            "allowed_connection_management_types": ["managed", "custom"],
        },
        {
            "id": "list",
            "type": "array",
            "items": {"type": "object", "fields": [{"id": "a", "type": "string", "content": {"type": ["custom"]}}]},
        },
    ],
    "ui_options": {"ui_layout": {"type": "horizontal", "elements": ["text", "amount"]}},
    "rules": [
        {
            "if": {
                "and": [{"id": "chosen", "operator": "equal", "value": "a"}],
                "or": [{"id": "list.items", "operator": "is_empty"}],
            },
            "then": {"fields": [{"id": "text", "ui_options": {"ui_widget": None}, "apply_as": "merge"}]},
        }
    ],
}


def test_a_form_that_uses_all_of_the_specification_has_no_notes():
    form = read_form(EVERYTHING)
    assert form.notes == ()
    assert [each.id for each in form.walk()][-3:] == ["list", "items", "a"]


def test_a_field_as_specified_is_read():
    text, amount, chosen, dynamic, api = read_form(EVERYTHING).fields[7:12]
    assert (text.format, text.default, text.widget, text.language) == (
        "email",
        "ada@example.com",
        "CodeblockWidget",
        "json",
    )
    assert (text.validation.min_length, text.validation.max_length, text.validation.pattern) == (1, 99, "@")
    assert (amount.validation.minimum, amount.validation.maximum) == (1, 9)
    assert chosen.choices == (Choice("a", "A"),)
    assert dynamic.content is not None
    assert [(each.id, each.depends_on) for each in dynamic.content.objects] == [("things", ("chosen", "list.items.a"))]
    assert (api.app_types, api.management_types) == (("hubspot", "anything"), ("managed", "custom"))
    first = read_form(EVERYTHING).fields[0]
    assert (first.label, first.description, first.required, first.load_schema) == ("Label", "About it", True, True)
    assert first.messages == {"required": "Fill it in"}
    assert first.layout is not None
    assert (first.layout.type, first.layout.elements) == ("horizontal", ("string",))


# Alias, what a field reads it as, and where the alias stands.
ALIASED = [
    ({"help_text": "h"}, "description", "h", ("help_text",)),
    ({"placeholder": "p"}, "placeholder", "p", ("placeholder",)),
    ({"default_value": 0, "type": "number"}, "default", 0, ("default_value",)),
    ({"required": True}, "required", True, ("required",)),
    ({"ui_options": {"placeholder": "p"}}, "placeholder", "p", ("ui_options", "placeholder")),
    ({"ui_options": {"default": "d"}}, "default", "d", ("ui_options", "default")),
    ({"ui_options": {"item_label": "i"}}, "item_label", "i", ("ui_options", "item_label")),
    ({"ui_options": {"hidden": True}}, "widget", "hidden", ("ui_options", "hidden")),
    ({"ui_options": {"is_password": True}}, "widget", "password", ("ui_options", "is_password")),
    ({"ui_options": {"multiline": True}}, "widget", "textarea", ("ui_options", "multiline")),
    ({"ui_options": {"language": "sql"}}, "language", "sql", ("ui_options", "language")),
    ({"ui_options": {"ui_widget": "dropdown"}}, "widget", "SelectWidget", ("ui_options", "ui_widget")),
    ({"ui_options": {"ui_widget": "select"}}, "widget", "SelectWidget", ("ui_options", "ui_widget")),
    ({"ui_options": {"ui_widget": "include_only"}}, "widget", "SelectWidget", ("ui_options", "ui_widget")),
    ({"ui_options": {"ui_widget": "json_editor"}}, "language", "json", ("ui_options", "ui_widget")),
    ({"ui_options": {"ui_widget": "code_editor"}}, "widget", "CodeblockWidget", ("ui_options", "ui_widget")),
    ({"validation": {"format": "uri"}}, "format", "uri", ("validation", "format")),
    ({"validation": {"enum": ["a"]}}, "choices", (Choice("a", "a"),), ("validation", "enum")),
    (
        {"ui_options": {"options": [{"value": 1, "label": "I"}]}},
        "choices",
        (Choice(1, "I"),),
        ("ui_options", "options"),
    ),
    ({"enum": ["a", True]}, "choices", (Choice("a", "a"), Choice(True, "true")), ("enum",)),
]


@pytest.mark.parametrize("parts, name, value, path", ALIASED, ids=[".".join(case[3]) for case in ALIASED])
def test_aliases_are_read_as_what_they_mean_and_noted(parts, name, value, path):
    assert getattr(read_one(**parts), name) == value
    form = read({"id": "x", "type": "string", **parts})
    noted = {note.path: note for note in form.notes}
    assert noted[("fields", 0, *path)].kind == "alias"
    assert {note.severity for note in form.notes if note.kind == "alias"} == {"warning"}


@pytest.mark.parametrize(
    "type_, alias, value, name",
    [
        ("number", "min", 1.5, "minimum"),
        ("integer", "max", 9, "maximum"),
        ("string", "min", 1, "min_length"),
        ("string", "max", 9, "max_length"),
        ("array", "min", 1, "min_items"),
        ("array", "max", 9, "max_items"),
        ("string", "minLength", 1, "min_length"),
        ("string", "maxLength", 9, "max_length"),
        ("array", "minItems", 1, "min_items"),
        ("array", "maxItems", 9, "max_items"),
    ],
)
def test_aliases_of_limits(type_, alias, value, name):
    field = read_one(type=type_, validation={alias: value})
    assert getattr(field.validation, name) == value
    assert ("validation", alias) in [path for path, _, _ in notes_of_one(type=type_, validation={alias: value})]


def test_limits_of_items_beside_the_validation():
    field = read_one(type="array", minItems=1, maxItems=3, validation={"required": True, "minItems": 2})
    assert (field.required, field.validation.min_items, field.validation.max_items) == (True, 2, 3)


def test_enum_names_label_an_enum():
    field = read_one(enum=["", "qdr:h"], enumNames=["Any time", "Past hour"])
    assert field.choices == (Choice("", "Any time"), Choice("qdr:h", "Past hour"))


@pytest.mark.parametrize("key", ["fields", "properties"])
def test_the_fields_of_an_object_are_a_list(key):
    field = read_one(type="object", **{key: [{"id": "a", "type": "string"}]})
    assert [each.id for each in field.fields or ()] == ["a"]


def test_properties_may_be_a_map_and_required_a_list_of_ids():
    properties = {"a": {"type": "string"}, "b": {"type": "number"}}
    field = read_one(type="object", properties=properties, required=["b"])
    assert [(each.id, each.type, each.required) for each in field.fields or ()] == [
        ("a", "string", False),
        ("b", "number", True),
    ]
    assert [each.source for each in field.fields or ()] == [("fields", 0, "properties", name) for name in "ab"]


def test_every_alias_has_its_note():
    """No alias is listed that the reader would still call unknown, and none that is specified."""
    for place, aliases in ALIASES.items():
        assert not set(aliases) & set(SPECIFIED[place])


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
        ({"validation": {"pattern": "(?i)x"}}, ("validation", "pattern"), "pattern-not-javascript", None),
        ({"validation": {"pattern": "(a+)+$"}}, ("validation", "pattern"), "pattern-slow", None),
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
    assert (path, kind) in [(note.path, note.kind) for note in read_form(schema).notes]


A = {"id": "alpha", "type": "string"}


def test_an_order_that_names_no_field_or_misses_one():
    form = read(A, {"id": "beta", "type": "string"}, ui_options={"ui_order": ["alpa", "beta", "beta"]})
    assert [(note.path[2:], note.kind, note.message, note.suggestion) for note in form.notes] == [
        ((0,), "order-unknown-field", 'ui_order names "alpa", which is no field', "alpha"),
        ((2,), "order-repeats", 'ui_order names "beta" twice', None),
        ((), "order-missing-field", 'ui_order misses the field "alpha"', '"alpha"'),
    ]


def test_a_rule_that_names_no_field():
    rule = {
        "if": {"and": [{"id": "alpa", "operator": "is_empty"}]},
        "then": {"fields": [{"id": "alpah", "label": "x"}, {"id": "alpha", "validation": {"pattern": "("}}]},
    }
    form = read(A, rules=[rule])
    then = ("rules", 0, "then", "fields")
    assert [(note.path, note.kind, note.message, note.suggestion) for note in form.notes[:2]] == [
        (("rules", 0, "if", "and", 0, "id"), "unknown-field", 'the rule asks for "alpa", which is no field', "alpha"),
        ((*then, 0, "id"), "unknown-field", 'the rule changes "alpah", which is no field', "alpha"),
    ]
    assert (form.notes[2].path, form.notes[2].kind) == ((*then, 1, "validation", "pattern"), "pattern-invalid")


@pytest.mark.parametrize(
    "rule, path, kind",
    [
        ({"then": {"fields": []}}, (), "missing-key"),
        ({"if": {}, "then": {"fields": []}}, ("if",), "empty-rule"),
        ({"if": {"and": [{"operator": "is_empty"}]}, "then": {}}, ("if", "and", 0), "missing-key"),
        ({"if": {"and": [{"id": "alpha", "operator": "equals"}]}}, ("if", "and", 0, "operator"), "unknown-operator"),
        ({"if": {"or": [{"id": "alpha", "operator": "equal"}]}, "then": {}}, ("if", "or", 0), "missing-key"),
        ({"if": {"or": [{"id": "alpha", "operator": "is_in", "value": 1}]}}, ("if", "or", 0, "value"), "wrong-type"),
        ({"if": {"or": [{"id": "alpha", "operator": "less_than", "value": "x"}]}}, ("if", "or", 0, "value"), "wrong-type"),
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
