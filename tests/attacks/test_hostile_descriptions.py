"""A description is hostile input: a test for each thing that it must not be able to do."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacksync.connector import Connector
from stacksync.openapi.access import scheme_for, server_for
from stacksync.openapi.api_client import Settings
from stacksync.openapi.description import read_description
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.importing import Import, Wanted, api_name, prepare
from stacksync.openapi.mapping import Mapper
from stacksync.openapi.names import is_module_name, names_of
from stacksync.openapi.operations import read_operations
from tests.conftest import Stacksync, snapshot

# What would be code, the end of a text or of a comment, another path, an order to a terminal.
MARK = "HOSTILE"
EVIL = [
    f'"""\nimport os; os.system("{MARK}")\n"""',
    f'{MARK}"); import os; ("',
    f"{MARK}' + __import__('os').system('x') + '",
    f"../../../{MARK}",
    f"{MARK}\\",
    f"{MARK}\x1b[2J\x07",
    f"{MARK}\u2028\u202e\ufeff\ud800",
    f"{{{{ {MARK} }}}} {{% {MARK} %}} ${{{MARK}}} {{0.__class__}}",
    f"<script>{MARK}</script>",
    f"{MARK}\r\nX-Evil: 1",
]


def hostile(evil: str) -> dict[str, Any]:
    """Return a description in which a text stands wherever one can stand."""
    named = {"type": "string", "description": evil, "enum": [evil], "default": evil, "title": evil, "example": evil}
    schema = {"type": "object", "title": evil, "description": evil, "required": [evil], "properties": {evil: named}}
    union = {
        "oneOf": [{**schema, "title": evil}, {"title": f"{evil}2", **schema}],
        "discriminator": {"propertyName": evil},
    }
    body = {**schema, "properties": {evil: named, f"{evil}u": union, "list": {"type": "array", "items": schema}}}
    parameters = [
        {"name": evil, "in": place, "required": True, "description": evil, "example": evil, "schema": named}
        for place in ("query", "header", "cookie")
    ]
    content = {"application/json": {"schema": body, "examples": {evil: {"value": {evil: evil}}}}}
    answer = {"description": evil, "content": {"application/json": {"schema": {"type": "array", "items": schema}}}}
    operation = {
        "operationId": evil,
        "summary": evil,
        "description": evil,
        "tags": [evil],
        "parameters": parameters,
        "requestBody": {"content": content},
        "security": [{evil: [evil]}],
        "responses": {"200": answer, evil: answer},
    }
    scheme = {"type": "apiKey", "in": "header", "name": evil, "description": evil}
    oauth = {"type": "oauth2", "flows": {"x": {"authorizationUrl": evil, "tokenUrl": evil, "scopes": {evil: evil}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": evil, "version": evil, "description": evil},
        "servers": [{"url": f"https://{evil}/"}, {"url": evil}],
        "paths": {f"/{evil}": {"post": operation}, f"/x/{{{evil}}}": {"get": {**operation, "requestBody": {}}}},
        "components": {"securitySchemes": {evil: scheme, f"{evil}o": oauth}},
    }


def texts_outside_of_literals(source: str) -> str:
    """Return a Python file without its literals: code, names, comments, and docstrings, which are no data."""
    tree = ast.parse(source)
    docstrings = [
        ast.get_docstring(node, clean=False) or "" for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)
    ]
    literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for literal in sorted(literals, key=len, reverse=True):
        source = source.replace(literal, "") if literal else source
    return source + "".join(docstrings)


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def prepared(connector: Path, file: Path) -> Import:
    catalogue = Catalogue(Mapper(read_description(str(file))))
    proposals = [(operation, each) for operation in catalogue.operations for each in catalogue.proposals(operation)]
    name, scheme = api_name(catalogue.mapper.description), scheme_for(catalogue.mapper.description, None)
    server = server_for(catalogue.mapper.description, None)
    return prepare(
        Wanted(
            Connector(connector), catalogue, catalogue.operations, server, scheme, Settings("none", {}), proposals, name
        )
    )


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_text_becomes_code_a_name_or_a_path(made_connector: Path, tmp_path: Path, evil: str) -> None:
    (tmp_path / "api.json").write_text(json.dumps(hostile(evil)))

    made = prepared(made_connector, tmp_path / "api.json")

    assert len(made.modules) == 2
    contents = made.files | {
        f"{folder}/{name}": each for folder, files in made.folders.items() for name, each in files.items()
    }
    for name, content in contents.items():
        assert name.startswith(("src/api/", "src/modules/")), name
        assert all(each.isalnum() or each in "._" for part in name.split("/") for each in part), name
        assert MARK not in content.decode() or name.endswith((".json", ".yaml", ".md")), name
        if name.endswith(".py"):
            assert MARK.lower() not in texts_outside_of_literals(content.decode())
        if name.endswith("module_config.yaml"):
            assert set(yaml.safe_load(content)) == {"module_settings"}


def test_an_import_of_it_is_right_and_prints_no_order(connector: Stacksync, tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(hostile(" ".join(EVIL))))

    done = connector("import", "openapi", str(tmp_path / "api.json"), "--all", "--yes")
    listed = connector("import", "openapi", str(tmp_path / "api.json"), "--list")

    assert (done.returncode, listed.returncode) == (0, 0), done.stderr + listed.stderr
    assert all(each.isprintable() or each == "\n" for each in done.stdout + done.stderr + listed.stdout)
    assert connector.json("check")["findings"] == []
    assert MARK not in (connector.cwd / "src/api_client.py").read_text("utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "/etc/passwd",
        "con",
        "class",
        "__init__",
        "..",
        "",
        " ",
        "é",
        "日本",
        "9lives",
        "a" * 500,
        "src.runtime",
    ],
)
def test_names_of_operations_are_names_of_modules(tmp_path: Path, name: str) -> None:
    paths = {f"/{at}": {"get": {"operationId": name}, "post": {"operationId": name}} for at in ("a", "b")}
    (tmp_path / "api.json").write_text(json.dumps({"openapi": "3.0.0", "paths": paths}))

    names = names_of(read_operations(read_description(str(tmp_path / "api.json"))))

    assert len(set(names.values())) == 4
    assert all(is_module_name(each) for each in names.values())


def widening(levels: int, width: int) -> dict[str, Any]:
    """Return schemas each of which has the next one in every member: small as written, endless when followed."""
    return {
        f"S{at}": {
            "type": "object",
            "properties": {f"p{each}": {"$ref": f"#/components/schemas/S{(at + 1) % levels}"} for each in range(width)},
            "oneOf": [{"$ref": f"#/components/schemas/S{(at + each) % levels}"} for each in range(1, 8)],
        }
        for at in range(levels)
    }


def test_schemas_that_grow_without_end_end(tmp_path: Path) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    document = {
        "openapi": "3.1.0",
        "paths": {"/x": {"post": {"requestBody": body}}},
        "components": {"schemas": widening(8, 60)},
    }
    (tmp_path / "api.json").write_text(json.dumps(document))

    (mapped,) = Mapper(read_description(str(tmp_path / "api.json"))).all()

    assert len(json.dumps(mapped.stored)) < 2_000_000


def test_too_many_operations_are_refused(stacksync: Stacksync, tmp_path: Path) -> None:
    paths: dict[str, Any] = {f"/{at}": {"get": {}} for at in range(5_001)}
    (tmp_path / "api.json").write_text(json.dumps({"openapi": "3.0.0", "paths": paths}))

    done = stacksync("import", "openapi", str(tmp_path / "api.json"), "--list")

    assert done.returncode == 1
    assert done.stderr == f"Error: {tmp_path}/api.json has more than 5000 operations.\n"


def test_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stacksync.errors import StacksyncError

    monkeypatch.setattr("stacksync.openapi.shapes.LONGEST", -1.0)
    body = {"content": {"application/json": {"schema": {"type": "string"}}}}
    (tmp_path / "api.json").write_text(
        json.dumps({"openapi": "3.1.0", "paths": {"/x": {"post": {"requestBody": body}}}})
    )

    with pytest.raises(StacksyncError, match="The description was not mapped within -1 seconds"):
        Mapper(read_description(str(tmp_path / "api.json"))).all()


@pytest.mark.parametrize("place", ["src/api", "src/modules/get_x", "src/api/imported"])
def test_nothing_is_written_through_a_link(connector: Stacksync, tmp_path: Path, place: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (connector.cwd / place).parent.mkdir(exist_ok=True)
    (connector.cwd / place).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "api.json").write_text(json.dumps({"openapi": "3.0.0", "paths": {"/x": {"get": {}}}}))

    connector("import", "openapi", str(tmp_path / "api.json"), "--all")

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_import_that_cannot_be_written_leaves_nothing(connector: Stacksync, tmp_path: Path) -> None:
    (connector.cwd / "src/api").write_text("a file in the place of a folder")
    (tmp_path / "api.json").write_text(json.dumps({"openapi": "3.0.0", "paths": {"/x": {"get": {}}}}))
    before = snapshot(connector.cwd)

    done = connector("import", "openapi", str(tmp_path / "api.json"), "--all")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "bug" not in done.stderr
    assert snapshot(connector.cwd) == before
