"""What every module keeps to. A new module is covered as soon as its folder is there; there is nothing to add here."""

import json

import pytest

from src.runtime.forms import FormValidator, read_form, remarks
from src.runtime.testing import Example, ModuleClient, difference


def schema_of(version: ModuleClient):
    file = version.folder.path / "schema.json"
    if not file.is_file():
        pytest.skip("the module has no schema.json")
    return json.loads(file.read_text("utf-8"))


def test_schema_is_a_form(version: ModuleClient):
    form = read_form(schema_of(version))
    assert [note for note in remarks(form) if note.severity == "error"] == []


def test_content_objects_are_answered_in_the_right_shape(version: ModuleClient):
    for name in [each.id for each in read_form(schema_of(version)).content_objects()]:
        reply = version.content([name])
        assert reply.json is not None
        assert reply.status_code in {200, 400, 401, 403, 502}, reply.text
        if reply.status_code != 200:
            # Without a connection a third party cannot be asked; saying so in the envelope is an answer.
            assert reply.json["error"], reply.text
            continue

        (answer,) = reply.json["data"]["content_objects"]
        assert answer["content_object_name"] == name
        assert all({"value", "label"} <= choice.keys() for choice in answer["data"]), reply.text


def test_execute_refuses_missing_required_fields(version: ModuleClient):
    required = {error.field for error in FormValidator(schema_of(version)).validate({}).errors}
    if not required or not version.checks_input():
        pytest.skip("nothing is required, or the module checks its input itself")

    # Without a connection, a form that requires one is refused before its fields are looked at.
    reply = version.execute({}, credentials={"api_credentials": "for-tests"})

    assert reply.status_code == 400, reply.text
    assert reply.json is not None
    assert {error["field"] for error in reply.json["data"]["errors"]} == required


def test_example(version: ModuleClient, example: Example):
    reply = version.send(example.endpoint, example.request)

    assert reply.status_code == example.status, reply.text
    assert difference(example.reply, reply.json) is None, reply.text
