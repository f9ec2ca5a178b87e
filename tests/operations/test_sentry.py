"""What a Sentry server receives, and what it does not; the server is played on this machine."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from .conftest import PATIENCE, Served, wait_until
from .test_redaction import assert_clean, carry

ALLOWED = {"event_id", "timestamp", "level", "logger", "platform", "environment", "release", "sdk"}
ALLOWED |= {"logentry", "exception", "tags"}


class Sentry(ThreadingHTTPServer):
    """Sentry's envelope endpoint (https://develop.sentry.dev/sdk/data-model/envelopes/)."""

    def __init__(self) -> None:
        self.received: list[str] = []
        super().__init__(("127.0.0.1", 0), Endpoint)

    @property
    def dsn(self) -> str:
        return f"http://public@127.0.0.1:{self.server_address[1]}/1"

    def events(self) -> list[dict[str, Any]]:
        """Return the items of type event: a line of header, then a line of JSON."""
        lines = [json.loads(line) for body in self.received for line in body.splitlines() if line]
        return [event for header, event in pairwise(lines) if header.get("type") == "event"]


class Endpoint(BaseHTTPRequestHandler):
    server: Sentry

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        raw = gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body
        self.server.received.append(raw.decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    server = Sentry()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_error_is_reported_without_what_the_request_carried(
    sentry: Sentry, connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    reported = {"SENTRY_DSN": sentry.dsn, "SENTRY_RELEASE": "probe@1.2.3", "ENVIRONMENT": "stage"}
    served = serve(connector(), WEB_CONCURRENCY="1", **reported)
    options = carry("fail")
    options["headers"]["X-Request-ID"] = "mine"
    reply = requests.post(f"{served.url}/probe/v1/execute", timeout=PATIENCE, **options)
    requests.post(f"{served.url}/probe/v1/execute", timeout=PATIENCE, **carry("log"))
    wait_until(lambda: len(sentry.events()) >= 4, "Sentry to receive the events")
    served.stop()

    assert_clean("\n".join(sentry.received))
    [event] = [event for event in sentry.events() if "exception" in event]
    assert event["tags"] == {
        "error_id": reply.json()["metadata"]["error_id"],
        "request_id": "mine",
        "route": "/probe/v1/execute",
        "module": "probe",
        "version": "v1",
    }
    assert (event["environment"], event["release"], event["level"]) == ("stage", "probe@1.2.3", "error")
    assert [error["type"] for error in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
    assert event["exception"]["values"][1]["stacktrace"]["frames"][-1]["function"] == "fail"
    for event in sentry.events():
        assert set(event) <= ALLOWED
        for error in event.get("exception", {"values": []})["values"]:
            assert not any("vars" in frame for frame in error["stacktrace"]["frames"])


def test_the_dsn_may_stand_in_the_configuration(
    sentry: Sentry, connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    root = connector()
    file = root / "app_config.yaml"
    file.write_text(file.read_text().replace("settings:\n  port", f"settings:\n  sentry_dsn: {sentry.dsn}\n  port"))
    serve(root, WEB_CONCURRENCY="1").execute({"act": "fail"})

    wait_until(sentry.events, "Sentry to receive the event")
    assert sentry.events()[0]["release"] == "probe"


def test_the_sdk_is_not_imported_without_a_dsn(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    root = connector()
    for package in ("sentry_sdk", "prometheus_client"):
        (root / f"{package}.py").write_text("raise SystemExit('imported')")

    assert serve(root, WEB_CONCURRENCY="1").execute({}).status_code == 200
