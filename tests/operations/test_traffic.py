"""What callers notice while the connector is restarted, loses a worker, or waits for an API: as little as can be."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.http.conftest import Answer, Api

from .conftest import GUNICORN, PATIENCE, Served, make_connector, wait_until
from .test_faults import connect
from .traffic import CALLERS, Balancer, traffic


def test_a_reload_in_place_loses_no_request(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector())
    with traffic(served.url) as calls:
        before = served.text().count("Booting worker")
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: served.text().count("Booting worker") >= before + 2, "new workers")
        calls.wait_for_more()

    assert set(calls.outcomes) == {200}, calls.outcomes


def test_a_rolling_restart_loses_no_request(tmp_path: Path, serve: Callable[..., Served]) -> None:
    def instance(name: str) -> Served:
        (tmp_path / name).mkdir()
        return serve(make_connector(tmp_path / name), *GUNICORN)

    with closing(Balancer()) as balancer:
        old = [instance(f"old{number}") for number in range(2)]
        balancer.rotation = [each.port for each in old]
        with traffic(f"http://127.0.0.1:{balancer.port}") as calls:
            for number, leaving in enumerate(old):
                coming = instance(f"new{number}")
                balancer.rotation = [*balancer.rotation, coming.port]
                balancer.take_out(leaving.port)
                assert leaving.stop() == 0
                calls.wait_for_more()

    assert set(calls.outcomes) == {200}, calls.outcomes
    assert not {each.port for each in old} & set(balancer.rotation)


def test_killed_workers_cost_only_what_they_worked_on(
    connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(), WEB_CONCURRENCY="2")
    with traffic(served.url) as calls:
        for _ in range(3):
            killed = int(served.execute({}).json()["data"]["pid"])
            booted = served.text().count("Booting worker")
            os.kill(killed, signal.SIGKILL)
            wait_until(lambda: served.text().count("Booting worker") > booted, "another worker")  # noqa: B023
            calls.wait_for_more()

    failed = sum(count for outcome, count in calls.outcomes.items() if outcome != 200)
    assert set(calls.outcomes) <= {200, "ConnectionError"}, calls.outcomes
    assert failed <= 3 * CALLERS


def test_callers_that_do_not_read_hold_nobody_up(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1", WEB_THREADS="4", WEB_CLIENT_TIMEOUT="1")
    body = '{"data": {"act": "large"}}'
    head = "POST /probe/v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(connect(served, f"{head}Content-Length: {len(body)}\r\n\r\n{body}"))
        assert served.execute({}).status_code == 200  # or it would not be answered while they stay connected


# --- the API behind a module ------------------------------------------------------------------------


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Return a socket that takes connections and ends each at once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def end() -> None:
        try:
            while True:
                listener.accept()[0].close()
        except OSError:
            return

    threading.Thread(target=end, daemon=True).start()
    with closing(listener):
        yield listener


@pytest.fixture(scope="module")
def calling(tmp_path_factory: pytest.TempPathFactory, serve_module: Callable[..., Served]) -> Iterator[Served]:
    """Return one process that calls APIs, each at an address of its own, by eight threads; it logs no error."""
    served = serve_module(make_connector(tmp_path_factory.mktemp("calling")), WEB_CONCURRENCY="1", WEB_THREADS="8")
    yield served
    served.stop()
    assert {line["level"] for line in served.lines()} <= {"INFO", "WARNING"}


@pytest.mark.parametrize(
    "answer, status, told",
    [
        (Answer(hang=True), 504, "127.0.0.1 did not answer in time"),
        (Answer(status=429), 502, "429"),
        (Answer(status=429, headers={"Retry-After": "3600"}), 502, "429"),
        (Answer(status=503, headers={"Retry-After": "0"}), 502, "503"),
        (Answer(cut=True, body={"a": 1}), 502, "127.0.0.1"),
        (Answer(content="<html>"), 502, "127.0.0.1"),
    ],
    ids=["hangs", "429", "429 for an hour", "503", "cut", "no JSON"],
)
def test_an_api_that_fails_is_one_clear_error_and_holds_nobody_up(
    calling: Served, answer: Answer, status: int, told: str
) -> None:
    before = len(calling.lines())
    with closing(Api()) as api, ThreadPoolExecutor(6) as pool:
        api.answer(answer)
        waiting = [pool.submit(calling.execute, {"act": "fetch", "url": api.url}) for _ in range(6)]
        assert calling.execute({}).status_code == 200
        replies = [each.result(PATIENCE) for each in waiting]

    assert Counter(reply.status_code for reply in replies) == {status: 6}
    for reply in replies:
        error = reply.json()
        assert told in reply.text
        assert set(error) == {"error", "data", "metadata"}
    assert {line["level"] for line in calling.lines()[before:]} <= {"INFO", "WARNING"}


def test_an_api_that_ends_connections_at_once(calling: Served, silent: socket.socket) -> None:
    reply = calling.execute({"act": "fetch", "url": f"http://127.0.0.1:{silent.getsockname()[1]}"})

    assert (reply.status_code, "127.0.0.1" in reply.json()["error"]) == (502, True)
