"""`--fix`: what it changes, what it leaves as it was, and that doing it twice is doing it once."""

import json
import stat
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stacksync.inspection.fixing import fix
from stacksync.inspection.inspection import inspect
from stacksync.inspection.selection import Selection
from stacksync.runtime import forms
from tests.check.sample import FORM, SCHEMA, form, write

FIXABLE = Selection(select=("SCH008", "SCH010", "SCH021"))
BY_NAME = Selection(select=("SCH022", "SCH023"))


def fixed(root, schema, selection=FIXABLE):
    """Return what is left of a schema after --fix, and how much was mended."""
    write(root, {SCHEMA: schema})
    _, mended = fix(root, selection)
    return (root / SCHEMA).read_bytes().decode("utf-8"), mended


@pytest.mark.parametrize(
    "before, after",
    [
        (
            '{"id": "a", "type": "string",  "help_text" : "x" }',
            '{"id": "a", "type": "string",  "description" : "x" }',
        ),
        ('{"id": "a", "type": "string", "default_value": "x"}', '{"id": "a", "type": "string", "default": "x"}'),
        (
            '{"id": "a", "type": "string", "validation": {"minLength": 1, "maxLength": 2}}',
            '{"id": "a", "type": "string", "validation": {"min_length": 1, "max_length": 2}}',
        ),
        (
            '{"id": "a", "type": "object", "properties": [{"id": "b", "type": "string"}]}',
            '{"id": "a", "type": "object", "fields": [{"id": "b", "type": "string"}]}',
        ),
        (
            '{"id": "a", "type": "string", "ui_options": {"is_password": true}}',
            '{"id": "a", "type": "string", "ui_options": {"ui_widget": "password"}}',
        ),
        (
            '{"id": "a", "type": "string", "ui_options": {"ui_widget": "dropdown"}}',
            '{"id": "a", "type": "string", "ui_options": {"ui_widget": "SelectWidget"}}',
        ),
        (
            '{"id": "a", "type": "array", "validation": {"minItems": 1}, "validation_messages": {"minItems": "x"}}',
            '{"id": "a", "type": "array", "validation": {"min_items": 1}, "validation_messages": {"min_items": "x"}}',
        ),
        ('{"id": "a", "type": "object",\n  "default": ""}', '{"id": "a", "type": "object"}'),
        ('{"default": "",\n  "id": "a", "type": "object"}', '{"id": "a", "type": "object"}'),
    ],
)
def test_a_field_is_mended_where_it_stands(tmp_path, before, after):
    frame = '{{"metadata": {{"workflows_module_schema_version": "1.0.0"}},\n\t"fields": [{}]\n}}\n'

    assert fixed(tmp_path, frame.format(before)) == (
        frame.format(after),
        before.count("ength") or before.count("minItems") or 1,
    )


@pytest.mark.parametrize(
    "before, after",
    [
        ("[]", "[]"),
        ('["a"]', '["a", "b", "c"]'),
        ('["c","a"]', '["c","a","b"]'),
        ('[\n  "c",\n  "b"\n]', '[\n  "c",\n  "b",\n  "a"\n]'),
        ('[\n  "b"\n]', '[\n  "b",\n  "a",\n  "c"\n]'),
        ('["a", "z", "b", "c"]', '["a", "b", "c"]'),
        ('["z", "a", "b", "c"]', '["a", "b", "c"]'),
        ('["a", "b", "c", "y", "z"]', '["a", "b", "c"]'),
        ('["a", "b", "a", "c"]', '["a", "b", "c"]'),
        ('["z"]', '["a", "b", "c"]'),
        ('["z", "c"]', '["c", "a", "b"]'),
    ],
)
def test_the_order_is_mended(tmp_path, before, after):
    fields = [{"id": name, "type": "string"} for name in "abc"]
    schema = form(*fields, ui_options={"ui_order": ["ORDER"]})

    assert fixed(tmp_path, schema.replace('["ORDER"]', before))[0] == schema.replace('["ORDER"]', after)


@pytest.mark.parametrize(
    "field",
    [
        {"id": "a", "type": "string", "help_text": "x", "description": "y"},
        {"id": "a", "type": "string", "placeholder": "x"},
        {"id": "a", "type": "object", "properties": {"b": {"type": "string"}}},
        {"id": "a", "type": "string", "enum": ["x"]},
        {"id": "a", "type": "string", "ui_options": {"is_password": False}},
        {"id": "a", "type": "string", "ui_options": {"is_password": True, "ui_widget": "input"}},
        {"id": "a", "type": "string", "ui_options": {"ui_widget": "include_only"}},
        {"id": "a", "type": "string", "validation": {"min": 1, "minimum": 2}},
        {"id": "a", "type": "array", "minItems": 1},
        {"id": "a", "type": "string", "on_action": {"load_content": True, "reload_content_objects": [{"id": "o"}]}},
        {"id": "a", "type": "string", "lable": "x"},
    ],
)
def test_what_would_mean_something_else_is_left(tmp_path, field):
    schema = form(field)

    assert fixed(tmp_path, schema) == (schema, 0)


def test_line_ends_marks_and_modes_stay(tmp_path):
    text = "\ufeff" + form({"id": "a", "type": "string", "help_text": "ä"}).replace("\n", "\r\n")
    file = write(tmp_path / "connector", {SCHEMA: text}) / SCHEMA
    file.chmod(0o640)

    fix(tmp_path / "connector", FIXABLE)

    assert file.read_bytes().decode("utf-8") == text.replace("help_text", "description")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def test_a_link_is_not_followed(tmp_path):
    text = form({"id": "a", "type": "string", "help_text": "ä"})
    root = write(tmp_path / "connector", {SCHEMA: text})
    real = tmp_path / "real.json"
    (root / SCHEMA).rename(real)
    (root / SCHEMA).symlink_to(real)

    _, mended = fix(root, FIXABLE)

    assert mended == 0
    assert real.read_text("utf-8") == text
    assert (root / SCHEMA).is_symlink()


NAMES = st.sampled_from(["a", "b", "c", "z"])
VALUE = st.sampled_from([None, True, False, "", "x", 1, 2.5, [], {}, ["a", "b"], {"id": "a"}])
KEYS = st.sampled_from(
    ["help_text", "description", "default", "default_value", "placeholder", "enum", "choices", "format", "label"]
)
UI = st.dictionaries(
    st.sampled_from(["ui_widget", "hidden", "is_password", "multiline", "language", "placeholder", "ui:layout"]),
    st.sampled_from(
        [True, False, None, "dropdown", "json_editor", "input", "x", {"type": "horizontal", "elements": ["a"]}]
    ),
    max_size=3,
)
VALIDATION = st.dictionaries(
    st.sampled_from(["min", "max", "minimum", "minLength", "min_length", "required", "minItems"]), VALUE, max_size=3
)
FIELD = st.builds(
    lambda name, type_, more, ui, validation: {
        "id": name,
        "type": type_,
        **more,
        "ui_options": ui,
        "validation": validation,
    },
    NAMES,
    st.sampled_from(["string", "object", "integer", "array", "boolean"]),
    st.dictionaries(KEYS, VALUE, max_size=4),
    UI,
    VALIDATION,
)
SCHEMAS = st.builds(
    lambda fields, inner, order: {
        **FORM,
        "fields": [*fields, {"id": "o", "type": "object", "properties": inner}],
        "ui_options": {"ui_order": order},
    },
    st.lists(FIELD, max_size=3),
    st.lists(FIELD, max_size=2),
    st.lists(NAMES, max_size=5),
)


def meaning(form):
    """Return what checking reads of a form: nothing of where it stands, and no default that says nothing."""
    return [plain(each) for each in form.fields], [replace(rule, source=()) for rule in form.rules]


def plain(field):
    inner = {
        "fields": tuple(map(plain, field.fields)) if field.fields is not None else None,
        "items": plain(field.items) if field.items else None,
    }
    default = None if field.default == "" else field.default
    return replace(field, source=(), default=default, default_source=(), given=frozenset(), rules=(), **inner)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.sampled_from([None, 1, "\t"]))
def test_twice_is_once_and_the_meaning_stays(tmp_path_factory, schema, indent):
    root = tmp_path_factory.mktemp("fix")
    once, _ = fixed(root, json.dumps(schema, indent=indent))
    twice, mended = fixed(root, once)

    assert (twice, mended) == (once, 0)
    before, after = forms.read_form(schema), forms.read_form(json.loads(once))
    assert [field.id for field in before.ordered()] == [field.id for field in after.ordered()]
    assert meaning(before) == meaning(after)
    assert forms.defaults_of(before.fields) == forms.defaults_of(after.fields)
    assert before.content_objects() == after.content_objects()


ADDED = {"pattern": ".*", "disable_replacement": True}


def as_before(value):
    """Return a schema without what the fixes by name add."""
    if isinstance(value, list):
        return [as_before(each) for each in value]
    if not isinstance(value, dict):
        return value

    kept = {key: as_before(inner) for key, inner in value.items() if key not in ADDED or inner != ADDED[key]}
    return {key: inner for key, inner in kept.items() if (key, inner) != ("validation", {})}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.sampled_from([None, 1, "\t"]))
def test_a_fix_by_name_adds_what_is_missing_and_nothing_else(tmp_path_factory, schema, indent):
    root = tmp_path_factory.mktemp("fix")
    once, _ = fixed(root, json.dumps(schema, indent=indent), BY_NAME)

    assert fixed(root, once, BY_NAME) == (once, 0)
    assert as_before(json.loads(once)) == as_before(schema)
    left = inspect(root, BY_NAME).findings
    assert [finding for finding in left if finding.edits] == []
