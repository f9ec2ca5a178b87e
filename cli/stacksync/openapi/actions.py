"""The files of a module for one operation. No text of the description gets into Python: only names made of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.dropdowns import content_name
from stacksync.openapi.filling_in import NotHeldError, form_data
from stacksync.openapi.lists import answer_of
from stacksync.openapi.mapping import Mapped, Mapper
from stacksync.openapi.names import is_module_name, plain_name
from stacksync.openapi.reader.call import MISSING
from stacksync.openapi.reader.plan import call_of
from stacksync.openapi.samples import LONGEST, Samples, holds_secret, parameters_of, smallest_body
from stacksync.openapi.wording import first_paragraph
from stacksync.runtime.forms import FormValidator

CONNECTION = {
    "required": True,
    "app_types": ["generic_api_credentials"],
    "allowed_connection_management_types": ["managed", "custom"],
}

ROUTE = '''"""Send one request to the API, as its description has it."""

from src.api.operations import operation
from src.api_client import api_client
from src.runtime import {imported}

OPERATION = operation("{api}", "{name}")

module = Module(__name__)

{content}
@module.execute
def execute(request: Request) -> Response:
    """Send the request, and return what the API answers."""
    return Response(data=OPERATION.send(api_client(request.connection()), request.data))
'''

CONTENT = '''
@module.content("{name}")
def {name}(request: Request) -> Choices:
    """List what the field offers."""
    api = api_client(request.connection())
    return OPERATION.choices(api, "{field}", request.form_data)

'''

STAND_IN = '''"""The API on this machine, for the tests of this module: it answers as the description says."""

from pathlib import Path

from src.api.stand_in import stand_in_of

api = stand_in_of(Path(__file__).with_name("requests.json"))
'''

TEST = '''"""What this module sends; `module` is the client of the module that this file lies in, `stand_in` the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from src.runtime.testing import ModuleClient, StandIn

HERE = Path(__file__).parent
REQUESTS: dict[str, Any] = json.loads((HERE / "requests.json").read_text("utf-8"))["requests"]


@pytest.mark.parametrize("name", REQUESTS)
def test_an_example_becomes_the_request_that_the_api_describes(
    module: ModuleClient, stand_in: StandIn, name: str
) -> None:
    example = json.loads((HERE.parent / "examples" / f"{name}.json").read_text("utf-8"))

    reply: Any = module.execute(example["request"]["data"])

    assert reply.status_code == 200, reply.text
    sent = stand_in.calls[-1]
    expected = REQUESTS[name]
    method, path = sent.asked.split(" ")
    assert (method, path.endswith(expected["path"])) == (expected["method"], True)
    # The credentials may stand in the query too.
    assert expected["query"].items() <= dict(sent.query).items()
    assert sent.body == expected["body"]
'''

README = """# {title}

Sends one request to an API, as the API's description has it. The form and the request were made of it by
`stacksync import openapi`.

| file | what it holds |
|---|---|
| `route.py` | the code: it sends the request of `src/api/{api}/{name}.json` |
| `schema.json` | the form, which is yours to change: a field that is taken out is not sent |
| `module_config.yaml` | name and description in the platform's list |
| `examples/`, `tests/` | requests, what becomes of them, and the API on this machine that answers |
"""

README_OF_RECORDS = """# {title}

Works on the records of an object that its user chooses. Objects, fields and requests were made of the API's description
by `stacksync import openapi`, which stores them in `src/api/{api}/`.

| file | what it holds |
|---|---|
| `route.py` | the code: objects, the fields of the chosen one, and the requests |
| `schema.json` | the form before an object is chosen |
| `module_config.yaml` | name and description in the platform's list |
| `examples/`, `tests/` | a request, what becomes of it, and the API on this machine that answers |
"""


@dataclass(frozen=True)
class Action:
    """A module to make: where its operation is stored, what users see, and whether its form asks for a connection."""

    api: str
    name: str
    title: str
    mapped: Mapped
    has_connection: bool = False

    def files(self, mapper: Mapper) -> dict[str, str]:
        """Return its files by their paths below the version's folder."""
        requests = dict(_requests(self.mapped, mapper))
        answer = answer_to(self.mapped, mapper)
        tested = {
            "answer": answer,
            "asked": f"{self.mapped.plan['method']} {self.mapped.plan['path']}",
            "requests": {name: expected(self.mapped, data) for name, data in requests.items()},
        }
        examples = {f"examples/{name}.json": _example(data, answer["body"]) for name, data in requests.items()}
        return {
            "README.md": README.format(title=_markdown(self.title), api=self.api, name=self.name),
            "module_config.yaml": self._config(),
            "route.py": self.route(),
            "schema.json": json_text(self._form()),
            "tests/requests.json": json_text(tested),
            "tests/stand_in.py": STAND_IN,
            "tests/test_module.py": TEST,
            **{name: json_text(each) for name, each in examples.items()},
        }

    def _form(self) -> dict[str, Any]:
        form = self.mapped.form
        needed = self.has_connection and self.mapped.plan.get("security") != []
        return {"metadata": form["metadata"], **({"connections": CONNECTION} if needed else {}), **form}

    def route(self) -> str:
        """Return its code, which depends on the names of API and operation, and on the fields that a list fills."""
        fields = list(self.mapped.plan.get("choices", {}))
        content = "".join(CONTENT.format(name=content_name(each), field=each) for each in fields)
        imported = ("Choices, " if fields else "") + "Module, Request, Response"
        return ROUTE.format(api=self.api, name=self.name, imported=imported, content=content)

    def _config(self) -> str:
        described = first_paragraph(self.mapped.operation.description) or f"{self.title}."
        lines = [
            "# yaml-language-server: $schema=../../../../documentation/schemas/module_config.schema.json",
            "module_settings:",
            f"  module_name: {json.dumps(self.title, ensure_ascii=False)}",
            f"  module_description: {json.dumps(described[:500], ensure_ascii=False)}",
            "  module_category: action",
        ]
        return "\n".join(lines) + "\n"


def json_text(value: Any) -> str:
    """Return a value as the text of a file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _markdown(text: str) -> str:
    return "".join(each for each in text if each.isalnum() or each in " -_.,")


def _requests(mapped: Mapped, mapper: Mapper) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is filled in for each example of the description, or for the least that the API takes."""
    operation, shapes = mapped.operation, mapper.shapes
    parameters = parameters_of(shapes, operation)
    given = operation.body.examples if operation.body else ()
    examples = [(_file_name(name, at), body) for at, (name, body) in enumerate(given[:5], 1)]
    for name, body in dict(examples).items():
        if (
            len(json.dumps(body)) < LONGEST
            and not holds_secret(body)
            and (data := filled_in(mapped, body, parameters)) is not None
        ):
            yield name, data
            examples = []
    if not operation.body or examples or not operation.body.examples:
        body = smallest_body(shapes, operation)
        data = filled_in(mapped, body, parameters)
        if data is not None:
            yield "smallest", data


def _file_name(name: str, at: int) -> str:
    plain = plain_name(name)
    return plain if is_module_name(plain) else f"example_{at}"


def filled_in(mapped: Mapped, body: Any, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is filled in for a request; None where the form cannot say it, or does not let it through."""
    try:
        data = form_data(mapped.plan, body, parameters)
        call_of(mapped.plan, data)
    except (NotHeldError, ValueError):
        return None
    return None if holds_secret(data) or FormValidator(mapped.form).validate(data).errors else data


def expected(mapped: Mapped, data: dict[str, Any]) -> dict[str, Any]:
    """Return the request as the stand-in sees it."""
    return expected_by(mapped.plan, data)


def expected_by(plan: Mapping[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a plan as the stand-in sees it."""
    call = call_of(plan, data)
    body = None if call.body is MISSING else call.body
    if call.encoding != "json" and body is not None:
        body = _as_form(call.arguments)
    return {"body": body, "method": call.method, "path": call.path, "query": dict(reversed(call.query))}


def _as_form(arguments: Mapping[str, Any]) -> Any:
    """Return the fields of a form: of those with several values, the list."""
    if isinstance(arguments.get("data"), bytes):
        return None

    pairs = arguments.get("data") or [(name, part[1]) for name, part in arguments.get("files", [])]
    values: dict[str, Any] = {}
    for name, text in pairs:
        values.setdefault(name, []).append(text)
    return {name: each[0] if len(each) == 1 else each for name, each in values.items()} or None


def _example(data: dict[str, Any], answer: Any) -> dict[str, Any]:
    return {"reply": {"data": answer}, "request": {"data": data}}


def answer_to(mapped: Mapped, mapper: Mapper) -> dict[str, Any]:
    """Return what the API answers in tests: an example of the description, else something that fits its schema."""
    operation = mapped.operation
    schema = answer_of(mapper.description, operation)
    statuses = [int(each) for each, _ in operation.responses.items() if each.isdigit() and 200 <= int(each) < 300]
    status = statuses[0] if statuses else 200
    if schema.value is None:
        return {"body": None, "status": status if status != 204 else 200}

    shape = mapper.shapes.of(schema)
    told = shape.keywords.get("example")
    is_usable = isinstance(told, (dict, list)) and len(json.dumps(told)) < LONGEST and not holds_secret(told)
    body = told if is_usable else None
    body = Samples(mapper.shapes, whole=True, is_answer=True).of(shape) if body is None else body
    return {"body": body, "status": status}
