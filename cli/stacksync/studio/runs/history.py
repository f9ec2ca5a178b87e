"""What was sent, and what came back, without anything secret."""

import itertools
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from stacksync.dev.calls.log import RunCalls
from stacksync.studio.form.controls import Input
from stacksync.studio.runs.contract import ContractFinding
from stacksync.studio.runs.failures import RunFailure
from stacksync.studio.runs.sending import Answer

KEPT, KEPT_RUNS = 200, 500
MOST_BYTES = 64 * 1024 * 1024  # of runs, and of the other calls; the newest is always kept


@dataclass(frozen=True)
class HistoryEntry:
    """One call.

    Args:
        filled: What was filled in, a connection as its id: sending it again fills in the secrets anew.
        kept: The same as it may be written: without secrets.
        request: The body as it was sent, secrets masked.
        reply: The answer's text, secrets masked.
        replaced: Each text that held a template: where it stood, the text, and what was sent; secrets masked.
        calls: What it called of APIs.
        made: Names the form that was filled in, when the module had made it.
        lacks_secrets: Whether it comes from a file, and secrets were filled in, which are in none.
        failures: By which errors it failed; secrets masked.
    """

    number: int
    module_path: str
    endpoint: str
    filled: Input
    request: dict[str, Any]
    answer: Answer
    reply: str
    findings: tuple[ContractFinding, ...] = ()
    made: str = ""
    kept: Input = field(default_factory=lambda: Input({}))
    lacks_secrets: bool = False
    calls: RunCalls | None = None
    replaced: list[dict[str, Any]] = field(default_factory=list)
    failures: tuple[RunFailure, ...] = ()
    time: float = field(default_factory=time.time)

    @property
    def run(self) -> str:
        """Return what marks the connector's lines of this call."""
        return run_name(self.number)

    @cached_property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        called = self.calls.size if self.calls else 0
        return len(self.answer.body) + len(self.reply) + 2 * len(self.sent) + called

    @property
    def sent(self) -> str:
        """Return the request as people read it."""
        return json.dumps(self.request, indent=2, ensure_ascii=False)

    @property
    def clock(self) -> str:
        """Return when it was sent; of another day with its date."""
        then, now = time.localtime(self.time), time.localtime()
        return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%Y-%m-%d %H:%M:%S", then)


def run_name(number: int) -> str:
    """Return what marks the connector's lines of a call."""
    return f"studio-{number}"


class History:
    """The newest calls: runs, and apart from them what choices and forms were asked for."""

    problem = ""  # why runs are not kept for later times

    def __init__(self) -> None:
        self._runs: deque[HistoryEntry] = deque(maxlen=KEPT_RUNS)
        self._others: deque[HistoryEntry] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._lock = Lock()

    def next_number(self) -> int:
        """Return the number of the next call."""
        return next(self._numbers)

    def add(self, entry: HistoryEntry, secrets: Iterable[str] = ()) -> None:
        """Keep a call.

        Args:
            entry: The call.
            secrets: What may stand nowhere in what is written of it.
        """
        with self._lock:
            kept = self._of_kind(entry)
            kept.append(entry)
            while sum(each.size for each in kept) > MOST_BYTES and len(kept) > 1:
                kept.popleft()

    def of(self, module_path: str) -> list[HistoryEntry]:
        """Return the calls of one version of a module, newest first."""
        with self._lock:
            found = [each for each in (*self._runs, *self._others) if each.module_path == module_path]
        return sorted(found, key=lambda entry: entry.number, reverse=True)

    def newest(self) -> list[HistoryEntry]:
        """Return the calls of all modules, newest first."""
        with self._lock:
            return sorted((*self._runs, *self._others), key=lambda entry: entry.number, reverse=True)

    def get(self, number: int) -> HistoryEntry | None:
        """Return one call."""
        with self._lock:
            return next((each for each in (*self._runs, *self._others) if each.number == number), None)

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._runs.clear()
            self._others.clear()

    def _begin_with(self, runs: Iterable[HistoryEntry]) -> None:
        """Have runs of earlier times before those of this one."""
        with self._lock:
            self._runs.extendleft(reversed([each for each in runs if each.endpoint == "execute"]))
            self._numbers = itertools.count(max((each.number for each in self._runs), default=0) + 1)

    def _of_kind(self, entry: HistoryEntry) -> "deque[HistoryEntry]":
        return self._runs if entry.endpoint == "execute" else self._others
