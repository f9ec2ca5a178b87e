"""Headers of every reply, the shared secret of callers, and the limits of a body."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from .conftest import PATIENCE, Served, make_connector

TOKEN = "tökén-of-callers"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
PREFLIGHT = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, serve_module: Callable[..., Served]) -> Served:
    return serve_module(make_connector(tmp_path_factory.mktemp("plain"), max_body_mb=0.001), WEB_CONCURRENCY="1")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, serve_module: Callable[..., Served]) -> Served:
    root = make_connector(tmp_path_factory.mktemp("guarded"), metrics=True)
    return serve_module(root, WEB_CONCURRENCY="1", CONNECTOR_TOKEN=TOKEN)


def call(served: Served, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{served.url}{path}", timeout=PATIENCE, **options)


def test_every_reply_has_the_headers(plain: Served) -> None:
    replies = [
        call(plain, "GET", "/"),
        call(plain, "GET", "/nowhere"),
        call(plain, "POST", "/health"),
        call(plain, "POST", "/probe/v1/execute", json={"data": {}}),
        call(plain, "POST", "/probe/v1/execute", json={"data": {"act": "fail"}}),
        call(plain, "OPTIONS", "/probe/v1/execute", headers=PREFLIGHT),
    ]

    assert [reply.status_code for reply in replies] == [200, 404, 405, 200, 500, 200]
    for reply in replies:
        assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS
        assert reply.headers["Server"] == "gunicorn"
        assert reply.headers["X-Request-ID"]


def test_a_header_that_a_module_sets_itself_stays(plain: Served) -> None:
    headers = call(plain, "GET", "/probe/v1/cached").headers

    assert headers["Cache-Control"] == "max-age=60"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_need_no_token(path: str, guarded: Served) -> None:
    assert call(guarded, "GET", path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/app-config", "/routes", "/metrics", "/health/", "/probe/v1/execute", "/nowhere"]
)
def test_everything_else_needs_the_token(path: str, guarded: Served) -> None:
    reply = call(guarded, "GET", path)

    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert reply.json()["error"] == (
        "This connector needs its token, in the header X-Connector-Token or Authorization: Bearer."
    )
    assert reply.json()["data"] == {"code": 401, "name": "Unauthorized"}


@pytest.mark.parametrize(
    "header,value,status",
    [
        ("Authorization", f"Bearer {TOKEN}", 200),
        ("Authorization", f"bearer  {TOKEN} ", 200),
        ("X-Connector-Token", TOKEN, 200),
        ("Authorization", TOKEN, 401),
        ("Authorization", f"Basic {TOKEN}", 401),
        ("Authorization", "Bearer", 401),
        ("Authorization", f"Bearer {TOKEN}x", 401),
        ("X-Connector-Token", TOKEN[:-1], 401),
        ("X-Connector-Token", TOKEN.upper(), 401),
        ("X-Connector-Token", "", 401),
    ],
)
def test_token(header: str, value: str, status: int, guarded: Served) -> None:
    reply = guarded.execute({}, headers={header: value.encode()})

    assert reply.status_code == status


@pytest.mark.parametrize(
    "header,value,shown",
    [
        ("X-Connector-Token", "sesame-of-strangers", "another token"),
        ("Authorization", "Basic sesame-öf-strangers", "no token"),
        ("X-Custom", "sesame", "no token"),
    ],
)
def test_a_refused_caller_is_logged_without_what_was_shown(
    header: str, value: str, shown: str, guarded: Served
) -> None:
    guarded.execute({}, headers={header: value.encode(), "X-Request-ID": header})

    written = [line for line in guarded.lines() if line["logger"] == "stacksync.security"]
    (line,) = [line for line in written if line["request_id"] == header]
    assert (line["level"], line["message"]) == ("WARNING", f"Refused a caller who showed {shown}")
    assert line["route"] == "/probe/v1/execute"
    assert "sesame" not in guarded.text()


def test_preflight_needs_no_token(guarded: Served) -> None:
    reply = call(guarded, "OPTIONS", "/probe/v1/execute", headers=PREFLIGHT)

    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (200, "*")


def test_the_body_has_a_limit(plain: Served) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"data": {}}'
        yield b" " * 1048

    fits, too_long = b'{"data": {}}'.ljust(1048), b'{"data": {}}'.ljust(1049)
    replies = [
        call(plain, "POST", "/probe/v1/execute", data=body, headers={"Content-Type": "application/json"})
        for body in (fits, iter([fits]), too_long, chunks())
    ]

    assert [reply.status_code for reply in replies] == [200, 200, 413, 413]
    assert replies[3].json()["data"] == {"code": 413, "name": "Request Entity Too Large"}


def test_another_content_type_is_refused(plain: Served) -> None:
    reply = call(plain, "POST", "/probe/v1/execute", data="<data/>", headers={"Content-Type": "text/xml"})

    assert (reply.status_code, reply.json()["data"]) == (415, {"code": 415, "name": "Unsupported Media Type"})
