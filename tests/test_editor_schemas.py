"""The JSON Schemas that editors mark and complete a connector's files with."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from src.runtime.forms import vocabulary
from tests.conftest import ROOT, Stacksync, isolated
from tests.form_schemas import FORM_SCHEMAS, OWN, REAL

SCHEMAS = ROOT / "template" / "documentation" / "schemas"


def schema(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return content


def errors(name: str, document: Any) -> list[str]:
    """What a validator refuses."""
    return [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema(name)).iter_errors(document)]


def marks(name: str, document: Any) -> list[str]:
    """What an editor underlines: the same, and what the schema calls deprecated."""
    return [text for error in Editor(schema(name)).iter_errors(document) for text in _messages(error)]


def _deprecated(_validator: Any, message: str, _instance: Any, _schema: Any) -> Iterator[ValidationError]:
    yield ValidationError(message)


def _messages(error: ValidationError) -> list[str]:
    return [error.message, *(text for inner in error.context or () for text in _messages(inner))]


Editor = extend(Draft7Validator, {"deprecationMessage": _deprecated})


def form(*fields: Any, **more: Any) -> dict[str, Any]:
    return {"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": list(fields), **more}


def field(**more: Any) -> dict[str, Any]:
    return form({"id": "a", "type": "string", **more})


def rule(*conditions: Any, word: Any = "and", **change: Any) -> dict[str, Any]:
    return {"if": {word: list(conditions)}, "then": {"fields": [{"id": "a", **change}]}}


IS_ONE = {"id": "b", "operator": "equal", "value": 1}

DOCUMENTED_FORMS = {
    "root": form(ui_options={"ui_order": ["a"], "ui_layout": {"type": "horizontal", "elements": ["a"]}}, rules=[]),
    "texts": field(label="A", description="What", default="x"),
    "validation": field(
        validation={"required": True, "min_length": 1, "max_length": 9, "pattern": "^a", "minimum": 0.5, "maximum": 9}
    ),
    "messages": field(validation_messages=dict.fromkeys(vocabulary.MESSAGE_NAMES, "No.")),
    "choices": field(choices={"values": [{"value": "x", "label": "X"}, {"value": 1}, {"value": True, "label": "T"}]}),
    "object choices": field(choices={"values": [{"value": {"id": 1, "label": "One"}, "label": "One"}]}),
    "no choices yet": field(choices={"values": []}, content={"type": ["managed"], "content_objects": [{"id": "o"}]}),
    "dependent content": field(
        content={
            "type": ["custom"],
            "content_objects": [
                {"id": "o", "content_object_depends_on_fields": [{"id": "channel"}, {"id": "c.items"}]}
            ],
        }
    ),
    "load_schema": field(on_action={"load_schema": True}),
    "load_content": field(on_action={"load_content": True, "load_schema": True}, reload_content_objects=[{"id": "o"}]),
    "no templates": form({"id": "a", "type": "boolean", "disable_replacement": True}),
    "connections": form(connections={"required": False, "app_types": ["generic_api_credentials", "acme"]}),
    "managed connections": form(
        connections={
            "required": True,
            "app_types": ["postgres"],
            "allowed_connection_management_types": ["managed", "custom"],
        }
    ),
    "layout of a field": field(ui_options={"ui_layout": {"type": "horizontal", "elements": ["x", "y"]}}),
    "null widget": field(ui_options={"ui_widget": None}),
    "free object": form({"id": "a", "type": "object", "default": {"x": 1}}),
    "object": form({"id": "a", "type": "object", "fields": [{"id": "b", "type": "integer"}]}),
    "array": form({"id": "a", "type": "array", "items": {"type": "object", "fields": [{"id": "b", "type": "number"}]}}),
    "records": form(
        {
            "id": "a",
            "type": "array",
            "default": [{}],
            "validation": {"required": True, "min_items": 1, "max_items": 100},
            "items": {
                "type": "object",
                "default": {},
                "fields": [{"id": "b", "type": "string"}],
                "ui_options": {"ui_order": ["b"]},
            },
        }
    ),
    "group": form(
        {
            "id": "a",
            "type": "object",
            "default": {},
            "fields": [{"id": "b", "type": "string"}],
            "ui_options": {"ui_order": ["b"]},
        }
    ),
    "array of choices": form(
        {"id": "a", "type": "array", "items": {"type": "string", "content": {"content_objects": [{"id": "o"}]}}}
    ),
    "connection": form(
        {
            "id": "a",
            "type": "connection",
            "allowed_app_types": ["salesforce", "something_else"],
            "allowed_connection_management_types": ["managed", "custom"],
        }
    ),
    "root rule": form(rules=[rule(IS_ONE, validation={"required": True}, apply_as="merge")]),
    "field rule": field(rules=[rule(IS_ONE, word="or", type="integer", apply_as="fully_replace")]),
    **{f"type {name}": form({"id": "a", "type": name}) for name in vocabulary.TYPES},
    **{f"format {name}": field(format=name) for name in vocabulary.FORMATS},
    **{f"widget {name}": field(ui_options={"ui_widget": name}) for name in vocabulary.WIDGETS},
    **{
        f"language {name}": field(ui_options={"ui_widget": "CodeblockWidget", "ui_options": {"language": name}})
        for name in vocabulary.LANGUAGES
    },
    **{
        f"operator {name}": field(rules=[rule({"id": "b", "operator": name, "value": [1]})])
        for name in vocabulary.OPERATORS
    },
}

ALIASES = {
    **{f"field {name}": (field(**{name: []}), use) for name, use in vocabulary.ALIASES["field"].items()},
    **{
        f"change {name}": (field(rules=[rule(IS_ONE, **{name: 1})]), use)
        for name, use in vocabulary.ALIASES["change"].items()
    },
    **{
        f"items {name}": (form({"id": "a", "type": "array", "items": {"type": "string", name: 1}}), use)
        for name, use in vocabulary.ALIASES["field"].items()
    },
    **{
        f"{kind} {name}": (field(**{kind: {name: 1}}), use)
        for kind in ("validation", "validation_messages", "ui_options", "on_action")
        for name, use in vocabulary.ALIASES[kind].items()
    },
    **{
        f"form {name}": (form(ui_options={name: {}}), use)
        for name, use in vocabulary.ALIASES["form ui_options"].items()
    },
    **{
        f"widget {name}": (field(ui_options={"ui_widget": name}), use)
        for name, use in vocabulary.WIDGET_ALIASES.items()
    },
    **{f"type {name}": (form({"id": "a", "type": name}), use) for name, use in vocabulary.TYPE_ALIASES.items()},
}

WRONG_FORMS = {
    "no version": ({"metadata": {}, "fields": []}, "'workflows_module_schema_version' is a required property"),
    "no fields": ({"metadata": {"workflows_module_schema_version": "1.0.0"}}, "'fields' is a required property"),
    "no id": (form({"type": "string"}), "'id' is a required property"),
    "no type": (form({"id": "a"}), "'type' is a required property"),
    "unknown type": (form({"id": "a", "type": "strin"}), "'strin' is not valid under any of the given schemas"),
    "unknown key": (field(lable="A"), "('lable' was unexpected)"),
    "id of items": (
        form({"id": "a", "type": "array", "items": {"id": "b", "type": "string"}}),
        "('id' was unexpected)",
    ),
    "unknown validation": (field(validation={"requird": True}), "('requird' was unexpected)"),
    "unknown widget": (
        field(ui_options={"ui_widget": "Select"}),
        "'Select' is not valid under any of the given schemas",
    ),
    "unknown operator": (field(rules=[rule({"id": "b", "operator": "equals"})]), "'equals' is not one of"),
    "no condition": (field(rules=[rule()]), "should be non-empty"),
    "apply_as outside of a rule": (field(apply_as="merge"), "('apply_as' was unexpected)"),
    "choice without value": (field(choices={"values": [{"label": "X"}]}), "'value' is a required property"),
    "object choice without id": (field(choices={"values": [{"value": {"x": 1}}]}), "'id' is a required property"),
    "choices as a list": (field(choices=["x"]), "is not of type 'object'"),
    "connections as a list": (form(connections=["postgres"]), "is not of type 'object'"),
    "connections of no type": (form(connections={"required": True}), "'app_types' is a required property"),
    "connections of an empty list": (form(connections={"required": True, "app_types": []}), "should be non-empty"),
    "connections that may be wanted": (
        form(connections={"required": "yes", "app_types": ["x"]}),
        "'yes' is not of type 'boolean'",
    ),
    "managed by others": (
        form(connections={"required": True, "app_types": ["x"], "allowed_connection_management_types": ["me"]}),
        "'me' is not one of",
    ),
    "reloads as texts": (field(reload_content_objects=["o"]), "'o' is not of type 'object'"),
    "text for a flag": (field(disable_replacement="yes"), "'yes' is not of type 'boolean'"),
    "text for a number": (field(validation={"min_length": "3"}), "'3' is not of type 'integer'"),
}

CONFIGS: dict[str, dict[str, dict[str, Any]]] = {
    "app_config": {
        "app_settings": {
            "app_type": "my_app",
            "app_name": "My app",
            "app_description": "Does it",
            "app_type_display": "My application",
            "options": {"anything": [1]},
            "app_icon_svg_url": "https://example.com/icon.svg",
            "routes_directory": "src/modules",
        },
        "local_development_settings": {
            "port": 2003,
            "host": "127.0.0.1",
            "debug": False,
            "cors_origins": ["*"],
            "sentry_dsn": "",
        },
        "runtime_settings": {"max_body_mb": 0.5, "errors_always_400": True, "metrics": False},
    },
    "module_config": {
        "module_settings": {
            "module_name": "Get contacts",
            "module_description": "Gets them",
            "module_category": "action",
            "module_type": "get_contacts",
            "module_version": 1.0,
            "validate_input": False,
            "module_icon_svg_url": "https://example.com/icon.svg",
            "supports_action": True,
            "supports_trigger": False,
            "requires_credentials_for_schema": True,
            "on_create": False,
            "on_update": False,
            "on_delete": False,
            "on_content_update": True,
            "on_content_initialized": True,
        }
    },
}

WRONG_CONFIGS = [
    ("app_config", "app_settings", {"app_typ": "x"}, "('app_typ' was unexpected)"),
    ("app_config", "app_settings", {"app_type": "My App"}, "'My App' does not match '^[a-z][a-z0-9_]*$'"),
    ("app_config", "app_settings", {"app_icon_svg_url": "http://example.com/x.svg"}, "does not match"),
    ("app_config", "local_development_settings", {"port": 70000}, "70000 is greater than the maximum of 65535"),
    ("app_config", "local_development_settings", {"routes_directory": "src"}, "('routes_directory' was unexpected)"),
    ("app_config", "runtime_settings", {"max_body_mb": 0}, "0 is less than or equal to the minimum of 0"),
    ("module_config", "module_settings", {"module_titel": "X"}, "('module_titel' was unexpected)"),
    ("module_config", "module_settings", {"validate_input": "no"}, "'no' is not one of [True, False, 'dynamic']"),
    ("module_config", "module_settings", {"on_content_update": "no"}, "'no' is not of type 'boolean'"),
    ("module_config", "module_settings", {"requires_credentials_for_schema": 1}, "1 is not of type 'boolean'"),
    ("app_config", "app_settings", {"options": []}, "[] is not of type 'object'"),
]


# A content object that is none, and a default inside of `choices`.
FAULTS_OF_THE_CORPUS = r"'choices' was unexpected|'id' is a required property|'default' was unexpected"


@pytest.mark.parametrize("name", ["schema", "module_config", "app_config"])
def test_is_a_json_schema_that_editors_know(name):
    assert schema(name)["$schema"] == "http://json-schema.org/draft-07/schema#"

    Draft7Validator.check_schema(schema(name))


@pytest.mark.parametrize("document", DOCUMENTED_FORMS.values(), ids=DOCUMENTED_FORMS.keys())
def test_documented_forms_are_not_marked(document):
    assert marks("schema", document) == []


@pytest.mark.parametrize("document, use", ALIASES.values(), ids=ALIASES.keys())
def test_aliases_are_marked_with_the_specified_name_but_not_refused(document, use):
    assert errors("schema", document) == []
    expected = "Not in the specification; the platform may ignore it."
    assert any(
        mark.startswith(expected) and (use or "").replace('"', "") in mark.replace('"', "")
        for mark in marks("schema", document)
    )


@pytest.mark.parametrize("document, message", WRONG_FORMS.values(), ids=WRONG_FORMS.keys())
def test_faults_of_a_form_are_refused(document, message):
    assert [error for error in errors("schema", document) if message in error]


@pytest.mark.parametrize("kind, definition", [("field", "field"), ("change", "change")])
def test_names_the_keys_of_the_vocabulary(kind, definition):
    expected = {*vocabulary.SPECIFIED[kind], *vocabulary.ALIASES[kind]}

    assert set(schema("schema")["definitions"][definition]["properties"]) == expected


@pytest.mark.parametrize("name", CONFIGS)
def test_documented_configuration_is_not_marked(name):
    assert marks(name, CONFIGS[name]) == []


@pytest.mark.parametrize("value", [True, False, "dynamic"])
def test_how_input_is_checked(value):
    assert marks("module_config", {"module_settings": {"validate_input": value}}) == []


@pytest.mark.parametrize("key", ["routes_directory_path", "routes_directory", "routes_dir", "routes_path"])
def test_every_name_of_the_modules_directory_is_known(key):
    assert marks("app_config", {"app_settings": {"app_type": "x", "app_name": "X", key: "src/modules"}}) == []


@pytest.mark.parametrize("name, section, change, message", WRONG_CONFIGS)
def test_faults_of_configuration_are_refused(name, section, change, message):
    document = {**CONFIGS[name], section: {**CONFIGS[name][section], **change}}

    assert [error for error in errors(name, document) if message in error]


@pytest.mark.parametrize("file", FORM_SCHEMAS, ids=lambda file: file.stem)
def test_whole_schemas_with_no_fault_but_aliases_are_not_refused(file):
    document = json.loads(file.read_text("utf-8"))
    unexpected = [error for error in errors("schema", document) if not re.search(FAULTS_OF_THE_CORPUS, error)]

    assert unexpected == []


def test_most_real_schemas_have_no_fault():
    faulty = [file.stem for file in REAL if errors("schema", json.loads(file.read_text("utf-8")))]

    assert len(faulty) <= 3


def test_of_our_own_only_the_mistaken_one_has_faults():
    faulty = [file.stem for file in OWN if errors("schema", json.loads(file.read_text("utf-8")))]

    assert faulty == ["mistakes"]


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("editor")
    Stacksync(folder, isolated(folder / "home") | {"PYTHONPATH": str(ROOT / "cli")}).json(
        "new", "my_connector", "--no-git"
    )
    return folder / "my_connector"


def test_generated_files_are_not_marked(connector):
    files = [connector / "app_config.yaml", *connector.glob("src/modules/*/*/*.*")]
    known = [file for file in files if (SCHEMAS / f"{file.stem}.schema.json").exists()]
    found = {file: marks(file.stem, yaml.safe_load(file.read_text("utf-8"))) for file in known}

    assert not any(found.values()), found
    assert len(found) == 5


def test_modelines_lead_to_the_schemas(connector):
    for file in [connector / "app_config.yaml", *connector.glob("src/modules/*/*/module_config.yaml")]:
        modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", file.read_text("utf-8"))
        assert modeline, file
        assert (
            file.parent / modeline[1]
        ).resolve() == connector / "documentation" / "schemas" / f"{file.stem}.schema.json"


def test_settings_of_vscode_lead_from_the_files_to_the_schemas(connector):
    settings = json.loads((connector / ".vscode" / "settings.json").read_text("utf-8"))
    pairs = {pattern: entry["url"] for entry in settings["json.schemas"] for pattern in entry["fileMatch"]}
    pairs |= {pattern: url for url, pattern in settings["yaml.schemas"].items()}

    for pattern, url in pairs.items():
        assert (connector / url).is_file()
        assert list(connector.glob(pattern)), pattern
