"""Which process works on which run of Studio."""

from collections.abc import Iterator
from dataclasses import dataclass

from stacksync.dev.processes.worker import Message, Worker


@dataclass(frozen=True)
class Stuck:
    """A run that was cancelled and did not end: the process that works on it is to be replaced.

    Args:
        run: Marks it.
        reason: Why, for the other runs that end with the process.
    """

    run: str
    reason: str


class InFlight:
    """The runs that have begun and not ended, by what the workers report."""

    def __init__(self) -> None:
        self._workers: dict[str, Worker] = {}

    def take(self, message: Message) -> None:
        """Follow a run from its beginning to its answer."""
        run = message.data.get("run")
        if message.kind == "begun" and run:
            self._workers[run] = message.worker
        elif message.kind == "request" and run:
            self._workers.pop(run, None)

    def worker_of(self, run: str) -> Worker | None:
        """Return who works on a run, if anybody does."""
        return self._workers.get(run)

    def drop(self, worker: Worker) -> Iterator[str]:
        """Yield the runs that end with a worker."""
        for run in [run for run, works in self._workers.items() if works is worker]:
            del self._workers[run]
            yield run
