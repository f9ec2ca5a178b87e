"""A run that takes long: begun, left, come back to, cancelled; and what becomes of the others in its process."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from stacksync.studio.app import create_studio
from stacksync.studio.guards import HEADER
from stacksync.studio.runs import cancelling
from tests.polling import poll
from tests.studio.conftest import Studio

LATER = {HEADER: "1", "Prefer": "respond-async"}
LAST = "/m/slow/v1/runs/last"


def begin(studio: Studio, file: Path) -> dict[str, Any]:
    """Run the module until a file exists, and return what the page gets once it runs."""
    begun = studio.client.post("/m/slow/v1/run", data={"/name": str(file)}, headers=LATER).get_json()
    poll(lambda: lines_of(studio, file))
    return dict(begun)


def lines_of(studio: Studio, file: Path) -> list[str]:
    """Return what a run until a file exists has written."""
    logs = [event.data["line"] for event in studio.connector.session.events.since(0) if event.kind == "log"]
    return [line for line in logs if f"waiting for {file} in" in line]


def cancel(studio: Studio, begun: dict[str, Any]) -> dict[str, Any]:
    """Press Cancel run."""
    return dict(studio.post(f"/runs/{begun['number']}/cancel").get_json())


def test_a_run_goes_on_while_nobody_looks_and_is_there_afterwards(studio: Studio, tmp_path: Path) -> None:
    begun = begin(studio, tmp_path / "go")
    assert begun["sent"]
    assert begun["running"]
    assert "Running" in begun["response"]
    came_back = studio.get(LAST).get_json()
    assert (came_back["run"], came_back["running"]) == (begun["run"], True)
    assert came_back["seconds"] > begun["seconds"]

    with studio.connector.next_event("run", lambda data: data["run"] == begun["run"] and data["ended"]):
        (tmp_path / "go").touch()

    ended = studio.get(LAST).get_json()
    assert ended == studio.get(f"/runs/{begun['number']}").get_json()
    assert (ended["run"], ended["running"]) == (begun["run"], False)
    assert ">200<" in ended["response"]


def test_waiting_stops_at_once_and_a_module_that_returns_keeps_its_process(studio: Studio, tmp_path: Path) -> None:
    begun = begin(studio, tmp_path / "go")
    before = studio.connector.last

    ended = cancel(studio, begun)

    assert not ended["running"]
    assert "Cancelled after 0." in ended["response"]
    assert "What it had asked of the API until then may have been done." in ended["response"]
    assert "Not what the platform expects" not in ended["response"]
    assert "cancelled" in studio.get("/m/slow/v1/history").text
    assert cancel(studio, begun) == ended  # again: nothing more happens
    with studio.connector.next_event("request", lambda data: data["run"] == begun["run"]):
        (tmp_path / "go").touch()
    assert not [event for event in studio.connector.session.events.since(before) if event.kind == "state"]


def test_a_module_that_does_not_return_is_ended_and_other_runs_say_why(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "GRACE", 0.1)
    with create_studio(studio.connector.session).test_client() as client:
        studio = Studio(studio.connector, client)
        stuck, other = begin(studio, tmp_path / "never"), begin(studio, tmp_path / "never either")
        with studio.connector.next_state("ready") as ready:
            assert "is ended with its process" in cancel(studio, stuck)["response"]
        assert ready["reason"] == f"run {stuck['number']} was cancelled and did not return"
        poll(lambda: not studio.get(f"/runs/{other['number']}").get_json()["running"])

        response = studio.get(f"/runs/{other['number']}").get_json()["response"]
        why = f"The process that worked on it was ended: {ready['reason']}. What it had asked of the API"
        assert why in response
        (tmp_path / "never").touch()
        again = studio.post(f"/history/{stuck['number']}/replay")  # the new process answers
        assert ">200<" in again.get_json()["response"]


def test_a_run_that_ends_its_own_process_says_how(studio: Studio, tmp_path: Path) -> None:
    begun = begin(studio, tmp_path / "never")
    [line] = lines_of(studio, tmp_path / "never")
    with studio.connector.next_state("ready"):
        os.kill(int(line.rpartition(" ")[2]), signal.SIGKILL)
    poll(lambda: not studio.get(f"/runs/{begun['number']}").get_json()["running"])

    response = studio.get(f"/runs/{begun['number']}").get_json()["response"]
    assert "The process that worked on it was ended: the process was ended by SIGKILL." in response


def test_a_run_that_is_unknown_is_one_line(studio: Studio) -> None:
    answer = studio.get("/runs/4711")
    assert (answer.status_code, answer.text) == (404, "There is no run 4711 of this stacksync dev.\n")
    assert studio.get(LAST).get_json() == {}
