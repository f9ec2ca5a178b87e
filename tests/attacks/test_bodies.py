"""Whatever the bytes of a request are, its caller gets the envelope, and the log no traceback."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPResponse
from typing import Any

import pytest
import requests

from tests.http.conftest import Answer, Api
from tests.operations.conftest import PATIENCE, Served

from .worker import costing_at_most, resident_mb, serve

__all__ = ["serve"]

CHUNKED = b"POST /hostile/v1/execute HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    return serve()


def post(served: Served, body: bytes, path: str = "execute", **headers: str) -> requests.Response:
    given = {"Content-Type": "application/json", **headers}
    return requests.post(f"{served.url}/hostile/v1/{path}", data=body, headers=given, timeout=PATIENCE)


def send_raw(served: Served, request: bytes) -> HTTPResponse:
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        reply = HTTPResponse(client)
        reply.begin()
        reply.body = reply.read()  # type: ignore[attr-defined]
        return reply


def assert_envelope(body: bytes) -> None:
    assert {"error", "data", "metadata"} <= set(json.loads(body))


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n",
        b"-5\r\nabcde\r\n0\r\n\r\n",
        b"5\r\nabcdefgh\r\n0\r\n\r\n",
        b"5\r\nabc",
        b"5\r\nabcde\r\n",
        b"FFFFFFFFFFFFFFFFFF\r\nabc",
        b"5;\x00\r\nabcde\r\n0\r\n\r\n",
        b"0x5\r\nabcde\r\n0\r\n\r\n",
        b"5\nabcde\n0\n\n",
        b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX: \x00\r\n\r\n",
    ],
)
def test_broken_chunks_are_a_400(served: Served, chunks: bytes) -> None:
    before = len(served.text())
    reply = send_raw(served, CHUNKED + chunks)

    assert reply.status == 400
    assert_envelope(reply.body)  # type: ignore[attr-defined]
    assert '"ERROR"' not in served.text()[before:]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "gzip, gzip"])
def test_a_packed_body_is_a_415(served: Served, encoding: str) -> None:
    reply = post(served, gzip.compress(b"{}"), **{"Content-Encoding": encoding})

    assert reply.status_code == 415
    assert_envelope(reply.content)


def test_a_body_that_says_it_is_not_packed_is_read(served: Served) -> None:
    assert post(served, b"{}", **{"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize("status", [0, 99, 100, 199, 600, 1000, -1, 10**30, "", "abc", "0409", "409 Conflict", True])
def test_a_status_that_is_none_is_a_500(served: Served, status: Any) -> None:
    reply = post(served, json.dumps({"status": status}).encode(), "status")

    assert reply.status_code == 500
    assert_envelope(reply.content)


@pytest.mark.parametrize("way", ["status", "managed", "response", "flask"])
@pytest.mark.parametrize("status, answered", [(409, 409), ("409", 409), (0, 500), (99, 500), (1000, 500)])
def test_a_status_as_a_text_counts_and_one_that_is_none_does_not(
    served: Served, way: str, status: Any, answered: int
) -> None:
    reply = post(served, json.dumps({"status": status, "way": way}).encode(), "status")

    assert reply.status_code == answered
    assert reply.json().keys() & {"error", "data"}


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "Script-Name", "PATH_INFO"])
def test_a_forwarder_does_not_move_the_application(served: Served, name: str) -> None:
    reply = requests.get(f"{served.url}/health", headers={name: "/elsewhere"}, timeout=PATIENCE)

    assert reply.status_code == 200


def test_no_header_is_there_twice(served: Served) -> None:
    reply = send_raw(served, b"POST /hostile/v1/headers HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: mine\r\n\r\n")
    names = [name.lower() for name, _ in reply.getheaders()]

    assert sorted(names) == sorted(set(names))
    assert reply.getheader("X-Request-ID") == "mine"
    assert reply.getheader("Cache-Control") == "max-age=1"


def body_of(kind: str) -> bytes:
    return {
        "lists": b"[" * 10_000 + b"]" * 10_000,
        "many lists": b'{"data": {"rows": [' + b"[]," * 5_000_000 + b"1]}}",
        "many objects": b'{"data": {"rows": [' + b"{}," * 5_000_000 + b"1]}}",
        "a number": b'{"data": {"rows": ' + b"9" * 1_000_000 + b"}}",
        "a float": b'{"data": {"rows": 1e' + b"9" * 1_000_000 + b"}}",
        "brackets in text": b'{"data": {"note": "' + b"[" * 8_000_000 + b'"}}',
        "an open text": b'{"data": "' + b'\\"' * 5_000_000,
    }[kind]


@pytest.mark.parametrize(
    "kind", ["lists", "many lists", "many objects", "a number", "a float", "brackets in text", "an open text"]
)
def test_a_body_made_to_grow_is_refused_at_little_cost(served: Served, kind: str) -> None:
    with costing_at_most(served, 1.0):
        reply = post(served, body_of(kind))

    assert reply.status_code == 400
    assert_envelope(reply.content)
    assert resident_mb(served, "VmHWM") < 256


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("status", [200, 302, 500])
def test_an_answer_of_an_api_that_is_a_bomb_is_cut_off(served: Served, status: int, packed: bool) -> None:
    content = b'{"a": "' + b"x" * 100_000_000 + b'"}'
    headers = {"Content-Encoding": "gzip", "Location": "/x"} if packed else {"Location": "/x"}
    with closing(Api()) as api, costing_at_most(served, 2.0):
        api.answer(Answer(status, content=gzip.compress(content, 1) if packed else content, headers=headers))
        reply = requests.post(
            f"{served.url}/probe/v1/execute", json={"data": {"act": "fetch", "url": api.url}}, timeout=PATIENCE
        )

    assert reply.status_code == 502
    # Of an error the status is known before its body.
    told = "127.0.0.1 answered 500" if status == 500 else "127.0.0.1 answered with more than 32 MB"
    assert reply.json()["error"] == told
    assert resident_mb(served, "VmHWM") < 256
