"""Prometheus figures: added up over the workers, and over the workers that are gone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

from .conftest import PATIENCE, Served, wait_until

EXECUTED = 'connector_requests_total{endpoint="execute",module="probe",status="200",version="v1"}'
TIMED = 'connector_request_seconds_count{endpoint="execute",module="probe",status="200",version="v1"}'
UNKNOWN = 'connector_requests_total{endpoint="",module="",status="404",version=""}'


def figures(served: Served) -> dict[str, float]:
    reply = requests.get(f"{served.url}/metrics", timeout=PATIENCE)
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    samples = (line.rpartition(" ") for line in reply.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def executed_by(served: Served) -> int:
    return int(served.execute({}).json()["data"]["pid"])


def test_workers_add_up(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(metrics=True), WEB_CONCURRENCY="3")
    pids: list[int] = []

    def two_have_answered() -> bool:
        pids.append(executed_by(served))
        return len(set(pids)) > 1

    wait_until(two_have_answered, "two workers to answer")
    for path in range(5):
        requests.get(f"{served.url}/unknown-{path}", timeout=PATIENCE)

    for _ in range(10):
        seen = figures(served)
        assert (seen[EXECUTED], seen[TIMED], seen[UNKNOWN]) == (len(pids), len(pids), 5)


def test_a_worker_that_is_gone_still_counts_and_leaves_no_file(
    tmp_path: Path, connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(metrics=True), WEB_CONCURRENCY="2", PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    calls = 0
    for _ in range(3):
        pid = executed_by(served)
        os.kill(pid, signal.SIGKILL)
        calls += 1
        wait_until(partial(has_ended, pid), "the worker to end")
    wait_until(lambda: executed_by(served) and figures(served).get(EXECUTED), "an answer")

    [directory] = tmp_path.glob("connector-metrics-*")
    names = sorted(path.name for path in directory.iterdir())
    assert set(names) <= {"counter_0.db", "counter_1.db", "histogram_0.db", "histogram_1.db"}
    assert figures(served)[EXECUTED] > calls
    served.stop()
    assert not directory.exists()


def test_one_process_counts_by_itself(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(metrics=True), sys.executable, "main.py")
    served.execute({})
    served.execute({})

    assert figures(served)[EXECUTED] == 2


def test_figures_are_off_unless_asked_for(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")

    assert requests.get(f"{served.url}/metrics", timeout=PATIENCE).status_code == 404
