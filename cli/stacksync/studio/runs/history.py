"""What was sent during this run, and what came back, without anything secret."""

import itertools
import json
import time
from collections import deque
from dataclasses import dataclass, field
from difflib import unified_diff
from functools import cached_property
from threading import Lock
from typing import Any

from stacksync.dev.calls.log import RunCalls
from stacksync.studio.form.controls import Input
from stacksync.studio.runs.contract import ContractFinding
from stacksync.studio.runs.failures import RunFailure
from stacksync.studio.runs.sending import Answer

KEPT = 200
MOST_BYTES = 64 * 1024 * 1024  # of all calls; the newest is always kept


@dataclass(frozen=True)
class HistoryEntry:
    """One call.

    Args:
        filled: What was filled in, a connection as its id: sending it again fills in the secrets anew.
        request: The body as it was sent, secrets masked.
        reply: The answer's text, secrets masked.
        replaced: Each text that held a template: where it stood, the text, and what was sent; secrets masked.
        calls: What it called of APIs.
        made: Names the form that was filled in, when the module had made it.
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
        """Return when it was sent."""
        return time.strftime("%H:%M:%S", time.localtime(self.time))


def run_name(number: int) -> str:
    """Return what marks the connector's lines of a call."""
    return f"studio-{number}"


class History:
    """The newest calls of this run."""

    def __init__(self) -> None:
        self._kept: deque[HistoryEntry] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._lock = Lock()

    def next_number(self) -> int:
        """Return the number of the next call."""
        return next(self._numbers)

    def add(self, entry: HistoryEntry) -> None:
        """Keep a call."""
        with self._lock:
            self._kept.append(entry)
            while sum(each.size for each in self._kept) > MOST_BYTES and len(self._kept) > 1:
                self._kept.popleft()

    def of(self, module_path: str) -> list[HistoryEntry]:
        """Return the calls of one version of a module, newest first."""
        with self._lock:
            return [entry for entry in reversed(self._kept) if entry.module_path == module_path]

    def newest(self) -> list[HistoryEntry]:
        """Return the calls of all modules, newest first."""
        with self._lock:
            return list(reversed(self._kept))

    def get(self, number: int) -> HistoryEntry | None:
        """Return one call."""
        with self._lock:
            return next((entry for entry in self._kept if entry.number == number), None)


def difference(one: HistoryEntry, other: HistoryEntry) -> str:
    """Return how one reply differs from another, as a patch; "" when they are the same."""
    texts = (one.reply.splitlines(), other.reply.splitlines())
    return "\n".join(unified_diff(*texts, f"run {one.number}", f"run {other.number}", lineterm=""))
