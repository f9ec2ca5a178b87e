"""What `invoke` answers is what a real gunicorn answers, for every example, in every style of module."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.processes.loaded import LoadedConnector, loaded_connector
from tests.bytecode import lend_bytecode
from tests.conftest import Stacksync, isolated
from tests.invoke.conftest import write_module
from tests.polling import DEADLINE, poll
from tests.ports import free_port

pytestmark = pytest.mark.skipif(os.name == "nt", reason="gunicorn needs fork")

# By the data's `way`, in our own style: everything that a handler can do.
OURS = """
from flask import Response as FlaskResponse
from flask import jsonify

from src.runtime import Choice, ManagedError, Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request):
    way = request.data.get("way")
    answers = {
        "response": lambda: Response(data={"é": 1}, metadata={"n": 1}, status_code=201),
        "dict": lambda: {"a": request.data},
        "list": lambda: [1, 2],
        "text": lambda: "text",
        "status": lambda: ({"a": 1}, 202),
        "flask": lambda: FlaskResponse("plain", 203, mimetype="text/plain"),
        "jsonify": lambda: jsonify(a=1),
        "none": lambda: None,
        "set": lambda: {1},
        "managed": lambda: _raise(ManagedError("No.", {"a": 1}, {"b": 2}, 409)),
        "value": lambda: _raise(ValueError("bad")),
        "crash": lambda: 1 / 0,
        "exit": lambda: sys.exit(3),
        "error": lambda: Response.error("said", status_code=418),
    }
    return answers[way]()


def _raise(error):
    raise error


@module.content("ways")
def ways(request: Request):
    return [Choice("dict", "Dict")]


@module.content("broken")
def broken(request: Request):
    raise RuntimeError("no choices today")
""".replace("\n\nfrom flask import Response", "\nimport sys\n\nfrom flask import Response", 1)
SDK = """
from workflows_cdk import ManagedError, Request, Response
from flask import request as flask_request

from main import router


@router.route("/execute", methods=["POST"])
def execute():
    request = Request(flask_request)
    way = request.data.get("way")
    if way == "managed":
        raise ManagedError("No.", status_code=409)
    if way == "crash":
        1 / 0
    return {"response": Response(data={"a": 1}, status_code=201), "dict": {"a": request.data}, "text": "text"}[way]


@router.route("/content", methods=["POST"])
def content():
    return Response(data={"content_objects": []})


@router.route("/schema", methods=["POST"])
def schema():
    return Response(data={"schema": {"fields": []}})
"""
# A connector that has neither src/runtime nor workflows_cdk: any Flask application that answers these paths.
PLAIN_MAIN = """
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/plain/v1/execute")
def execute():
    if request.json["data"].get("way") == "crash":
        1 / 0
    return jsonify(data=request.json["data"]), 202


@app.post("/plain/v1/content")
def content():
    return "no JSON", 200
"""
WAYS = ("response", "dict", "list", "text", "status", "flask", "jsonify", "none", "set", "managed", "value", "crash")
CHOICES = {"form_data": {}, "content_object_names": [{"id": "ways"}, {"id": "broken"}]}
UNKNOWN = {"form_data": {}, "content_object_names": [{"id": "no"}]}


def write_examples(folder: Path, bodies: dict[str, Any]) -> None:
    """Write examples by `<endpoint>-<name>`."""
    (folder / "examples").mkdir(exist_ok=True)
    for name, data in bodies.items():
        content = {"endpoint": name.partition("-")[0], "request": {"data": data}}
        (folder / "examples" / f"{name}.json").write_text(json.dumps(content), "utf-8")


@contextmanager
def served(root: Path, environment: dict[str, str]) -> Iterator[str]:
    """Serve a connector by gunicorn while the block runs, and return its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "main:app"]
    with (root / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        poll(lambda: process.poll() is not None or _answers(address), "gunicorn", every=0.1)
        yield address
    finally:
        process.terminate()
        process.wait(DEADLINE)


def _answers(address: str) -> bool:
    try:
        post(address, "")
    except OSError:
        return False
    return True


def post(url: str, body: Any) -> tuple[int, Any]:
    """Return status and body of an answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, _content(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _content(error.read())


def _content(body: bytes) -> Any:
    try:
        return _comparable(json.loads(body))
    except ValueError:
        return body.decode()


def _comparable(body: Any) -> Any:
    """Return an answer without what differs each time."""
    if isinstance(body, dict) and isinstance(body.get("metadata"), dict):
        body["metadata"] = {name: value for name, value in body["metadata"].items() if name not in PASSING}
    return body


PASSING = ("timestamp", "error_id")
# For each example that standard input names: prints it as it is sent to a connector, and serves the stand-in that it
# names until the next line.
READY = """
import json, os, sys
from pathlib import Path
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # where the connector logs
import main
from src.runtime.testing import ConnectorClient, ready_example

for line in sys.stdin:
    module, version, file = line.split()
    folder = ConnectorClient(main.app).module(module, version).folder
    with ready_example(folder, Path(file)) as example:
        print(json.dumps([example.endpoint, example.request]), file=out, flush=True)
        sys.stdin.readline()
    print(file=out, flush=True)
"""


class Examples:
    """A process that makes one example of a connector ready after the other."""

    def __init__(self, command: Stacksync) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READY],
            cwd=command.cwd,
            env=command.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @contextmanager
    def ready(self, module: str, version: str, file: Path) -> Iterator[tuple[str, Any]]:
        """Return endpoint and body of an example while its stand-in is served."""
        endpoint, body = json.loads(self._ask(f"{module} {version} {file}"))
        yield endpoint, body
        self._ask("done")

    def _ask(self, line: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline()


@contextmanager
def examples_of(command: Stacksync) -> Iterator[Examples]:
    """Make examples of a connector ready while the block runs."""
    examples = Examples(command)
    try:
        yield examples
    finally:
        examples.process.communicate()


def invoked(command: Stacksync, *arguments: str) -> tuple[int, Any]:
    done = command("invoke", *arguments, "--json", "--quiet")
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    return report["status"], _comparable(report["body"])


def in_place(made: Path, folder: Path, project: Path) -> Stacksync:
    """Return the command in a copy of a connector."""
    shutil.copytree(made, folder / "crm", symlinks=True)
    environment = isolated(folder / "home") | {"PYTHONPATH": str(project / "cli"), "VIRTUAL_ENV": sys.prefix}
    return Stacksync(folder / "crm", {**environment, "PYTHONWARNINGS": ""})


def test_every_example_in_our_own_style(
    made_connector: Path, compiled_connector: Path, project: Path, tmp_path: Path
) -> None:
    command = in_place(made_connector, tmp_path, project)
    lend_bytecode(compiled_connector, command.cwd)
    folder = write_module(
        command.cwd, "ways", OURS, [{"id": "way", "type": "string", "validation": {"required": True}}]
    )
    write_examples(folder, {f"execute-{way}": {"way": way} for way in (*WAYS, "exit", "error")})
    write_examples(
        folder, {"execute-refused": {}, "content-known": CHOICES, "content-unknown": UNKNOWN, "schema-a": {}}
    )
    broken = write_module(command.cwd, "broken", "import nonsense\n", [])
    write_examples(broken, {"execute-a": {}, "schema-a": {}})

    compared = compare_examples(command)

    assert len(compared) >= 25
    assert {200, 201, 202, 203, 400, 404, 409, 418, 500, 503} <= {status for status, _ in compared}


def test_every_example_in_the_style_of_the_sdk(
    made_sdk_connector: Path, compiled_connector: Path, project: Path, tmp_path: Path
) -> None:
    command = in_place(made_sdk_connector, tmp_path, project)
    lend_bytecode(compiled_connector, command.cwd)
    folder = write_module(command.cwd, "ways", SDK, [])
    write_examples(folder, {f"execute-{way}": {"way": way} for way in ("response", "dict", "text", "managed", "crash")})
    write_examples(folder, {"content-a": CHOICES, "schema-a": {"form_data": {}}})

    compared = compare_examples(command)

    assert len(compared) >= 7
    assert {200, 201, 409, 500} <= {status for status, _ in compared}


def compare_examples(command: Stacksync) -> list[tuple[int, Any]]:
    """Compare the answers to every example of a connector, and return them.

    The command answers the first of each module and status, and one process of those that it starts all of them.
    """
    found: list[tuple[int, Any]] = []
    invoked_for = set()
    with (
        served(command.cwd, command.environment) as address,
        examples_of(command) as examples,
        loaded_connector(Connector(command.cwd), Interpreter(Path(sys.prefix), "this one")) as loaded,
    ):
        for file in sorted(command.cwd.glob("src/modules/*/*/examples/*.json")):
            module, version = file.parts[-4:-2]
            with examples.ready(module, version, file) as (endpoint, body):
                over_http = post(f"{address}/{module}/{version}/{endpoint}", body)
            assert replayed(loaded, command.cwd, file) == over_http, file
            found.append(over_http)
            if (module, over_http[0]) not in invoked_for:
                invoked_for.add((module, over_http[0]))
                assert invoked(command, module, "--version", version, "--example", file.stem) == over_http, file
    return found


def replayed(loaded: LoadedConnector, root: Path, file: Path) -> tuple[int, Any]:
    """Return status and body of the answer to an example, as `invoke` gets it."""
    (folder,) = (each for each in Connector(root).versions if each.path == file.parents[1])
    reply = loaded.example(folder, str(file), "invoke", DEADLINE)
    return reply.status, _content(reply.body)


def test_a_connector_without_our_runtime(made_connector: Path, project: Path, tmp_path: Path) -> None:
    command = in_place(made_connector, tmp_path, project)
    for name in ("src", "gunicorn.conf.py", "conftest.py", "tests"):
        path = command.cwd / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (command.cwd / "main.py").write_text(textwrap.dedent(PLAIN_MAIN), "utf-8")
    write_module(command.cwd, "plain", "", [])

    with served(command.cwd, command.environment) as address:
        for data in ({"way": "a"}, {"way": "crash"}, {}):
            over_http = post(f"{address}/plain/v1/execute", {"data": data})
            assert invoked(command, "plain", "--input", json.dumps(data)) == over_http
        assert invoked(command, "plain", "--content-object", "a") == post(f"{address}/plain/v1/content", {})
    write_examples(command.cwd / "src/modules/plain/v1", {"execute-a": {}})
    done = command("invoke", "plain", "--example", "execute-a")
    problem = "the connector has no src.runtime.testing of this release, which replays examples"
    assert done.stderr == f"Error: There is no answer: {problem}.\n"
