"""A connector under the supervisor, as a test sees it: files are saved, requests sent, and events waited for."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacksync.connector import Connector
from stacksync.dev.events import Event
from stacksync.dev.ports.listening import listen
from stacksync.dev.processes.supervisor import Supervisor
from stacksync.dev.session import DevSession
from tests.polling import poll

PATIENCE = 20.0
PROBE = "src/modules/probe/v1"
ROUTE = f"{PROBE}/route.py"


@dataclass(frozen=True)
class Developed:
    """A connector that is being served from the working tree."""

    session: DevSession

    @property
    def root(self) -> Path:
        """The connector's folder."""
        return self.session.connector.root

    def save(self, path: str, text: str) -> None:
        """Write a file in place."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file."""
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.save(path, text.replace(old, new))

    def call(self, path: str, data: Any = None, run: str = "") -> tuple[int, Any]:
        """Return status and body of an answer; with data, of a POST."""
        body = None if data is None else json.dumps({"data": data}).encode()
        headers = {"Content-Type": "application/json"} | ({"X-Stacksync-Run": run} if run else {})
        request = urllib.request.Request(f"{self.session.address}{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def probe(self, run: str = "", **data: Any) -> Any:
        """Return what the probe's execute answers."""
        status, body = self.call("/probe/v1/execute", data, run)
        assert status == 200, body
        return body["data"]

    @contextmanager
    def next_state(self, *states: str) -> "Iterator[State]":
        """Wait at the end of the block for one of these states, published after its beginning."""
        state = State({})
        with self.next_event("state", lambda data: data["state"] in states) as event:
            yield state
        state.data = event.data

    @contextmanager
    def next_event(self, kind: str, fits: Callable[[Mapping[str, Any]], bool] = bool) -> "Iterator[State]":
        """Wait at the end of the block for an event, published after its beginning."""
        last, found = self.last, State({})
        yield found
        found.data = self.event_after(last, kind, fits).data

    def event_after(self, last: int, kind: str, fits: Callable[[Mapping[str, Any]], bool]) -> Event:
        """Wait for the first event after `last` that is of the kind and fits."""
        deadline, seen = time.monotonic() + PATIENCE, last
        while time.monotonic() < deadline:
            for event in self.session.events.wait(seen, 0.5):
                seen = event.id
                if event.kind == kind and fits(event.data):
                    return event
        told = [(event.kind, dict(event.data)) for event in self.session.events.since(last)]
        raise AssertionError(f"no such {kind} event; there were {told}")

    @property
    def last(self) -> int:
        """The id of the newest event."""
        return max((event.id for event in self.session.events.since(0)), default=0)

    def logged(self, run: str | None) -> list[str]:
        """Return the lines that were written in a run, or in none."""
        logs = [event.data for event in self.session.events.since(0) if event.kind == "log"]
        return [data["line"] for data in logs if data["run"] == run]


@dataclass
class State:
    """The data of an event, filled in when it was published."""

    data: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.data[key]


@contextmanager
def developed(root: Path, *, shares_socket: bool = True, until: str = "ready") -> Iterator[Developed]:
    """Serve the connector in `root` while the block runs."""
    listener = listen(0)
    session = DevSession(Connector(root), listener.address)
    connector = Developed(session)
    with Supervisor(session, Path(sys.executable), listener, shares_socket=shares_socket):
        connector.event_after(0, "state", lambda data: data["state"] == until)
        yield connector


def processes_in(root: Path) -> list[int]:
    """Return the processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == root:  # of a zombie there is none
                found.append(int(process.name))
    return found


def wait(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    poll(condition)
