"""Whole form schemas: our own, and those of real connectors where they are at hand."""

import json

import pytest

from src.runtime.forms import FormValidator, defaults_of, read_form, remarks
from src.runtime.forms.vocabulary import SPECIFIED
from tests.form_schemas import FAULTY, FORM_SCHEMAS

each_schema = pytest.mark.parametrize("path", FORM_SCHEMAS, ids=lambda path: path.stem)

# What each key holds, seen from the object it is a key of.
BELOW = {
    ("form", "metadata"): "metadata",
    ("form", "ui_options"): "form ui_options",
    ("form", "fields"): "field",
    ("field", "fields"): "field",
    ("field", "items"): "field",
    ("field", "validation"): "validation",
    ("field", "ui_options"): "ui_options",
    ("ui_options", "ui_options"): "widget options",
    ("field", "choices"): "choices",
    ("choices", "values"): "choice",
    ("field", "content"): "content",
    ("content", "content_objects"): "content object",
    ("content object", "content_object_depends_on_fields"): "dependency",
    ("field", "on_action"): "on_action",
}


def unspecified(value, place="form", path=()):
    """Find the keys outside the specification, by another way than the reader's."""
    for key, below in value.items():
        if key not in SPECIFIED[place]:
            yield (*path, key)
        entries = enumerate(below) if isinstance(below, list) else [(None, below)]
        for index, entry in entries:
            if (place, key) in BELOW and isinstance(entry, dict):
                yield from unspecified(entry, BELOW[place, key], (*path, key) if index is None else (*path, key, index))


@each_schema
def test_it_is_read_and_data_converted_and_checked(path):
    schema = json.loads(path.read_text("utf-8"))
    form = read_form(schema)
    leaves = [each for each in form.walk() if not each.fields and not each.items]
    assert all(each.id and each.type != "any" for each in leaves)
    for data in ({}, defaults_of(form.fields), {each.id: object for each in form.fields}):
        FormValidator(schema).validate(data)


@each_schema
def test_every_unspecified_key_is_noted_where_it_stands(path):
    schema = json.loads(path.read_text("utf-8"))
    noted = {note.path for note in remarks(read_form(schema)) if note.kind in ("alias", "unknown-key")}
    assert set(unspecified(schema)) <= noted


@each_schema
def test_an_alias_is_never_an_error(path):
    notes = remarks(read_form(json.loads(path.read_text("utf-8"))))
    assert all(note.severity == "warning" for note in notes if note.kind in ("alias", "unknown-key", "unknown-widget"))


def test_only_the_forms_with_real_faults_have_errors():
    faulty = {
        path.stem
        for path in FORM_SCHEMAS
        for note in remarks(read_form(json.loads(path.read_text("utf-8"))))
        if note.severity == "error"
    }
    assert faulty == FAULTY
