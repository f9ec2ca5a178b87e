"""Keeping values out of the log costs little, whatever a caller sends, and leaves the log readable."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.operations.conftest import PATIENCE, Served

from .worker import costing_at_most, resident_mb, serve

__all__ = ["serve"]

ROWS = [
    {"email": f"person.{number}@example.com", "name": f"Maria Person {number}", "phone": f"+41 79 555 {number:05}"}
    | {"company": f"Company Number {number} of Geneva", "age": number}
    for number in range(2_000)
]
TOKEN = "token-of-the-callers"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    return serve()


@pytest.fixture(scope="module")
def guarded(serve: Callable[..., Served]) -> Served:
    return serve(CONNECTOR_TOKEN=TOKEN)


def post(served: Served, body: bytes, **headers: str) -> requests.Response:
    given = {"Content-Type": "application/json", **headers}
    return requests.post(f"{served.url}/hostile/v1/execute", data=body, headers=given, timeout=PATIENCE)


def send(served: Served, data: dict[str, Any]) -> requests.Response:
    return post(served, json.dumps({"data": data}).encode())


@pytest.mark.parametrize("way", ["rows", "rows in text", "rows in an error", "each row"])
def test_a_log_line_of_2000_records_takes_less_than_a_second(served: Served, way: str) -> None:
    with costing_at_most(served, 1.0):
        reply = send(served, {"way": way, "rows": ROWS})

    assert reply.status_code in (200, 500)
    assert "person.7@example.com" not in served.text()
    assert "Maria Person 7" not in served.text()


def test_an_argument_of_2000_records_is_written_as_its_type_and_size(served: Served) -> None:
    send(served, {"way": "rows", "rows": ROWS})

    assert "creating <list of 2000>" in [line.get("message") for line in served.lines()]


# Bodies of 8 MB that ask for much work; each takes a while to make.
BODIES: dict[str, Callable[[], bytes]] = {
    "many values": lambda: in_rows(",".join(f'"value number {number}"' for number in range(8 * MEGABYTE // 23))),
    "many short values": lambda: in_rows("1,2," * (2 * MEGABYTE) + "3"),
    "many fields": lambda: json.dumps({"data": {f"field {number}": "x" for number in range(400_000)}}).encode(),
    "one value": lambda: json.dumps({"data": {"note": "x" * (8 * MEGABYTE)}}).encode(),
    "nesting": lambda: in_rows("[[[]]]," * MEGABYTE + "1"),
}


def in_rows(values: str) -> bytes:
    return b'{"data": {"rows": [%s]}}' % values.encode()


@pytest.mark.parametrize("kind", BODIES)
def test_8_mb_without_the_token_cost_less_than_half_a_second(guarded: Served, kind: str) -> None:
    with costing_at_most(guarded, 0.5):
        assert post(guarded, BODIES[kind]()).status_code == 401


@pytest.mark.parametrize("kind", BODIES)
def test_8_mb_of_malformed_json_cost_less_than_a_second(served: Served, kind: str) -> None:
    with costing_at_most(served, 1.0):
        assert post(served, BODIES[kind]()[:-1]).status_code == 400


@pytest.mark.parametrize("kind", ["one value"])
def test_8_mb_that_do_not_fit_the_form_cost_less_than_a_second(served: Served, kind: str) -> None:
    with costing_at_most(served, 1.0):
        assert post(served, BODIES[kind]()).status_code == 400


def test_memory_stays_bounded(served: Served) -> None:
    for make in BODIES.values():
        body = make()
        post(served, body[:-1])
        post(served, body, Authorization="Bearer nonsense")

    assert resident_mb(served, "VmHWM") < 512


def test_names_of_modules_files_and_exceptions_stay(serve: Callable[..., Served]) -> None:
    served = serve(ENVIRONMENT="dev")
    send(served, {"way": "recursion", "rows": [], "object": "hostile", "kind": "RecursionError", "part": "route.py"})

    text = served.text()
    assert "[redacted]" not in text
    assert "src/modules/hostile/v1/route.py" in text
    assert "RecursionError: maximum recursion depth exceeded" in text
