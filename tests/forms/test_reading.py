"""Reading form schemas: every name of the specification, and every alias of real schemas."""

import pytest

from src.runtime.forms import FieldChoice, read_form, remarks
from src.runtime.forms.vocabulary import ALIASES, SPECIFIED, TYPES
from tests.forms.building import VERSION, notes_of_one, read, read_one

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
    assert remarks(form) == ()
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
    assert chosen.choices == (FieldChoice("a", "A"),)
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
    ({"validation": {"enum": ["a"]}}, "choices", (FieldChoice("a", "a"),), ("validation", "enum")),
    (
        {"ui_options": {"options": [{"value": 1, "label": "I"}]}},
        "choices",
        (FieldChoice(1, "I"),),
        ("ui_options", "options"),
    ),
    ({"enum": ["a", True]}, "choices", (FieldChoice("a", "a"), FieldChoice(True, "true")), ("enum",)),
]


@pytest.mark.parametrize("parts, name, value, path", ALIASED, ids=[".".join(case[3]) for case in ALIASED])
def test_aliases_are_read_as_what_they_mean_and_noted(parts, name, value, path):
    assert getattr(read_one(**parts), name) == value
    form = read({"id": "x", "type": "string", **parts})
    aliases = [(note.path, note.severity) for note in remarks(form) if note.kind == "alias"]
    assert aliases == [(("fields", 0, *path), "warning")]


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
    assert field.choices == (FieldChoice("", "Any time"), FieldChoice("qdr:h", "Past hour"))


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
