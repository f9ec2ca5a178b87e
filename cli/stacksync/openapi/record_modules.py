"""The files of the modules that work on records: one for each operation, whatever objects an API has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.actions import (
    CONNECTION,
    README_OF_RECORDS,
    STAND_IN,
    TEST,
    answer_to,
    expected,
    filled_in,
    json_text,
)
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.mapping import Mapped
from stacksync.openapi.resources import Resource
from stacksync.openapi.samples import parameters_of, smallest_body, whole_body
from stacksync.runtime.forms import form, object_selector

DOES = {
    "list": "List the records of an object",
    "get": "Get one record of an object",
    "create": "Create records of an object",
    "update": "Update records of an object",
    "delete": "Delete records of an object",
}
ROUTE = '''"""{does}, as the API's description has it."""

from functools import partial
from typing import Any

from src.api.records import PLACES, Records
from src.api_client import api_client
from src.runtime import Choice, Module, Request, Response

RECORDS = Records({asked})

module = Module(__name__)


@module.content("objects")
def objects(request: Request) -> list[Choice]:
    """List the objects to choose from."""
    return RECORDS.objects()


# What fills ids of parents, and other fields that a list is known for.
for place in PLACES:
    module.content(place)(partial(RECORDS.fill, api_client, place))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    """Return the form: once an object is chosen, the fields that are stored for it."""
    return module.base_form(*RECORDS.fields(str(request.form_data.get("select_object") or "")))


@module.execute
def execute(request: Request) -> Response:
    """{does}; of several, one that is refused does not stop the others."""
    return RECORDS.run(api_client(request.connection()), request.data)
'''


@dataclass(frozen=True)
class RecordModule:
    """A module for an operation on records."""

    api: str
    operation: str
    has_connection: bool = False
    version: str = ""

    @property
    def name(self) -> str:
        """The module's folder."""
        return f"{self.operation}_records"

    def route(self) -> str:
        """Return its code, which depends on nothing but the names of API and operation."""
        return ROUTE.format(asked=self.asked, does=DOES[self.operation])

    @property
    def asked(self) -> str:
        """What its code asks for: a version that has operations of its own says which it is."""
        names = [self.api, self.operation, *([self.version] if self.version else [])]
        return ", ".join(f'"{each}"' for each in names)

    def files(self, resource: Resource, catalogue: Catalogue, mapped: Mapped) -> dict[str, str]:
        """Return its files by their paths below the version's folder.

        Args:
            resource: The object that the example and the tests are about.
            catalogue: The description's operations.
            mapped: What the resource's operation becomes.
        """
        base = form(object_selector(description="What the records are. Its fields appear when it is chosen."))
        connection = {"connections": CONNECTION} if self.has_connection else {}
        data = _data(self.operation, resource, catalogue, mapped)
        answer = _answer(self.operation, catalogue, mapped)
        tested = {
            "answer": answer,
            "asked": f"{mapped.plan['method']} {mapped.plan['path']}",
            "requests": {} if data is None else {resource.key: expected(mapped, data.sent)},
        }
        files = {
            "README.md": README_OF_RECORDS.format(title=DOES[self.operation], api=self.api),
            "module_config.yaml": _config(DOES[self.operation]),
            "route.py": self.route(),
            "schema.json": json_text({"metadata": base["metadata"], **connection, **base}),
            "tests/requests.json": json_text(tested),
            "tests/stand_in.py": STAND_IN,
            "tests/test_module.py": TEST,
        }
        if data is not None:
            files[f"examples/{resource.key}.json"] = json_text({"request": {"data": data.form}, "reply": {"data": {}}})
        return files


@dataclass(frozen=True)
class _Data:
    """What is filled in for one record: in the form of the module, and as the plan of the operation reads it."""

    form: Mapping[str, Any]
    sent: dict[str, Any]


def _data(operation: str, resource: Resource, catalogue: Catalogue, mapped: Mapped) -> _Data | None:
    shapes, source = catalogue.mapper.shapes, mapped.operation
    body = smallest_body(shapes, source)
    # An update, and a record of which nothing is needed, would say nothing.
    if operation == "update" or not body:
        body = whole_body(shapes, source)
    sent = filled_in(mapped, body, parameters_of(shapes, source))
    if sent is None or (operation in ("create", "update") and not body):
        return None

    path = [node["field"] for node in mapped.plan.get("in_path", [])]
    item = path[-1:] if operation in ("update", "delete") else []
    outer = [*path, *(node["field"] for node in mapped.plan.get("header", []))]
    outer += [node["field"] for node in mapped.plan.get("query", [])] if operation != "list" else []
    shown: dict[str, Any] = {"select_object": resource.path}
    shown |= {f"{resource.key}_{name}": sent[name] for name in outer if name in sent and name not in item}
    inner = {name: value for name, value in sent.items() if name not in outer or name in item}
    if operation == "list" and inner:
        shown[f"{resource.key}_filters"] = inner
    if operation == "delete":
        shown[f"{resource.key}_ids"] = sent[item[0]]
    if operation in ("create", "update"):
        shown[f"{resource.key}_rows"] = [inner]
    return _Data(shown, sent)


def sent_by(key: str, data: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the plan of an operation reads, of what is filled in for one record of an object.

    Args:
        key: What the ids of the object's fields begin with.
        data: What is filled in, in the form of the module.
        plan: The plan.
    """
    inner = {name: data.get(f"{key}_{name}") for name in ("filters", "ids", "rows")}
    begins = f"{key}_"
    sent = {name.removeprefix(begins): value for name, value in data.items() if name.startswith(begins)}
    sent = {name: value for name, value in sent.items() if name not in (*inner, "limit")}
    if isinstance(inner["filters"], dict):
        sent |= inner["filters"]
    if inner["rows"]:
        sent |= inner["rows"][0]
    if inner["ids"] is not None:
        sent[plan["in_path"][-1]["field"]] = inner["ids"]
    return sent


def _answer(operation: str, catalogue: Catalogue, mapped: Mapped) -> dict[str, Any]:
    """Return what the API answers in tests: of a list, a page that is empty and the last."""
    answer = answer_to(mapped, catalogue.mapper)
    if operation != "list":
        return answer

    pages: Mapping[str, Any] = mapped.plan["pages"]
    body: Any = {}
    *outer, last = pages["items"].split(".") if pages["items"] else [""]
    place = body
    for name in outer:
        place = place.setdefault(name, {})
    place[last] = []
    return {"body": body if last else [], "status": 200}


def _config(title: str) -> str:
    lines = [
        "# yaml-language-server: $schema=../../../../documentation/schemas/module_config.schema.json",
        "module_settings:",
        f"  module_name: {json.dumps(title)}",
        f"  module_description: {json.dumps(title + '.')}",
        "  module_category: action",
    ]
    return "\n".join(lines) + "\n"
