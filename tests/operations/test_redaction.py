"""Secrets planted wherever a request can carry them, and looked for in everything that is written."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from .conftest import GUNICORN, PATIENCE, Served

SECRETS = {
    "note": "Jane Planted-Note, 12 Elm Street",
    "phone": 5550123456,
    "key": "planted.customer@example.com",
    "connection": "sk_planted_connection_0001",
    "envelope": 'pl"nted\\env/elope\nécret two',
    "nested": "planted-nested-value",
    "query": "planted query+value",
    "cookie": "planted-cookie-value",
    "bearer": "planted.bearer.token",
    "header": "planted-header-value",
    "agent": "planted-agent/1.0",
    "path": "planted-path-segment",
    "basic": "planted-basic-password",
}
# As text, quoted, escaped, in bytes, URL-encoded, in base64, or the beginning of it.
TRACES = ("planted", 'l\\"nted', "pl%22nted", "nted\\", "elm street", "5550123456", "cret two", "cgxhbnrlzc")


@pytest.fixture
def upstream() -> Iterator[str]:
    """A service that the connector calls; it answers 503, which makes urllib3 and requests talkative."""

    class Refuse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(503, "planted-reply")

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/planted-path-segment"
    server.shutdown()
    thread.join()
    server.server_close()


def carry(act: str, **data: Any) -> dict[str, Any]:
    """Return the options of a request that carries every secret."""
    value = {"value": {"api_key": SECRETS["connection"]}}
    return {
        "params": {"token": SECRETS["query"]},
        "cookies": {"session": SECRETS["cookie"]},
        "headers": {
            "Authorization": f"Bearer {SECRETS['bearer']}",
            "X-Custom": SECRETS["header"],
            "User-Agent": SECRETS["agent"],
        },
        "json": {
            "data": {
                "act": act,
                "note": SECRETS["note"],
                "phone": SECRETS["phone"],
                "map": {SECRETS["key"]: [{"deep": SECRETS["nested"]}]},
                "connection": {"connection_data": value},
                **data,
            },
            "credentials": {"connection_data": {"value": {"password": SECRETS["envelope"]}}},
        },
    }


def assert_clean(text: str) -> None:
    lowered = text.lower()
    found = [(trace, line) for line in lowered.splitlines() for trace in TRACES if trace.lower() in line]
    assert not found


SERVERS = {
    "gunicorn": GUNICORN,
    "talkative gunicorn": (*GUNICORN, "--log-level", "debug", "--access-logfile", "-"),
    "python main.py": (sys.executable, "main.py"),
}


@pytest.mark.parametrize("environment", ["prod", "dev"])
@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)
def test_nothing_a_request_carried_is_written(
    environment: str,
    command: tuple[str, ...],
    connector: Callable[..., Path],
    serve: Callable[..., Served],
    upstream: str,
) -> None:
    served = serve(connector(), *command, WEB_CONCURRENCY="1", ENVIRONMENT=environment, LOG_LEVEL="DEBUG")
    url = f"{served.url}/probe/v1/execute"

    statuses = {
        act: requests.post(url, timeout=PATIENCE, **carry(act, url=upstream)).status_code
        for act in ("answer", "fail", "refuse", "manage", "log", "call")
    }
    send_elsewhere(served)
    served.stop()

    assert statuses == {"answer": 200, "fail": 500, "refuse": 400, "manage": 503, "log": 200, "call": 200}
    assert "[redacted]" in served.text()
    assert_clean(served.text())


def send_elsewhere(served: Served) -> None:
    """Carry the secrets to paths and in bodies that the connector does not accept."""
    options = carry("answer")
    for path in (f"/{SECRETS['path']}", f"/{SECRETS['path']}/v1/schema", f"/probe/v1/files/{SECRETS['path']}"):
        requests.get(f"{served.url}{path}", timeout=PATIENCE, **{**options, "json": None})
    body = f'{{"data": "{SECRETS["note"]}", "x": {SECRETS["bearer"]}'
    requests.post(f"{served.url}/probe/v1/execute", data=body.encode(), timeout=PATIENCE)
    requests.post(f"{served.url}/probe/v1/execute", data={"note": SECRETS["note"]}, timeout=PATIENCE)
    requests.get(f"{served.url}/", auth=("planted-user", str(SECRETS["basic"])), timeout=PATIENCE)
    requests.request("PLANTED", f"{served.url}/health", timeout=PATIENCE)
    requests.get(f"{served.url}/health", headers={"X-Request-ID": "planted id!"}, timeout=PATIENCE)
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as connection:
        connection.sendall(b"planted request\r\n\r\n")
        while connection.recv(1024):
            pass
