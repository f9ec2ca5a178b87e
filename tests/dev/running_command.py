"""`stacksync dev` as it runs: what it says is collected, and it is ended at the end whatever happens."""

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import IO
from urllib.request import urlopen

from tests.conftest import Stacksync
from tests.polling import DEADLINE

MARK = "STACKSYNC_TEST_RUN"


@dataclass
class Run:
    """One run of the command."""

    process: "subprocess.Popen[bytes]"
    mark: str
    said: str = ""
    complained: str = ""
    keyboard: int = -1
    _news: Condition = field(default_factory=Condition)

    def follow(self, stream: IO[bytes], name: str) -> None:
        """Collect what one of the streams says."""
        with stream, suppress(OSError):  # what Linux says when a terminal is closed
            while piece := os.read(stream.fileno(), 65536):
                with self._news:
                    setattr(self, name, getattr(self, name) + piece.decode())
                    self._news.notify_all()

    def wait_for(self, pattern: str, times: int = 1) -> "re.Match[str]":
        """Return what it said that matches, on either stream, for the first time or a later one."""
        with self._news:
            self._news.wait_for(lambda: len(self._found(pattern)) >= times, DEADLINE)
        found = self._found(pattern)
        assert len(found) >= times, f"{pattern} not in {self.said!r}, {self.complained!r}"
        return found[times - 1]

    def _found(self, pattern: str) -> "list[re.Match[str]]":
        return list(re.finditer(pattern, f"{self.said}\n{self.complained}", re.M))

    @property
    def address(self) -> str:
        """Where the connector answers."""
        return self.wait_for(r"connector +(http://127\.0\.0\.1:\d+)\b")[1]

    def get(self, path: str) -> int:
        """Return the status that a request to the connector gets."""
        with urlopen(self.address + path, timeout=DEADLINE) as answer:
            status: int = answer.status
            return status

    def type(self, keys: str) -> None:
        """Press keys, where there is a terminal."""
        os.write(self.keyboard, keys.encode())

    def wait(self) -> int:
        """Return the exit code; nothing that it started may be left."""
        code = self.process.wait(DEADLINE)
        assert self.left() == []
        return code

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def left(self) -> list[str]:
        """Return the processes that this run left behind, where the system shows them."""
        wanted = f"{MARK}={self.mark}"
        processes = list(Path("/proc").glob("[0-9]*"))
        return [_read(process / "cmdline") for process in processes if wanted in _read(process / "environ").split("\0")]


def _read(file: Path) -> str:
    with suppress(OSError):  # it has ended meanwhile
        return file.read_text("utf-8", "replace")
    return ""


@contextmanager
def started(command: Stacksync, *arguments: str, **environment: str) -> Iterator[Run]:
    """Run `stacksync dev` without a terminal while the block runs."""
    run = _launch(command, arguments, environment, (subprocess.DEVNULL, subprocess.PIPE, subprocess.PIPE))
    assert run.process.stdout
    assert run.process.stderr
    with _followed(run, said=run.process.stdout, complained=run.process.stderr):
        yield run


@contextmanager
def in_terminal(command: Stacksync, *arguments: str, **environment: str) -> Iterator[Run]:
    """Run it in a terminal, a narrow one, while the block runs."""
    ours, theirs = os.openpty()
    variables = {"TERM": "xterm-256color", "COLUMNS": "40", **environment}
    run = _launch(command, arguments, variables, (theirs, theirs, theirs))
    os.close(theirs)
    run.keyboard = os.dup(ours)
    with _followed(run, said=os.fdopen(ours, "rb", buffering=0)):
        yield run
    os.close(run.keyboard)


# Makes its standard input the terminal that Ctrl-C is typed in, then becomes the command.
_IN_TERMINAL = """
import os, sys
if os.isatty(0):
    import fcntl, termios
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def _launch(
    command: Stacksync, arguments: Sequence[str], environment: Mapping[str, str], streams: tuple[int, int, int]
) -> Run:
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_TERMINAL, *command.command("dev", *arguments)],
        cwd=command.cwd,
        env={**command.environment, **environment, MARK: mark},
        stdin=streams[0],
        stdout=streams[1],
        stderr=streams[2],
        start_new_session=True,
    )
    return Run(process, mark)


@contextmanager
def _followed(run: Run, **streams: IO[bytes]) -> Iterator[None]:
    readers = [Thread(target=run.follow, args=(stream, name)) for name, stream in streams.items()]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGTERM)
            run.process.wait(DEADLINE)
        for reader in readers:
            reader.join()
