"""Runs that have begun: they go on whether or not a page waits for them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from stacksync.errors import StacksyncError

KEPT = 200


@dataclass(eq=False)
class Run:
    """One run of a module.

    Args:
        number: Of the call in the history, which has it once the run has ended.
        problem: Why nothing was sent; "" where something was.
    """

    number: int
    module_path: str
    ended: Event = field(default_factory=Event)
    problem: str = ""
    began: float = field(default_factory=time.perf_counter)

    @property
    def name(self) -> str:
        """Return what marks the connector's lines of this run."""
        return f"studio-{self.number}"

    @property
    def seconds(self) -> float:
        """Return how long it takes so far."""
        return time.perf_counter() - self.began


class Runs:
    """The runs of this `stacksync dev`, those in progress and the newest that ended."""

    def __init__(self) -> None:
        self._runs: OrderedDict[int, Run] = OrderedDict()
        self._lock = Lock()

    def begin(self, run: Run, work: Callable[[], object], tell: Callable[[Run], object]) -> None:
        """Work on a run in a thread of its own.

        Args:
            work: Sends it, and keeps what came of it.
            tell: Is called with the run at its beginning and at its end.
        """
        with self._lock:
            self._runs[run.number] = run
            while len(self._runs) > KEPT:
                self._runs.popitem(last=False)
        tell(run)
        Thread(target=_work, args=(run, work, tell), name=run.name, daemon=True).start()

    def get(self, number: int) -> Run | None:
        """Return a run."""
        with self._lock:
            return self._runs.get(number)

    def in_progress(self, module_path: str) -> Run | None:
        """Return the newest run of a version that has not ended."""
        with self._lock:
            found = (run for run in reversed(self._runs.values()) if run.module_path == module_path)
            return next((run for run in found if not run.ended.is_set()), None)


def _work(run: Run, work: Callable[[], object], tell: Callable[[Run], object]) -> None:
    try:
        work()
    except StacksyncError as error:  # such as connections that cannot be read any more
        run.problem = str(error)
    finally:
        run.ended.set()
        tell(run)
