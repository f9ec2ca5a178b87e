"""`stacksync dev` as it runs: what it says is collected, and it is ended at the end whatever happens."""

import os
import re
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import IO

from tests.conftest import Stacksync

DEADLINE = 60.0
MARK = "STACKSYNC_TEST_RUN"


@dataclass
class Run:
    """One run of the command."""

    process: "subprocess.Popen[bytes]"
    mark: str
    said: str = ""
    complained: str = ""
    _news: Condition = field(default_factory=Condition)

    def follow(self, stream: IO[bytes], name: str) -> None:
        """Collect what one of the streams says."""
        with stream:
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

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code; nothing that it started may be left."""
        self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        assert self.left() == []
        return code

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
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        command.command("dev", *arguments),
        cwd=command.cwd,
        env=command.environment | environment | {MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    run = Run(process, mark)
    assert process.stdout
    assert process.stderr
    readers = [
        Thread(target=run.follow, args=(process.stdout, "said")),
        Thread(target=run.follow, args=(process.stderr, "complained")),
    ]
    for reader in readers:
        reader.start()
    try:
        yield run
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(DEADLINE)
        for reader in readers:
            reader.join()
