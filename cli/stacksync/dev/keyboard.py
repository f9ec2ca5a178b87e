"""What is typed on the terminal of `stacksync dev`: lines for a handler that reads standard input, and keys else.

A key is a letter and Enter, as in Vite: the terminal stays as it is, so there is nothing to restore at any end.
"""

import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event as Flag
from threading import RLock, Thread
from typing import Protocol

from stacksync.dev.events import Events

STDIN = 0
LONGEST_LINE = 65536
# Seconds between two looks at whether this process is in the foreground.
_PAUSE = 0.5


class Asker(Protocol):
    """A process that waits for a line."""

    def type(self, text: str) -> None:
        """Take the line; "" says that there is none."""


@dataclass(frozen=True)
class Question:
    """A line that a process waits for.

    Args:
        asker: The process.
        request: Which request of it; None for a line that is read outside of any.
        prompt: What was written before it.
    """

    asker: Asker
    request: int | None
    prompt: str


class Keyboard:
    """Gives each line to the handler that waits for one, else publishes it as a `key`. Any thread may ask.

    From the first line that a request asks for until it is answered, what is typed is for it: who types the next order
    of a debugger while the last one runs does not mean `stacksync dev`.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._waiting: deque[Question] = deque()
        self._ahead: deque[str] = deque()
        self._requests: set[tuple[Asker, int]] = set()
        self._lock = RLock()
        self.is_open = False

    def ask(self, question: Question) -> None:
        """Have the next line go to a process, after those that asked before; none where nobody can type."""
        with self._lock:
            if not self.is_open:
                question.asker.type("")
                return

            if question.request is not None:
                self._requests.add((question.asker, question.request))
            self._waiting.append(question)
            if len(self._waiting) == 1:
                self._show()
            if self._ahead:
                self._answer(self._ahead.popleft(), typed=False)

    def end(self, asker: Asker, request: int) -> None:
        """Take note that a request has been answered."""
        with self._lock:
            self._requests.discard((asker, request))
            self._drop_ahead()

    def forget(self, asker: Asker) -> None:
        """Take note that a process has ended, whatever it asked for."""
        with self._lock:
            was_first = bool(self._waiting) and self._waiting[0].asker is asker
            self._waiting = deque(each for each in self._waiting if each.asker is not asker)
            self._requests = {each for each in self._requests if each[0] is not asker}
            self._drop_ahead()
            if was_first:
                self._turn(typed=False)

    def take(self, line: str) -> None:
        """Pass on a line, its line break included; "" is Ctrl-D."""
        with self._lock:
            if self._waiting:
                self._answer(line, typed=bool(line))
            elif self._requests:
                self._ahead.append(line)
            elif line.strip():
                self._events.publish("key", key=_key(line.strip()))

    def close(self) -> None:
        """Take no more lines: those that wait for one get none."""
        with self._lock:
            self.is_open = False
            while self._waiting:
                self._answer("", typed=False)

    def _answer(self, line: str, *, typed: bool) -> None:
        question = self._waiting.popleft()
        self._turn(typed=typed)
        question.asker.type(line)

    def _turn(self, *, typed: bool) -> None:
        """Tell that the prompt is done with, and whether Enter ended its line; show the next one."""
        self._events.publish("answered", typed=typed)
        if self._waiting:
            self._show()

    def _show(self) -> None:
        self._events.publish("asks", prompt=self._waiting[0].prompt)

    def _drop_ahead(self) -> None:
        if not self._requests:
            self._ahead.clear()


def _key(word: str) -> str:
    """Return what was typed if it can be a key: anything longer is nobody's business, and pages hear of keys."""
    return word if len(word) == 1 else ""


@contextmanager
def typing(keyboard: Keyboard) -> Iterator[None]:
    """Read the terminal while the block runs, where standard input is one and in the foreground."""
    if not sys.stdin or not sys.stdin.isatty():
        yield
        return

    ended = Flag()
    keyboard.is_open = True
    read = _read_console if sys.platform == "win32" else _read_terminal
    Thread(target=read, args=(keyboard, ended), name="keyboard", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        keyboard.close()


def _read_console(keyboard: Keyboard, ended: Flag) -> None:
    while not ended.is_set():
        keyboard.take(sys.stdin.readline())


def _read_terminal(keyboard: Keyboard, ended: Flag) -> None:
    from select import select  # of pipes and terminals, which Windows cannot

    with suppress(OSError, ValueError):  # the terminal is gone
        while not ended.is_set():
            # Reading in the background would stop this process, and what is typed there is for the shell.
            if not _is_foreground():
                ended.wait(_PAUSE)
            elif select([STDIN], [], [], _PAUSE)[0] and _is_foreground():
                line = os.read(STDIN, LONGEST_LINE).decode("utf-8", "replace")
                keyboard.take(line)
                ended.wait(0 if line else _PAUSE)  # a terminal that was hung up has nothing, again and again


def _is_foreground() -> bool:
    return sys.platform == "win32" or os.tcgetpgrp(STDIN) == os.getpgrp()
