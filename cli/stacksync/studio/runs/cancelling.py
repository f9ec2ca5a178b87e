"""Calls whose answer nobody has to wait for: the wait can be cancelled, and what works on the call is seen off."""

import queue
import time
from functools import partial
from threading import Event, Thread

from stacksync.dev.session import DevSession
from stacksync.studio.runs.sending import MAY_HAVE_ACTED, Answer, Call, send

# Seconds that a cancelled module has to return by itself. Then its process is ended: Python has no way to stop a
# thread, https://docs.python.org/3/library/threading.html#thread-objects.
GRACE = 2.0


class Sender:
    """Sends calls to the connector, each in a thread of its own, so that whoever waits can stop waiting.

    Args:
        session: Where the connector answers.
    """

    def __init__(self, session: DevSession) -> None:
        self._session = session
        self._waiting: dict[str, _Waiting] = {}

    def __call__(self, call: Call, run: str) -> Answer:
        """Send a call, and return its answer or, when it is cancelled, that it was."""
        waiting = self._waiting[run] = _Waiting()
        Thread(target=waiting.work, args=(partial(send, self._session, call, run),), daemon=True).start()
        try:
            return waiting.answers.get()
        finally:
            del self._waiting[run]

    def cancel(self, run: str) -> bool:
        """Stop the wait for a run; say whether anybody waited."""
        waiting = self._waiting.get(run)
        if waiting is None:
            return False

        waiting.cancel(self._will_be())
        Thread(target=self._see_off, args=(waiting, run), daemon=True).start()
        return True

    def _will_be(self) -> str:
        if self._session.replace_process is None:
            return "The connector runs in a container and works on."

        return f"A module that does not return within {GRACE:.0f} s is ended with its process."

    def _see_off(self, waiting: "_Waiting", run: str) -> None:
        """End the process that works on a run, once one does: it may wait for a connector that is being loaded."""
        while self._session.replace_process and not waiting.returned.wait(GRACE):
            self._session.replace_process(run, f"run {run.rpartition('-')[2]} was cancelled and did not return")


class _Waiting:
    """One call: its answer is the first of those that are put."""

    def __init__(self) -> None:
        self.answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.returned = Event()
        self._began = time.perf_counter()

    def work(self, ask: "partial[Answer]") -> None:
        try:
            self.answers.put(ask())
        finally:
            self.returned.set()

    def cancel(self, will_be: str) -> None:
        seconds = time.perf_counter() - self._began
        problem = f"Cancelled after {seconds:.1f} s. {MAY_HAVE_ACTED} {will_be}"
        self.answers.put(Answer(None, ms=seconds * 1000, problem=problem, is_cancelled=True))
