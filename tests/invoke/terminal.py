"""The command on a real pseudo-terminal: it asks there, and its standard output goes elsewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Condition, Thread

from tests.conftest import Stacksync
from tests.polling import DEADLINE

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>].?|\r")
ENTER, DOWN, CTRL_C = "\r", "\x1b[B", "\x03"


@dataclass
class Conversation:
    """A run that asks, and what it said on its terminal so far."""

    process: "subprocess.Popen[bytes]"
    keyboard: int
    said: str = ""
    _heard: int = 0
    _news: Condition = field(default_factory=Condition)

    def follow(self) -> None:
        """Collect what it says."""
        with suppress(OSError):  # what Linux says when a terminal is closed
            while piece := os.read(self.keyboard, 65536):
                with self._news:
                    self.said += _CONTROL.sub("", piece.decode("utf-8", "replace"))
                    self._news.notify_all()

    def answer(self, question: str, keys: str) -> None:
        """Wait for a question after the last one, and press keys."""
        with self._news:
            heard = self._news.wait_for(lambda: question in self.said[self._heard :], DEADLINE)
            assert heard, f"{question!r} is not in {self.said[self._heard :]!r}"
            self._heard = self.said.index(question, self._heard) + len(question)
        os.write(self.keyboard, keys.encode())

    def end(self) -> tuple[int, str]:
        """Return the exit code and what came on standard output."""
        out, _ = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, out.decode()


# Makes its standard input the terminal that Ctrl-C is typed in, then becomes the command.
_IN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@contextmanager
def asking(command: Stacksync, *arguments: str) -> Iterator[Conversation]:
    """Run the command on a terminal while the block runs."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_TERMINAL, *command.command(*arguments)],
        cwd=command.cwd,
        # Nobody answers here where the cursor is.
        env={**command.environment, "TERM": "xterm", "COLUMNS": "80", "LINES": "40", "PROMPT_TOOLKIT_NO_CPR": "1"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    conversation = Conversation(process, ours)
    reader = Thread(target=conversation.follow)
    reader.start()
    try:
        yield conversation
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(DEADLINE)
        reader.join()
        os.close(ours)
