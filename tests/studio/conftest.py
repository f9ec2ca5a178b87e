"""Studio beside a connector that really runs, with a module that has a bit of everything."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stacksync.studio.app import create_studio
from stacksync.studio.guards import HEADER
from tests.dev.developed import Developed, developed

ROUTE = """\
from src.runtime import Choice, ManagedError, Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    if request.data.get("name") == "nobody":
        raise ManagedError("Nobody is no name.", status_code=404)
    print("greeting", request.data["name"])
    return Response(data=dict(request.data))


@module.content("greetings")
def greetings(request: Request) -> list[Choice]:
    return [Choice("hello", "Hello"), Choice("moin", "Moin")]


@module.route("/content", methods=["POST"])
def wrong() -> Response:
    return Response(data={"content_objects": [{"content_object_name": "greeting", "data": [{"label": "no value"}]}]})
"""
SCHEMA = """\
{
  "metadata": {"workflows_module_schema_version": "1.0.0"},
  "fields": [
    {"id": "name", "type": "string", "label": "Name", "validation": {"required": true}},
    {"id": "greeting", "type": "string", "label": "Greeting", "content": {"type": ["managed"], "content_objects":
      [{"id": "greetings", "content_object_depends_on_fields": [{"id": "name"}]}]}, "choices": {"values": []}},
    {"id": "account", "type": "connection", "label": "Account"},
    {"id": "pin", "type": "string", "label": "Pin", "ui_options": {"ui_widget": "password"}},
    {"id": "tags", "type": "array", "label": "Tags", "items": {"type": "string"}}
  ],
  "ui_options": {"ui_order": ["name", "greeting", "account", "pin", "tags"]}
}
"""
GROWING_ROUTE = """\
import json
from typing import Any

from src.runtime import ManagedError, Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.data))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    form = json.loads((module.folder / "schema.json").read_text("utf-8"))
    if not request.form_data.get("kind"):
        return form
    if request.form_data["kind"] == "dragon":
        raise ManagedError("There are no dragons.")
    name = f"{request.form_data['kind']}_name"
    form["fields"].append({"id": name, "type": "string", "label": "Name", "ui_options": {"ui_widget": "password"}})
    form["ui_options"]["ui_order"].append(name)
    return form
"""
GROWING_SCHEMA = """\
{
  "metadata": {"workflows_module_schema_version": "1.0.0"},
  "fields": [{"id": "kind", "type": "string", "label": "Kind", "on_action": {"load_schema": true}}],
  "ui_options": {"ui_order": ["kind"]}
}
"""
SLOW_ROUTE = """\
import os
import time
from pathlib import Path

from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    print("waiting for", request.data["name"], "in", os.getpid())
    while not Path(request.data["name"]).exists():
        time.sleep(0.01)
    return Response(data=dict(request.data))
"""
SLOW_SCHEMA = """\
{
  "metadata": {"workflows_module_schema_version": "1.0.0"},
  "fields": [
    {"id": "name", "type": "string", "label": "Name"},
    {"id": "pin", "type": "string", "label": "Pin", "ui_options": {"ui_widget": "password"}}
  ],
  "ui_options": {"ui_order": ["name", "pin"]}
}
"""
CALLING_ROUTE = """\
import urllib.request

import requests

from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    requests.get(request.data["url"], headers={"Authorization": "Bearer typed-into-a-header"})
    with urllib.request.urlopen(request.data["url"]) as answer:
        return Response(data={"status": answer.status})
"""
CALLING_SCHEMA = """\
{
  "metadata": {"workflows_module_schema_version": "1.0.0"},
  "fields": [{"id": "url", "type": "string", "label": "Address"}],
  "ui_options": {"ui_order": ["url"]}
}
"""
FAILING_ROUTE = """\
from dataclasses import dataclass

import requests

from src.runtime import Choice, ManagedError, Module, Request, Response
from src.runtime.http import ApiError, session

module = Module(__name__)


def deep(number):
    return deep(number + 1)


def call(request):
    api = session(request.data["api"], timeout=5)
    return api.get("contacts/7", params={"key": "in-the-query"}).json()


@module.execute
def execute(request: Request) -> Response:
    kind = request.data["kind"]
    if kind == "key":
        return Response(data=request.data[request.connection().get("token", "missing")])
    if kind == "api":
        return Response(data=call(request))
    if kind == "wrapped":
        try:
            call(request)
        except ApiError:
            raise ManagedError("The contact is gone.", status_code=404) from None
    if kind == "requests":
        requests.get(request.data["api"] + "/contacts/7", timeout=5).raise_for_status()
    if kind == "nobody":
        session("http://127.0.0.1:9", timeout=1).post("contacts")
    if kind == "deep":
        deep(0)
    return object() if kind == "object" else Response(data=kind)


@module.content("failing")
def failing(request: Request) -> list[Choice]:
    return [Choice(**request.form_data)]
"""
FAILING_SCHEMA = """\
{
  "metadata": {"workflows_module_schema_version": "1.0.0"},
  "fields": [
    {"id": "kind", "type": "string", "label": "Kind", "validation": {"required": true, "max_length": 10}},
    {"id": "api", "type": "string", "label": "API"},
    {"id": "list", "type": "string", "label": "List", "content": {"type": ["managed"], "content_objects":
      [{"id": "failing"}]}, "choices": {"values": []}}
  ],
  "ui_options": {"ui_order": ["kind", "api", "list"]}
}
"""
ECHO_ROUTE = """\
from src.runtime import Choice, Choices, Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=request.json)


@module.content("cities")
def cities(request: Request) -> list[Choice]:
    return [Choice("here", f"Here, as of {request.form_data}")]


@module.content("owners")
def owners(request: Request) -> Choices:
    return Choices([Choice("ada", f"Ada by {request.connection().get('token')}")], has_next_page=True)


@module.content("failing")
def failing(request: Request) -> list[Choice]:
    raise ValueError("no list today")
"""
CITY = {
    "id": "city",
    "type": "string",
    "label": "City",
    "validation": {"pattern": ".*"},
    "content": {
        "type": ["managed"],
        "content_objects": [{"id": "cities", "content_object_depends_on_fields": [{"id": "country"}]}],
    },
}
COUNTRY = {"id": "country", "type": "string", "label": "Country"}
PASSWORD = {"ui_options": {"ui_widget": "password"}}
KEYED = {"and": [{"id": "kind", "operator": "equal", "value": "key"}]}
ECHO_SCHEMAS: dict[str, dict[str, Any]] = {
    # A rule makes a password of a field; another hides a password.
    "guarded": {
        "fields": [
            {"id": "kind", "type": "string", "label": "Kind"},
            {"id": "token", "type": "string", "label": "Token"},
            {
                "id": "box",
                "type": "object",
                "label": "Box",
                "fields": [{"id": "pin", "type": "string", "label": "Pin", **PASSWORD}],
            },
        ],
        "rules": [
            {"if": KEYED, "then": {"fields": [{"id": "token", **PASSWORD, "apply_as": "merge"}]}},
            {
                "if": {"and": [{"id": "kind", "operator": "equal", "value": "open"}]},
                "then": {"fields": [{"id": "box", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}]},
            },
        ],
    },
    # Choices that depend on what stands beside them, in a group and in each row; ids with dots and slashes.
    "placed": {
        "fields": [
            {"id": "address", "type": "object", "label": "Address", "fields": [COUNTRY, CITY]},
            {"id": "rows", "type": "array", "label": "Rows", "items": {"type": "object", "fields": [COUNTRY, CITY]}},
            {"id": "a.b", "type": "string", "label": "Dotted", "validation": {"max_length": 3}},
            {"id": "c/d~", "type": "string", "label": "Slashed", "validation": {"max_length": 3}},
        ],
    },
    # The connection above the form, and all that waits for it.
    "connected": {
        "connections": {
            "required": True,
            "app_types": ["crm"],
            "allowed_connection_management_types": ["managed", "custom"],
        },
        "fields": [
            {
                "id": "owner",
                "type": "string",
                "label": "Owner",
                "validation": {"pattern": ".*"},
                "content": {"type": ["managed"], "content_objects": [{"id": "owners"}]},
            },
            {
                "id": "team",
                "type": "string",
                "label": "Team",
                "on_action": {"load_content": True, "reload_content_objects": [{"id": "owners"}]},
            },
            {"id": "region", "type": "string", "label": "Region", "on_action": {"load_content": True}},
            {"id": "limit", "type": "integer", "label": "Limit"},
            {"id": "note", "type": "string", "label": "Note", "disable_replacement": True},
            {"id": "active", "type": "boolean", "label": "Active"},
            {
                "id": "people",
                "type": "array",
                "label": "People",
                "default": [{}],
                "validation": {"min_items": 1, "max_items": 5},
                "items": {
                    "type": "object",
                    "fields": [{"id": "mail", "type": "string"}, {"id": "name", "type": "string", "default": "Ada"}],
                    "ui_options": {"ui_order": ["name", "mail"]},
                },
            },
            {"id": "secret", "type": "string", "label": "Secret", "default": "", **PASSWORD},
        ],
    },
}


@dataclass(frozen=True)
class Studio:
    """Studio and the connector beside it."""

    connector: Developed
    client: FlaskClient

    @property
    def root(self) -> Path:
        """The connector's folder."""
        return self.connector.root

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read a page."""
        return self.client.get(path, headers=headers)

    def post(self, path: str, **form: Any) -> TestResponse:
        """Send a form as the page does: names without a slash are pointers at the root."""
        plain = ("operation", "anyway", "made", "app_type", "management", "changed", "connection", "faults")
        names = {_name(name, plain): text for name, text in form.items()}
        return self.client.post(path, data=names, headers={HEADER: "1"})

    def connect(self, name: str, **value: str) -> str:
        """Save a connection and return its id."""
        fields = {f"field:{key}": text for key, text in value.items()}
        answer = self.post("/connections", _name=name, app_type="crm", **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["id"])


def _name(name: str, plain: tuple[str, ...]) -> str:
    """Return the name of a control: of a field, unless it is known or begins with what no field's does."""
    if name in plain or name.startswith(("value:", "field:", "forget:", "other-", "/")):
        return name

    return name[1:] if name.startswith("_") else f"/{name}"


@pytest.fixture(scope="session")
def running(made_connector: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developed]:
    """Return a connector that runs for all tests; none of them changes its files."""
    root = tmp_path_factory.mktemp("studio") / "crm"
    shutil.copytree(made_connector, root, ignore=shutil.ignore_patterns(".git"))
    for name, route in (("greet", ROUTE.partition('@module.route("/content"')[0]), ("wrong", _wrong())):
        folder = root / f"src/modules/{name}/v1"
        folder.mkdir(parents=True)
        (folder / "route.py").write_text(route.rstrip() + "\n")
        (folder / "schema.json").write_text(SCHEMA)
    written = {"growing": (GROWING_ROUTE, GROWING_SCHEMA), "calling": (CALLING_ROUTE, CALLING_SCHEMA)}
    written |= {"failing": (FAILING_ROUTE, FAILING_SCHEMA), "slow": (SLOW_ROUTE, SLOW_SCHEMA)}
    for name, files in written.items():
        folder = root / f"src/modules/{name}/v1"
        folder.mkdir(parents=True)
        for file, text in zip(("route.py", "schema.json"), files, strict=True):
            (folder / file).write_text(text)
    for name, schema in ECHO_SCHEMAS.items():
        folder = root / f"src/modules/{name}/v1"
        folder.mkdir(parents=True)
        (folder / "route.py").write_text(ECHO_ROUTE)
        (folder / "schema.json").write_text(
            json.dumps({"metadata": {"workflows_module_schema_version": "1.0.0"}, **schema})
        )
    with developed(root) as connector:
        yield connector


def _wrong() -> str:
    head, _, tail = ROUTE.partition('@module.content("greetings")')
    return head + tail[tail.index("@module.route") :]


@pytest.fixture
def studio(running: Developed) -> Iterator[Studio]:
    """Return Studio with nothing saved and nothing sent."""
    with create_studio(running.session).test_client() as client:
        yield Studio(running, client)
    shutil.rmtree(running.root / ".stacksync", ignore_errors=True)
