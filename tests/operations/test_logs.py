"""What one request writes to the log, and the id it goes by."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from .conftest import PATIENCE, Served, make_connector

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
MADE_ID = re.compile(r"[0-9a-f]{32}")
EXECUTE = {"route": "/probe/v1/execute", "module": "probe", "version": "v1"}
NOWHERE = {"route": None, "module": None, "version": None}


def get(served: Served, path: str, **headers: str | bytes) -> requests.Response:
    return requests.get(f"{served.url}{path}", headers=headers, timeout=PATIENCE)


def test_production_writes_one_json_line_for_each_request(
    connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")
    served.execute({}, headers={"X-Request-ID": "first"})
    served.execute({"act": "refuse"}, headers={"X-Request-ID": "second"})
    get(served, "/nowhere/v1/execute?a=b", **{"X-Request-ID": "third"})
    get(served, "/health", **{"X-Request-ID": "fourth"})
    served.stop()

    lines = [line for line in served.requests_logged() if not MADE_ID.fullmatch(line["request_id"])]
    times = [(line.pop("time"), line.pop("ms")) for line in lines]
    common = {"level": "INFO", "logger": "stacksync.request"}
    assert lines == [
        {**common, "request_id": "first", "method": "POST", **EXECUTE, "status": 200},
        {**common, "request_id": "second", "method": "POST", **EXECUTE, "status": 500},
        {**common, "request_id": "third", "method": "GET", **NOWHERE, "status": 404},
        {**common, "request_id": "fourth", "method": "GET", **NOWHERE, "route": "/health", "status": 200},
    ]
    assert all(TIME.fullmatch(time) and 0 < ms < PATIENCE * 1000 for time, ms in times)


def test_lines_of_a_run_name_its_workflow(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")
    run = {"workspace_id": "w-1", "workflow_id": "f-2", "workflow_module_instance_id": "s-3"}
    body = {"data": {"act": "fail"}, **run}
    requests.post(f"{served.url}/probe/v1/execute", json=body, timeout=PATIENCE)
    odd = {**body, "workspace_id": 'w"\n', "workflow_id": 5}
    requests.post(f"{served.url}/probe/v1/execute", json=odd, timeout=PATIENCE)
    served.stop()

    ours = [line for line in served.lines() if line.get("route") == "/probe/v1/execute"]
    assert [{name: line.get(name) for name in run} for line in ours[:2]] == [run, run]
    unusable = {"workspace_id": None, "workflow_id": None, "workflow_module_instance_id": "s-3"}
    assert [{name: line.get(name) for name in run} for line in ours[2:]] == [unusable, unusable]


def test_an_unexpected_error_is_logged_with_the_id_its_caller_got(
    connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")
    reply = served.execute({"act": "fail"}, headers={"X-Request-ID": "mine"})
    served.stop()

    [line] = [line for line in served.lines() if line["level"] == "ERROR"]
    assert line["error_id"] == reply.json()["metadata"]["error_id"]
    assert (line["request_id"], line["module"], line["version"]) == ("mine", "probe", "v1")
    assert "in execute\n    return act(request)" in line["traceback"]
    assert "Traceback" not in reply.text


def test_development_is_readable(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1", ENVIRONMENT="dev")
    served.execute({}, headers={"X-Request-ID": "mine"})
    served.stop()

    assert re.search(
        r"^\d\d:\d\d:\d\d INFO    POST /probe/v1/execute 200 \d+\.\d ms  request_id=mine$", served.text(), re.MULTILINE
    )


def test_level_decides_what_is_written(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1", LOG_LEVEL="warning")
    served.execute({})
    served.stop()

    assert served.requests_logged() == []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, serve_module: Callable[..., Served]) -> Served:
    return serve_module(make_connector(tmp_path_factory.mktemp("logs")), WEB_CONCURRENCY="1")


@pytest.mark.parametrize("given", ["a", "A-b_c.d:9", "x" * 128])
def test_a_well_formed_request_id_is_kept(given: str, served: Served) -> None:
    assert get(served, "/health", **{"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "two words", 'quo"te', "é", "{}"])
def test_another_request_id_is_replaced(given: str, served: Served) -> None:
    reply = get(served, "/nowhere", **{"X-Request-ID": given.encode()})

    assert MADE_ID.fullmatch(reply.headers["X-Request-ID"])
