"""By which errors the newest runs failed, as the connector's process told it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

KEPT = 100
# Seconds: the process tells it before it answers, by another way.
PATIENCE = 2.0

Failure = Mapping[str, Any]


@dataclass
class _Run:
    failures: list[Failure] = field(default_factory=list)
    is_over: bool = False


class Failures:
    """The errors of each run; any thread may add and read them.

    Attributes:
        are_told: Whether a process tells them at all: one in Docker does not.
    """

    def __init__(self) -> None:
        self.are_told = False
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._news = Condition()

    def begin(self, run: str) -> None:
        """Forget an earlier run of that name."""
        with self._news:
            self._runs.pop(run, None)

    def add(self, run: str, **failure: Any) -> None:
        """Take what a process told of a run that it still works on."""
        with self._news:
            self._run(run).failures.append(failure)

    def end(self, run: str | None) -> None:
        """Take note that a process has answered, and will tell no more of a run."""
        if run is None:
            return

        with self._news:
            self._run(run).is_over = True
            self._news.notify_all()

    def of(self, run: str) -> list[Failure]:
        """Return what was told of a run that has been answered, waiting for the last of it."""
        with self._news:
            if self.are_told:
                self._news.wait_for(lambda: self._run(run).is_over, PATIENCE)
            return list(self._run(run).failures)

    def _run(self, run: str) -> _Run:
        found = self._runs.setdefault(run, _Run())
        while len(self._runs) > KEPT:
            self._runs.popitem(last=False)
        return found
