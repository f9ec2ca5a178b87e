"""A connector whose modules are called from the shell."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bytecode import lend_bytecode
from tests.conftest import Stacksync

ROUTE = """\
import json
import subprocess
import sys

from src.runtime import Choice, ManagedError, Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    print("printed", request.data.get("name"), end="")
    print("complained", file=sys.stderr)
    subprocess.run([sys.executable, "-c", "print('by a program')"], check=True)
    if request.data.get("name") == "nobody":
        raise ManagedError("Nobody is no name.", status_code=404)
    connection = request.connection() if request.has_connection() else {}
    return Response(data={**request.data, "keys": sorted(connection), "text": "\\u202e\\x9b"})


@module.content("teams")
def teams(request: Request) -> list[Choice]:
    return [Choice("blue", "Blue"), Choice("red", "Red")]


@module.content("people")
def people(request: Request) -> list[Choice]:
    team = request.form_data["team"]
    return [Choice(f"{team}-{n}", f"{team.title()} player {n}") for n in range(1, 4)]
"""
FIELDS: list[dict[str, Any]] = [
    {"id": "name", "type": "string", "label": "Name", "validation": {"required": True}},
    {
        "id": "team",
        "type": "string",
        "label": "Team",
        "choices": {"values": []},
        "content": {"type": ["managed"], "content_objects": [{"id": "teams"}]},
        "validation": {"pattern": ".*"},
        "ui_options": {"ui_widget": "SelectWidget"},
    },
    {
        "id": "person",
        "type": "string",
        "label": "Person",
        "choices": {"values": []},
        "content": {
            "type": ["managed"],
            "content_objects": [{"id": "people", "content_object_depends_on_fields": [{"id": "team"}]}],
        },
        "validation": {"pattern": ".*"},
        "ui_options": {"ui_widget": "SelectWidget"},
    },
    {"id": "size", "type": "number", "label": "Size", "default": 3},
    {
        "id": "rows",
        "type": "array",
        "label": "Rows",
        "items": {"type": "object", "fields": [{"id": "a", "type": "string"}]},
    },
    {"id": "dotted.id", "type": "string", "label": "Dotted"},
    {"id": "pin", "type": "string", "label": "Pin", "ui_options": {"ui_widget": "password"}},
]


def write_module(root: Path, name: str, route: str, fields: list[dict[str, Any]], **form: Any) -> Path:
    """Add a module to a connector."""
    folder = root / "src/modules" / name / "v1"
    folder.mkdir(parents=True)
    (folder / "route.py").write_text(route, "utf-8")
    order = {"ui_order": [each["id"] for each in fields]}
    metadata = {"workflows_module_schema_version": "1.0.0"}
    schema = {"metadata": metadata, **form, "fields": fields, "ui_options": order}
    (folder / "schema.json").write_text(json.dumps(schema), "utf-8")
    return folder


@pytest.fixture
def invoking(connector: Stacksync, compiled_connector: Path) -> Stacksync:
    """Return the command in a connector with a module `team`, its requirements in the active environment."""
    shutil.rmtree(connector.cwd / "src/modules/create_contacts")
    write_module(connector.cwd, "team", ROUTE, FIELDS)
    lend_bytecode(compiled_connector, connector.cwd)
    return Stacksync(connector.cwd, connector.environment | {"VIRTUAL_ENV": sys.prefix})
