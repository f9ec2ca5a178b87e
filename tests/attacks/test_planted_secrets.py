"""A secret is planted in every way that a module can write one, and never found in the log."""

from __future__ import annotations

import base64
import importlib.util
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.operations.conftest import PATIENCE, Served, wait_until
from tests.operations.test_sentry import Sentry, sentry

from .worker import PROBE, serve

__all__ = ["sentry", "serve"]

WORD = "planted"
SECRET = f'sk_{WORD}_X9/+é "4711"\\ü'
# The word as it is, in hexadecimal, and in base64 wherever it begins.
TRACES = [WORD, WORD.encode().hex()]
TRACES += [base64.b64encode(b"\0" * shift + WORD.encode())[shift + 1 : -3].decode() for shift in range(3)]


def ways() -> list[str]:
    """Return the names of the ways; the module itself can only be imported in its connector."""
    spec = importlib.util.spec_from_file_location("ways", PROBE / "src/modules/hostile/v1/ways.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.WAYS)


PLACES: dict[str, dict[str, Any]] = {
    "a connection in the form": {"data": {"account": {"connection_data": {"value": {"key": SECRET}}}}},
    "a connection beside the form": {"credentials": {"connection_data": {"value": {"key": SECRET}}}},
    "a connection that is JSON": {
        "credentials": {"connection_data": {"value": {"api_credentials": json.dumps({"key": SECRET})}}}
    },
    "a password field": {"data": {"pin": SECRET}},
    "a field": {"data": {"note": SECRET}},
}


VARIABLES = {
    "API_KEY": f"{WORD}+of/the environment",
    "CRM_PASSWORD": f"{WORD}-password",
    "DATABASE_URL": f"postgres://user:{WORD}-in-an-address@localhost/crm",
    "SMTP_CREDENTIALS": json.dumps({"user": "mail", "pass": f"{WORD}-in-json"}),
}


@pytest.fixture(scope="module", params=["prod", "dev"])
def served(request: pytest.FixtureRequest, serve: Callable[..., Served]) -> Served:
    return serve(ENVIRONMENT=request.param, LOG_LEVEL="DEBUG", **VARIABLES)


@pytest.fixture(scope="module")
def serve_one(serve: Callable[..., Served]) -> Served:
    return serve()


def run(served: Served, way: str, place: dict[str, Any], identity: str = "some-id") -> str:
    """Have the module write the secret, and return what was written meanwhile."""
    before = len(served.text())
    body = {**place, "data": {"way": way, "secret": SECRET, **place.get("data", {})}}
    headers = {"X-Request-ID": identity}
    requests.post(f"{served.url}/hostile/v1/execute", json=body, timeout=PATIENCE, headers=headers)
    return served.text()[before:]


def leaks(text: str) -> list[str]:
    return [line for line in text.splitlines() for trace in TRACES if trace.lower() in line.lower()]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ways())
def test_nothing_is_written(served: Served, way: str, place: str) -> None:
    written = run(served, way, PLACES[place])

    assert "hostile/v1/execute" in written
    assert leaks(written) == []


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    "way", ["in a sentence", "in an exception", "base64", "by a warning", "from a thread that fails"]
)
def test_secrets_of_the_environment_are_not_written(served: Served, way: str, variable: str) -> None:
    written = run(served, way, {"data": {"variable": variable, "secret": ""}})

    assert "hostile/v1/execute" in written
    assert leaks(written) == []


@pytest.mark.parametrize("way", ["as it is", "in a sentence", "in an exception", "from a thread"])
@pytest.mark.parametrize("secret", ["4711", "pässword", "hunter2", "a b c"])
def test_short_secrets_are_not_written(served: Served, way: str, secret: str) -> None:
    assert secret not in run(served, way, {"data": {"pin": secret, "secret": ""}})


@pytest.mark.parametrize("secret", [f"sk_live_{WORD}0123456789", f"{WORD}-0123456789-abcdef"])
@pytest.mark.parametrize("part", [slice(0, 18), slice(8, 30), slice(5, -1)])
def test_a_part_of_a_credential_is_not_written(served: Served, secret: str, part: slice) -> None:
    written = run(served, secret[part], {"data": {"pin": secret, "part": [part.start, part.stop]}})

    assert secret[part] not in written


FROM_THREADS = [way for way in ways() if way.startswith("from ") and "destructor" not in way]


@pytest.mark.parametrize("way", FROM_THREADS)
def test_what_a_thread_writes_has_the_id_of_the_request_that_gave_it_its_work(serve_one: Served, way: str) -> None:
    for identity in ("first", "second"):
        written = run(serve_one, way, {"data": {"note": f"a note {identity}"}}, identity)
        lines = [json.loads(line) for line in written.splitlines()]
        errors = [line for line in lines if line["level"] == "ERROR"]
        assert errors
        assert {line.get("request_id") for line in errors} == {identity}


def test_what_reaches_sentry_from_a_thread_holds_no_secret(serve: Callable[..., Served], sentry: Sentry) -> None:
    served = serve(SENTRY_DSN=sentry.dsn)
    for way in FROM_THREADS:
        run(served, way, PLACES["a connection in the form"])
    wait_until(lambda: len(sentry.events()) >= len(FROM_THREADS), "Sentry to receive the events")

    assert leaks("\n".join(sentry.received)) == []
