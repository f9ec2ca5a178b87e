"""Routes that stand in main.py, as connectors written for Stacksync's SDK have them."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.polling import poll
from tests.ports import free_port
from tests.runtime.conftest import SDK_MAIN, Build, Write

ROUTE = (
    "from main import router\n@router.route('/execute', methods=['POST'])\ndef execute(): return {'from': 'module'}\n"
)
MAIN = """\
from flask import Flask, jsonify
from workflows_cdk import ManagedError, Router

app = Flask(__name__)


@app.route("/before")
def before():
    return {"from": "before"}


@app.route("/ready")
def health():
    return {"from": "before"}


@app.route("/first/v1/execute", methods=["POST"])
def first():
    return jsonify({"from": "main"})


router = Router(app)
app = router.app


@app.route("/ping", methods=["POST", "GET"])
def execute():
    return {"status": "pong"}, 200


@app.route("/health")
def too_late():
    return {"from": "after"}


@app.route("/m/v1/execute", methods=["POST", "GET"])
def shared():
    return {"from": "main"}


@app.route("/asking/v1/execute", methods=["POST"])
def asking():
    return {"from": "main"}


@app.route("/broken/v1/status/<int:number>")
def status(number):
    return {"number": number}


@router.route("/test", methods=["GET"])
def test():
    return {"router": "working"}, 200


@router.route("no_slash")
def execute():
    return {"from": "router"}


@router.route()
def named():
    return [1]


@router.route("/fails")
def fails():
    raise ManagedError("no", status_code=404)


@router.route("/invalid")
def invalid():
    raise ValueError("no number")


if __name__ == "__main__":
    router.run_app(app)
"""
FILES = {
    "/main.py": MAIN,
    "m/v1/route.py": ROUTE,
    "first/v1/route.py": ROUTE,
    "asking/v1/route.py": ROUTE.replace("router\n", "router, app\n", 1),
    "alone/v1/route.py": ROUTE.replace("router\n", "router, app\n", 1),
    "broken/v1/route.py": "raise RuntimeError\n",
}
# What each request is answered: the same as by workflows-cdk 0.1.0, apart from those that are marked.
ANSWERS: list[tuple[str, str, int, Any]] = [
    ("GET", "/before", 200, {"from": "before"}),
    ("GET", "/ready", 200, {"from": "before"}),
    ("POST", "/first/v1/execute", 200, {"from": "main"}),
    ("GET", "/ping", 200, {"status": "pong"}),
    ("POST", "/ping", 200, {"status": "pong"}),
    ("GET", "/health", 200, {"data": {"status": "healthy"}}),
    ("POST", "/m/v1/execute", 200, {"data": {"from": "module"}}),
    ("GET", "/m/v1/execute", 200, {"from": "main"}),
    ("POST", "/asking/v1/execute", 200, {"from": "main"}),
    ("GET", "/broken/v1/status/7", 200, {"number": 7}),
    ("GET", "/test", 200, {"router": "working"}),
    ("POST", "/no_slash", 200, {"data": {"from": "router"}}),
    ("POST", "/named", 200, [1]),
    # The SDK did not load it (404), did not say so (404), and answered each error with 400.
    ("POST", "/alone/v1/execute", 200, {"data": {"from": "module"}}),
    ("POST", "/broken/v1/execute", 503, "Module broken/v1 failed to load"),
    ("POST", "/fails", 404, "no"),
    ("POST", "/invalid", 400, "no number"),
    ("POST", "/test", 405, "The method is not allowed for the requested URL."),
]


@pytest.mark.parametrize("method,path,status,expected", ANSWERS)
def test_main_answers_where_it_did(build_sdk: Build, method: str, path: str, status: int, expected: Any) -> None:
    reply = build_sdk(FILES, MAIN).open(path, method=method, json={} if method == "POST" else None)

    assert (reply.status_code, _told(reply.json)) == (status, expected)


def _told(body: Any) -> Any:
    """Return a body; of an error its text."""
    return body["error"] if isinstance(body, dict) and "error" in body else body


def test_routes_that_come_before_the_application_wait_for_it(build_sdk: Build) -> None:
    main = (
        "from flask import Flask\nfrom workflows_cdk import Router\nrouter = Router()\n"
        "@router.route('/early', methods=['GET'])\ndef early(): return {'from': 'main'}\n"
        "@router.route('/m/v1/execute')\ndef execute(): return {'from': 'main'}\n"
        "app = Flask(__name__)\nrouter.init_app(app)\n"
    )
    client = build_sdk({"m/v1/route.py": ROUTE}, main)

    assert client.get("/early").json == {"data": {"from": "main"}}
    assert client.post("/m/v1/execute").json == {"data": {"from": "module"}}


def test_a_file_of_the_projects_own_registers_under_the_path_that_it_writes(build_sdk: Build) -> None:
    own = "from main import router\n@router.route('/own', methods=['GET'])\ndef own(): return {'from': 'file'}\n"
    again = (
        "import importlib.util\n"
        "spec = importlib.util.spec_from_file_location('again', 'src/modules/get it/v1/route.py')\n"
        "spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
    ).replace("'src", "app.root_path + '/src")
    client = build_sdk({"get it/v1/route.py": ROUTE, "/src/own.py": own}, f"{SDK_MAIN}import src.own\n{again}")

    assert client.get("/own").json == {"data": {"from": "file"}}
    assert client.post("/get_it/v1/execute").json == {"data": {"from": "module"}}
    assert client.post("/execute").status_code == 404


def test_routes_of_main_are_listed(build_sdk: Build) -> None:
    endpoints = build_sdk(FILES, MAIN).get("/routes").json["data"]["endpoints"]

    listed = {each["path"]: each["endpoint"] for each in endpoints}
    assert {"/before", "/ping", "/test", "/routes", "/m/v1/execute"} < listed.keys()
    # One name each, as url_for knows them; a second of that name gets a number.
    assert (listed["/test"], listed["/ping"], listed["/no_slash"]) == ("test", "execute", "execute#1")


@contextmanager
def _served(root: Any, *command: str) -> Iterator[int]:
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PORT": str(port)}
    arguments = [sys.executable, *(word.replace("PORT", str(port)) for word in command)]
    process = subprocess.Popen(
        arguments, cwd=root, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        poll(lambda: _ask(port, "GET", "/health"), "the server")
        yield port
    finally:
        process.terminate()
        process.wait()


def _ask(port: int, method: str, path: str) -> tuple[int, Any] | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = None if method == "GET" else "{}"
        connection.request(method, path, body, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()


@pytest.mark.parametrize(
    "command",
    [
        ("main.py",),
        pytest.param(
            ("-m", "gunicorn", "--bind", "127.0.0.1:PORT", "main:app"),
            marks=pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork"),
        ),
    ],
    ids=["python", "gunicorn"],
)
def test_real_servers_answer_the_same(write: Write, command: tuple[str, ...]) -> None:
    with _served(write(FILES), *command) as port:
        replies = [_ask(port, method, path) for method, path, _, _ in ANSWERS]

    answers = [(reply[0], _told(reply[1])) for reply in replies if reply]
    assert answers == [(status, body) for _, _, status, body in ANSWERS]


FACTORY = """\
from flask import Flask
from workflows_cdk import Router


def create_app():
    app = Flask(__name__)
    router = Router(app)

    @router.route("/made", methods=["GET"])
    def made():
        return {"from": "factory"}

    return app
"""


@pytest.mark.parametrize(
    "files,main",
    [
        ({}, f"{FACTORY}\n\napp = create_app()\n"),
        ({"/src/server/web.py": FACTORY}, "from src.server.web import create_app\n\napp = create_app()\n"),
    ],
    ids=["in main.py", "in another file"],
)
@pytest.mark.parametrize("command", [("main.py",), ("-m", "flask", "--app", "main", "run", "--port", "PORT")])
def test_a_router_that_is_made_elsewhere(
    write: Write, files: dict[str, str], main: str, command: tuple[str, ...]
) -> None:
    run = "\nif __name__ == '__main__':\n    import os\n    app.run(port=int(os.environ['PORT']))\n"
    with _served(write({"m/v1/route.py": ROUTE, "/main.py": main + run, **files}), *command) as port:
        assert _ask(port, "GET", "/made") == (200, {"data": {"from": "factory"}})
        assert _ask(port, "POST", "/m/v1/execute") == (200, {"data": {"from": "module"}})
