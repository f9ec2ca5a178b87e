"""The connector's processes: one spare that is warm, and all that are not yet gone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic

from stacksync.dev.processes.worker import Message, Start, Worker
from stacksync.errors import StacksyncError

FOREVER = float("inf")
ENDING = 2.0


class Pool:
    """Starts workers ahead of time, and sees to it that those which are to end do.

    Args:
        start: How workers are started.
        tell: What they report to.
    """

    def __init__(self, start: Start, tell: Callable[[Message], object]) -> None:
        self._start = start
        self._tell = tell
        self._spare: Worker | None = None
        self._deadlines: dict[Worker, float] = {}
        self._held: set[Worker] = set()

    def take(self) -> Worker:
        """Return the spare worker, or a new one.

        Raises:
            StacksyncError: The interpreter cannot be run.
        """
        worker, self._spare = self._spare or self._launch(), None
        return worker

    def prepare(self, environment: Mapping[str, str], modules: tuple[str, ...] = ()) -> None:
        """Start a spare worker, if there is none, that imports these modules beforehand.

        Raises:
            StacksyncError: The interpreter cannot be run.
        """
        self._start = replace(self._start, environment=environment, modules=modules or self._start.modules)
        self._spare = self._spare or self._launch()

    def hold(self, worker: Worker) -> None:
        """Leave a worker the time it takes to finish its requests: somebody types into one of them."""
        self._held.add(worker)
        if worker in self._deadlines:
            self._deadlines[worker] = FOREVER

    def is_held(self, worker: Worker) -> bool:
        """Say whether somebody typed, or types, into a request of it."""
        return worker in self._held

    def expect_end(self, worker: Worker, seconds: float) -> None:
        """Kill a worker that has not ended by then."""
        if worker in self._deadlines:
            self._deadlines[worker] = monotonic() + seconds

    def forget(self, worker: Worker) -> None:
        """Take note that a worker has ended."""
        self._deadlines.pop(worker, None)
        self._held.discard(worker)
        if worker is self._spare:
            self._spare = None

    def end_all(self) -> None:
        """Have every worker end, within two seconds if it has requests to finish."""
        for worker in self._deadlines:
            worker.stop()
            self.expect_end(worker, ENDING)

    def kill_overdue(self) -> list[Worker]:
        """Kill the workers whose time is over, and return them."""
        overdue = [worker for worker, deadline in self._deadlines.items() if deadline <= monotonic()]
        for worker in overdue:
            worker.kill()
            self._deadlines[worker] = FOREVER
        return overdue

    @property
    def patience(self) -> float | None:
        """Seconds until a worker is overdue, if any can be."""
        nearest = min(self._deadlines.values(), default=FOREVER)
        return None if nearest == FOREVER else max(nearest - monotonic(), 0)

    @property
    def is_empty(self) -> bool:
        """Whether all workers have ended."""
        return not self._deadlines

    def _launch(self) -> Worker:
        try:
            worker = Worker(self._start, self._tell)
        except (OSError, ValueError) as error:  # the latter for an environment that cannot be passed on
            fault = f"{self._start.python} cannot be run: {error}."
            raise StacksyncError(
                fault, "start `stacksync dev` again; it makes a new .venv where there is none."
            ) from error
        self._deadlines[worker] = FOREVER
        return worker
