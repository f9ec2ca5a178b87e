"""A connector loaded once, in a process of its own interpreter: to say what does not load, and to call its modules."""

import base64
import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.dev.environment.dot_env import read_environment
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.processes.load_errors import in_one_line
from stacksync.dev.processes.revision import read_snapshot
from stacksync.dev.processes.worker import Message, Start, Worker, how_it_ended
from stacksync.errors import StacksyncError

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

PATIENCE = 120.0  # seconds: a connector that takes longer never gets ready on the platform either
_PAUSE = 0.5  # how long the main thread waits at once: on Windows Ctrl-C is noticed only in between
_LAST_WORDS = 5.0  # seconds that a process has to end, and to say what it still has to say

Hear = Callable[[Message], object]


class NoAnswerError(StacksyncError):
    """The process has ended, or is busy for too long: it answers nothing else either."""


def _hear_nothing(_message: Message) -> None:
    return None


def _read_nothing(_prompt: str) -> str:
    return ""


@dataclass(frozen=True)
class Reply:
    """What a module answered.

    Args:
        difference: With an example: how the answer differs from what it expects.
        endpoint: With an example: which one it calls.
        recording: What was recorded in this process so far.
        faults: How the calls so far differ from the cassette that is played back.
    """

    status: int
    content_type: str
    body: bytes
    difference: str | None = None
    endpoint: str = ""
    recording: Any = None
    faults: tuple[str, ...] = ()


class LoadedConnector:
    """The process that has loaded a connector.

    Args:
        worker: The process.
        messages: What it reports.
        hear: Is told of each line that the connector writes, and of each call to an API.

    Attributes:
        read_line: Returns what somebody types behind a prompt, for code that reads standard input; "" if nobody does.
    """

    def __init__(self, worker: Worker, messages: "queue.Queue[Message]", hear: Hear) -> None:
        self._worker = worker
        self._messages = messages
        self._hear = hear
        self.read_line: Callable[[str], str] = _read_nothing
        self.ended: int | None = None
        self.report: Mapping[str, Any] = {}
        self.last: Reply | None = None

    def load(self, environment: Mapping[str, str], route_files: Mapping[str, list[str]]) -> None:
        """Import the connector; `report` or `ended` say what came of it.

        Raises:
            StacksyncError: It takes too long.
        """
        self._worker.load(environment, route_files, guarded=False)
        message = self._next("loaded", PATIENCE)
        if message is None:
            fault = f"The connector is not loaded after {PATIENCE:.0f} s."
            raise StacksyncError(fault, "run it: stacksync dev")
        self.report = message.data if message.kind == "loaded" else {}

    @property
    def problems(self) -> Iterator[tuple[str | None, str]]:
        """What did not load: the version of a module, or None for the whole, and FILE:LINE: FAULT."""
        for error in self.report.get("errors", ()):
            yield error["module"], in_one_line(error)

    def call(self, folder: "VersionFolder", endpoint: str, body: Any, run: str) -> Reply:
        """Post a body to a module, as a run of this name.

        Raises:
            StacksyncError: The process ended, or cannot answer.
        """
        place = {"module": folder.module, "version": folder.version, "url": folder.url_base}
        return self._ask("call", None, run=run, **place, endpoint=endpoint, body=body)

    def example(self, folder: "VersionFolder", file: str, run: str, patience: float | None = None) -> Reply:
        """Replay an example of a module, as a run of this name.

        Args:
            patience: Seconds to wait; without end where that is None.

        Raises:
            NoAnswerError: The process ended, or takes longer.
            StacksyncError: It cannot answer.
        """
        return self._ask("example", patience, run=run, module=folder.module, version=folder.version, file=file)

    def check_connection(self, value: Mapping[str, Any]) -> tuple[bool, str]:
        """Make the call that the connector declares for trying a connection, and say whether it went well.

        Args:
            value: What the connection holds.

        Raises:
            StacksyncError: The process ended, or there is no such call.
        """
        report = self._answered("check", run="check", value=dict(value))
        return report["works"], report["said"]

    def stop(self) -> None:
        """Let the process end, and hear what it still has to say."""
        self._worker.stop()
        self._next("exit", _LAST_WORDS)

    def _ask(self, order: str, patience: float | None = None, **data: Any) -> Reply:
        report = self._answered(order, patience, **data)
        body = base64.b64decode(report["body"])
        difference, endpoint = report.get("difference"), report.get("endpoint", "")
        taped = report.get("recording"), tuple(report.get("faults", ()))
        self.last = Reply(report["status"], report["content_type"], body, difference, endpoint, *taped)
        return self.last

    def _answered(self, order: str, patience: float | None = None, **data: Any) -> Mapping[str, Any]:
        self._worker.call(order, **data)
        message = self._next("answer", patience)
        if message is None:
            raise NoAnswerError(f"There is no answer after {patience:.0f} s.")
        if message.kind == "exit":
            raise NoAnswerError(f"There is no answer: {how_it_ended(message.data['code'])}.")
        report = message.data
        if "problem" in report:
            raise StacksyncError(f"There is no answer: {report['problem']}.")
        return report

    def _next(self, kind: str, patience: float | None) -> Message | None:
        """Wait for a message of a kind, or for the end of the process; None where that takes too long."""
        waited = 0.0
        while patience is None or waited < patience:
            try:
                message = self._messages.get(timeout=_PAUSE)
            except queue.Empty:
                waited += _PAUSE
                continue
            self._hear(message)
            if message.kind == "asks":
                self._worker.type(self.read_line(message.data["prompt"]))
            if message.kind == "exit":
                self.ended = message.data["code"]
            if message.kind in (kind, "exit"):
                return message
        return None


@contextmanager
def loaded_connector(
    connector: Connector,
    interpreter: Interpreter,
    hear: Hear = _hear_nothing,
    variables: Mapping[str, str | None] | None = None,
) -> Iterator[LoadedConnector]:
    """Load a connector while the block runs.

    Args:
        connector: The connector.
        interpreter: What it runs with.
        hear: Is told of each line that it writes, and of each call to an API.
        variables: What it finds in its environment besides; not at all where that is None.

    Raises:
        StacksyncError: Its interpreter cannot be run, or it does not get ready.
    """
    changed = {**read_environment(connector.root), **(variables or {})}
    environment = {name: value for name, value in changed.items() if value is not None}
    messages: queue.Queue[Message] = queue.Queue()
    worker = Worker(Start(interpreter.python, connector.root, environment), messages.put)
    try:
        loaded = LoadedConnector(worker, messages, hear)
        loaded.load(environment, read_snapshot(connector.root).route_files)
        yield loaded
        loaded.stop()
    finally:
        worker.kill()
