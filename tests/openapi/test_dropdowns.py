"""Fields that a list of the API fills: which are proposed, why, and what becomes of them in a form."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from src.runtime.http import session
from stacksync.openapi.description import read_description
from stacksync.openapi.dropdowns import field_at
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.openapi.overrides import Dropdown
from tests.conftest import Stacksync
from tests.openapi.conftest import Reader
from tests.openapi.serving import Served

TEXT: dict[str, Any] = {"type": "string"}
NAMED = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
TASK = {
    "type": "object",
    "required": ["project_id"],
    "properties": {
        "title": TEXT,
        "project_id": {"type": "string", "description": "Where it belongs."},
        "lead_author_id": {"type": "integer"},
        "author": {"type": "object", "properties": {"id": TEXT, "role": TEXT}},
        "steps": {"type": "array", "items": {"type": "object", "properties": {"author_id": TEXT}}},
        "kind_id": {"type": "string", "enum": ["a", "b"]},
        "nobody_id": TEXT,
        "author_ids": {"type": "array", "items": TEXT},
    },
}


def listing(**more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "array", "items": NAMED}}}
    return {"responses": {"200": {"description": "", "content": content}}, **more}


def parameter(name: str, place: str = "path", required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": TEXT}


def written(method: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": TASK}}}
    return {method: {"parameters": list(parameters), "requestBody": body, "responses": {"200": {"description": ""}}}}


TENANT, SPACE = parameter("Tenant", "header"), parameter("space_id")
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Tasks"},
    "servers": [{"url": "https://api.tasks.example"}],
    "paths": {
        "/spaces": {"get": listing()},
        "/authors": {"get": listing()},
        "/kinds": {"get": listing()},
        "/projects": {"get": listing(parameters=[TENANT])},
        "/spaces/{space_id}/projects": {"get": listing(parameters=[SPACE])},
        "/spaces/{space_id}/tasks": {
            "get": listing(parameters=[SPACE, parameter("author_id", "query", False)]),
            **written("post", SPACE),
        },
        "/tasks": written("put"),
    },
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tasks") / "tasks.json"
    made.write_text(json.dumps(DOCUMENT))
    return made


@pytest.fixture(scope="module")
def catalogue(file: Path) -> Catalogue:
    return Catalogue(Mapper(read_description(str(file))))


def mapped(catalogue: Catalogue, address: str) -> Mapped:
    (operation,) = [each for each in catalogue.operations if each.address == address]
    return catalogue.mapped(operation, catalogue.proposals(operation))


def told(catalogue: Catalogue, address: str) -> list[str]:
    (operation,) = [each for each in catalogue.operations if each.address == address]
    return [f"{each.field}: {each.evidence}" for each in catalogue.proposals(operation)]


def test_fields_of_the_body_are_proposed_with_what_speaks_for_them(catalogue: Catalogue) -> None:
    assert told(catalogue, "POST /spaces/{space_id}/tasks") == [
        "space_id: {space_id} stands behind GET /spaces",
        # Of two lists the one that lies in what the operation is about.
        "project_id: project_id names GET /spaces/{space_id}/projects",
        "lead_author_id: lead_author_id names GET /authors",
        "author/id: author/id names GET /authors",
        "steps/author_id: steps/author_id names GET /authors",
    ]


def test_a_list_that_cannot_be_called_from_here_fills_nothing(catalogue: Catalogue) -> None:
    # GET /projects needs the header Tenant, and the other list a space.
    assert "project_id" not in " ".join(told(catalogue, "PUT /tasks"))


def test_a_dropdown_keeps_what_the_field_says_and_waits_for_what_it_needs(catalogue: Catalogue) -> None:
    made = mapped(catalogue, "POST /spaces/{space_id}/tasks")

    project = field_at(made.form, "project_id") or {}
    assert (project["description"], project["validation"]["required"]) == ("Where it belongs.", True)
    assert project["content"]["content_objects"] == [
        {"id": "project_id_choices", "content_object_depends_on_fields": [{"id": "space_id"}]}
    ]
    space = field_at(made.form, "space_id") or {}
    assert space["reload_content_objects"] == [{"id": "project_id_choices"}]
    inner = field_at(made.form, "steps/author_id") or {}
    assert inner["content"]["content_objects"] == [{"id": "steps_author_id_choices"}]
    assert list(made.plan["choices"]) == ["space_id", "project_id", "lead_author_id", "author/id", "steps/author_id"]


@pytest.mark.parametrize(
    "name, fault",
    [
        ("title", ""),
        ("author/role", ""),
        ("author_ids", "'author_ids' holds no single text or number, and cannot be a dropdown of a list"),
        ("missing", "PUT /tasks has no field 'missing'"),
    ],
)
def test_overrides_name_fields_of_the_body(file: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: str) -> None:
    catalogue = Catalogue(Mapper(read_description(str(file))))
    catalogue.overrides.operations = {"PUT /tasks": {"fields": {name: {"from": "GET /authors"}}}}
    assert catalogue.overrides.dropdowns("PUT /tasks") == {name: Dropdown("GET /authors")}
    said: list[str] = []
    monkeypatch.setattr(catalogue.overrides, "say", lambda keys, what: said.append(what))

    made = mapped(catalogue, "PUT /tasks")

    assert said == ([fault] if fault else [])
    assert (name in made.plan["choices"]) is (fault == "")


@pytest.fixture(scope="module")
def create(catalogue: Catalogue, reader: Reader) -> Any:
    reader.store(catalogue, "tasks")
    return reader.records("tasks", "create")


def test_records_ask_for_their_own_content_objects(create: Any) -> None:
    space, rows = create.fields("/spaces/{space_id}/tasks")

    assert space["id"] == "tasks_space_id"
    assert space["reload_content_objects"] == [{"id": "first_field"}]
    inner = {each["id"]: each for each in rows["items"]["fields"]}
    assert inner["project_id"]["content"]["content_objects"] == [
        {
            "id": "first_field",
            "content_object_depends_on_fields": [{"id": "select_object"}, {"id": "tasks_space_id"}],
        }
    ]
    author = field_at({"fields": rows["items"]["fields"]}, "author/id") or {}
    assert author["content"]["content_objects"][0]["id"] == "third_field"


def test_records_fill_them_from_the_list_of_what_is_chosen(create: Any, file: Path) -> None:
    served = Served(read_description(str(file)))
    served.answers["GET /spaces/{space_id}/projects"] = [{"id": "7", "name": "Sea"}, {"name": "no id"}]

    with served.running():
        api = session(served.url)
        data = {"select_object": "/spaces/{space_id}/tasks", "tasks_space_id": ""}
        nothing = create.choices(api, "first_field", data)
        found = create.choices(api, "first_field", data | {"tasks_space_id": "1"})
        beyond = create.choices(api, "sixth_field", data)

    assert [list(each.choices) for each in (nothing, beyond)] == [[], []]
    assert [(each.value, each.label) for each in found.choices] == [("7", "Sea")]
    assert (served.faults, served.asked) == ([], ["GET /spaces/{space_id}/projects"])


def test_modules_with_such_dropdowns_are_right(connector: Stacksync, file: Path) -> None:
    for example in ("create_contacts", "new_empty_action"):
        shutil.rmtree(connector.cwd / "src/modules" / example)

    connector.json("import", "openapi", str(file), "--all")

    assert connector.json("check", "--strict")["findings"] == []
    route = (connector.cwd / "src/modules/replace_tasks/v1/route.py").read_text("utf-8")
    assert '@module.content("steps_author_id_choices")' in route
    assert 'OPERATION.choices(api, "steps/author_id", request.form_data)' in route
