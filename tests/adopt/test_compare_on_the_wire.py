"""The comparison of a connector before and after: what it asks, what it takes for planned, and what it shows."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.adopt import compare_on_the_wire as wire

LISTED = {"module_id": "crm-get-1", "module_path": "get it/v1"}
BEFORE: dict[str, Any] = {
    "GET /app-config": (200, {"data": {"app_settings": {"app_type": "crm", "debug": True}, "modules": [LISTED]}}),
    "GET /get_it/v1/schema": (200, {"data": {"schema": {"fields": [{"id": "limit", "type": "integer"}]}}}),
}
AFTER = {
    **BEFORE,
    "GET /app-config": (200, {"data": {"app_settings": {"app_type": "crm", "options": {}}, "modules": [LISTED]}}),
}
NO_SCHEMA = {"data": {"schema": {}, "error": "Schema not found"}}
OK = (200, {"data": {"id": 1}})


@contextmanager
def serving(answers: Mapping[str, Any], asked: list[tuple[str, str]] | None = None) -> Iterator[wire.Server]:
    """Answer requests from a table: by method and path; everything else as the SDK answers what is not there."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length).decode()
            if asked is not None:
                asked.append((f"{self.command} {self.path}", sent))
            missing = (404, {"error": "The requested URL was not found on the server.", "data": {}, "metadata": {}})
            status, body = answers.get(f"{self.command} {self.path}", missing)
            text = json.dumps(body(sent) if callable(body) else body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET  # noqa: N815 - the name that the library looks for

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield wire.Server(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reported(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the report on two servers."""
    with ExitStack() as opened:
        servers = [opened.enter_context(serving(each)) for each in (before, after)]
        return list(wire.report(wire.compare(servers[0], servers[1])))


def error(text: str, status: int = 400, **metadata: Any) -> tuple[int, Any]:
    """Return an error in its envelope."""
    return status, {"error": text, "data": {}, "metadata": {"timestamp": "2026-01-02T03:04:05.6", **metadata}}


def test_each_endpoint_is_asked_with_empty_invalid_and_example_data(tmp_path: Path) -> None:
    example = tmp_path / "src/modules/get it/v1/examples/ten.json"
    example.parent.mkdir(parents=True)
    example.write_text('{"input": {"limit": 10}}')
    field = {"id": "kind", "type": "string", "content": {"content_objects": [{"id": "kinds"}]}}
    (example.parents[1] / "schema.json").write_text(json.dumps({"fields": [field, {"id": "limit", "type": "integer"}]}))
    asked: list[tuple[str, str]] = []
    with serving(BEFORE, asked) as before, serving(AFTER) as after:
        wire.compare(before, after, tmp_path)

    assert {path for path, _ in asked} == {
        "GET /app-config",
        "GET /get_it/v1/schema",
        "POST /get_it/v1/schema",
        "POST /get_it/v1/content",
        "POST /get_it/v1/execute",
    }
    sent = [body for path, body in asked if path.endswith("execute")]
    data = [json.loads(body)["data"] for body in sent if body.startswith('{"data": {"')]
    wrong = {"not": ["what", "was", "asked"]}
    assert data == [
        {"kind": wrong, "limit": wrong},
        {"kind": "x", "limit": "x"},
        {"kind": "example", "limit": 1},
        {"kind": "example", "limit": 1},
        {"limit": 10},
    ]
    assert {'{"data": ', "[1]", "{}", '{"data": null}'} <= set(sent)
    names = [json.loads(body)["data"].get("content_object_names") for path, body in asked if '"content_object' in body]
    assert names == [[{"id": "kinds"}]] * 2 + [[{"id": "no_such_object"}]] * 2


@pytest.mark.parametrize(
    "before,after,reason",
    [
        (error("no", stack_trace="x.py, line 1"), error("no", error_id="a1"), "an error has an id"),
        (error("gone"), error("gone", 404), "an error has its own status"),
        (error("Internal server error: 'x'"), error("Internal server error", 500), "an unexpected error is 500"),
        ((200, [1]), (200, {"data": [1]}), "what a handler returns beside its status"),
        (None, OK, "a module that the SDK listed and could not load"),
        (None, error("Module get_it/v1 failed to load", 503), "NOT COMPARED: a module that neither can load"),
    ],
)
def test_planned_differences_are_told_in_figures(before: Any, after: Any, reason: str) -> None:
    at = "POST /get_it/v1/execute"
    said = reported(BEFORE | ({at: before} if before else {}), AFTER | {at: after})

    assert not [line for line in said if line.startswith("DIFFERENT")], said
    assert [line for line in said if reason in line]
    assert said[-1].endswith(" 0 otherwise")


def test_what_is_not_planned_is_shown_once() -> None:
    at = "POST /get_it/v1/execute"
    said = reported(BEFORE | {at: OK}, AFTER | {at: (200, {"data": {"id": 2}})})

    assert said == [
        "DIFFERENT POST /get_it/v1/execute (empty)",
        "DIFFERENT POST /get_it/v1/execute (no data)",
        "DIFFERENT POST /get_it/v1/execute (data null)",
        "DIFFERENT POST /get_it/v1/execute (invalid)",
        "DIFFERENT POST /get_it/v1/execute (text for all)",
        "DIFFERENT in the same way: 4 more",
        "    @@ -3,3 +3,3 @@",
        '       "data": {',
        '    -    "id": 1',
        '    +    "id": 2',
        "       }",
        f"planned, 1 times: {wire.PLANNED[-1].reason}",
        "17 requests: 7 answered the same, 1 as planned, 9 otherwise",
    ]


@pytest.mark.parametrize(
    "before,after",
    [
        (OK, error("Module get_it/v1 failed to load", 503)),
        (OK, (404, {"error": "The requested URL was not found on the server."})),
        (error("no"), error("never")),
        (error("no"), (200, {"data": "no"})),
        (error("no", 401), error("no", 400)),
        (OK, error("Internal server error", 500)),
        ((200, {"data": 1}), (200, {"data": {"data": 1}})),
    ],
)
def test_what_would_hurt_is_never_planned(before: tuple[int, Any], after: tuple[int, Any]) -> None:
    asked = wire.Asked("POST", "/get/v1/execute", "example", "{}")

    assert wire.compared(asked, wire.Reply(*before), wire.Reply(*after)).diff


def test_what_changes_from_run_to_run_does_not_count() -> None:
    body = {
        "at": "2026-11-28T14:52:02.574208",
        "created_at": 1795877522,
        "execution_time_seconds": 0.12,
        "id": "3f2b8a52-1c1d-4a58-9d0e-5a64d8d7a111",
        "text": "<f at 0x7f00deadbeef> of http://127.0.0.1:2003/x in /srv/one/main.py",
        "total": 7,
        "done": True,
    }

    assert wire.normalised(body, "/srv/one") == {
        "at": "<time>",
        "created_at": "<time>",
        "execution_time_seconds": "<time>",
        "id": "<id>",
        "text": "<f at <address>> of <connector>/x in <root>/main.py",
        "total": 7,
        "done": True,
    }


ROUTE = """\
import os

import requests
from flask import request as flask_request
from main import router
from workflows_cdk import Request, Response


@router.route("/execute", methods=["POST"])
def execute():
    try:
        requests.get("https://example.invalid/" + os.environ.get("PATH_OF_API", ""), timeout=5)
    except requests.ConnectionError as error:
        refused = "refused by the comparison" in str(error)
        return Response(data={"refused": refused, "sent": Request(flask_request).data})
    return Response(data="reached")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork")
def test_the_command_starts_both_and_lets_neither_out(made_sdk_connector: Path, tmp_path: Path) -> None:
    for name, text in {"before": ROUTE, "after": ROUTE.replace('"refused":', '"denied":')}.items():
        shutil.copytree(made_sdk_connector, tmp_path / name, ignore=shutil.ignore_patterns("tests", ".git", "modules"))
        version = tmp_path / name / "src/modules/call/v1"
        version.mkdir(parents=True)
        (version / "route.py").write_text(text)
    sides = (f"--{name}={tmp_path / name}" for name in ("before", "after"))
    done = subprocess.run(
        [sys.executable, Path(wire.__file__), *sides], capture_output=True, text=True, timeout=120, check=False
    )

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert "DIFFERENT POST /call/v1/execute (empty)" in lines
    assert {'    -    "refused": true,', '    +    "denied": true,'} <= set(lines)
    assert lines[-1] == "17 requests: 10 answered the same, 0 as planned, 7 otherwise"
