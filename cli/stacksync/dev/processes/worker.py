"""One process of the connector, seen from the supervisor: orders go in, messages come out."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO, Any

LONGEST_LINE = 20_000  # bytes
RUNNER = Path(__file__).parents[1] / "runner"


@dataclass(frozen=True)
class Message:
    """What a worker reported; `exit` with its `code` is always the last."""

    worker: "Worker"
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Start:
    """How workers are started.

    Args:
        python: The connector's interpreter.
        root: The connector's folder.
        environment: What workers find in their environment.
        modules: What to import beforehand; what most connectors need, if empty.
        descriptor: A socket that they inherit.
    """

    python: Path
    root: Path
    environment: Mapping[str, str]
    modules: tuple[str, ...] = ()
    descriptor: int | None = None


class Worker:
    """A process that warms up at once, and loads and serves the connector when it is told to."""

    def __init__(self, start: Start, tell: Callable[[Message], object]) -> None:
        self._environment = start.environment
        self._tell = tell
        self._has_work = False
        self._process = _launch(start)
        self._order("warm", modules=start.modules)
        Thread(target=self._follow, daemon=True).start()

    def load(self, environment: Mapping[str, str], route_files: Mapping[str, list[str]], *, guarded: bool) -> None:
        """Have it import the connector, with this environment.

        Args:
            route_files: The files that each version is loaded from, by `<module>/<version>`.
            guarded: Whether pages of other origins are refused.
        """
        gone: dict[str, str | None] = dict.fromkeys(self._environment.keys() - environment.keys())
        self._order("load", environment={**gone, **environment}, route_files=route_files, guarded=guarded)

    def serve(self, place: Mapping[str, int]) -> None:
        """Have it answer requests at a `descriptor` or on a `port`."""
        self._has_work = True
        self._order("serve", **place)

    def call(self, order: str, **data: Any) -> None:
        """Have it call a module itself, instead of serving: `call` with a body, `example` with a file; or `check`."""
        self._has_work = True
        self._order(order, **data)

    def type(self, text: str) -> None:
        """Give it a line that it asked for; "" says that there is none."""
        self._order("typed", text=text)

    def stop(self) -> None:
        """Have it take no more requests, finish those it has, and end; if it has no work yet there is nothing to."""
        self._order("stop")
        if not self._has_work:
            self.kill()

    def kill(self) -> None:
        """End it, and what it started, at once."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def _order(self, order: str, **data: Any) -> None:
        with suppress(OSError, ValueError):  # it has ended, and its exit is told or will be
            pipe = _open(self._process.stdin)
            pipe.write(json.dumps({"order": order, **data}).encode() + b"\n")
            pipe.flush()

    def _follow(self) -> None:
        """Pass on what it reports and writes, then how it ended."""
        errors = Thread(target=self._follow_errors, daemon=True)
        errors.start()
        with _open(self._process.stdout) as reports:
            for line in reports:
                with suppress(ValueError):  # cut off, because the process was killed
                    report = json.loads(line)
                    self._tell(Message(self, report.pop("kind"), report))
        code = self._process.wait()
        self.kill()  # what it started and left behind; that would hold the pipe open
        errors.join(timeout=1)
        self._tell(Message(self, "exit", {"code": code}))
        with suppress(OSError):
            _open(self._process.stdin).close()

    def _follow_errors(self) -> None:
        with _open(self._process.stderr) as lines:
            while line := lines.readline(LONGEST_LINE):  # a longer one is told in parts
                text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
                self._tell(Message(self, "log", {"run": None, "stream": "stderr", "line": text}))


def how_it_ended(code: int) -> str:
    """Return an exit code in words."""
    if code >= 0:
        return f"the process ended with exit code {code}"

    with suppress(ValueError):
        return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process was ended by signal {-code}"


def _launch(start: Start) -> "subprocess.Popen[bytes]":
    # A session of its own: Ctrl-C in the terminal reaches the supervisor only, which ends the workers in order.
    return subprocess.Popen(
        [str(start.python), str(RUNNER)],
        cwd=start.root,
        env={**start.environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=() if start.descriptor is None else (start.descriptor,),
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
