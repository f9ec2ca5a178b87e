"""A pseudo terminal, as a person sits at one; there are none on Windows."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyte

from tests.conftest import Stacksync

WIDTH, HEIGHT = 80, 24


@dataclass
class Terminal:
    """A person at a terminal: looks until a text is shown, then types."""

    process: "subprocess.Popen[bytes]"
    file: int
    width: int = WIDTH
    written: str = ""
    screen: pyte.Screen = field(init=False)

    def __post_init__(self) -> None:
        self.screen = pyte.HistoryScreen(self.width, HEIGHT)
        self._stream = pyte.ByteStream(self.screen)

    @property
    def shown(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, text: str) -> None:
        while text not in self.shown:
            assert self.read(), f"{text!r} never appeared in\n{self.shown}"

    def type(self, keys: str) -> None:
        os.write(self.file, keys.encode())

    def end(self) -> int:
        while self.read():
            pass
        return self.process.wait()

    def read(self) -> bool:
        """Read what was written, and tell whether there was anything; nothing for a minute is no more."""
        if not select.select([self.file], [], [], 60)[0]:
            return False
        try:
            written = os.read(self.file, 4096)
        except OSError:  # what Linux says when the other end is closed
            return False
        self._stream.feed(written)
        self.written += written.decode(errors="replace")
        return bool(written)


@contextmanager
def in_terminal(stacksync: Stacksync, *arguments: str, width: int = WIDTH, **environment: str) -> Iterator[Terminal]:
    """Run a command in a terminal while the block runs."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, width, 0, 0))
    environment = stacksync.environment | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | environment
    command = stacksync.command(*arguments)
    process = subprocess.Popen(
        command, cwd=stacksync.cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    yield Terminal(process, ours, width)
    process.kill()
    process.wait()
    os.close(ours)
