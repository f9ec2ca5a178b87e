"""What happens while `stacksync dev` runs, as a numbered stream that the terminal and every open page follow."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT = 2000
MOST_CHARACTERS = 8_000_000  # of the lines among them


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    The kinds and their data:
        state: `state` is starting, ready, reloading, failed or stopped; `seconds` it took; `reason`; `errors`; and
            of each version its state in `modules`.
        request: `method`, `path`, `status`, `ms` and `run` of a request that the connector answered.
        stranger: a page of `origin` wanted to call the connector, and was refused.
        log: a `line` that the connector wrote to `stream` while it worked for `run`.
        run: the `run` of a `module` that Studio has sent has begun, or is `ended`.
        calls: there is news of the calls to APIs, `count` by now, of a `run` of `module` and `endpoint`; `unseen` are
            there if it used another way as well.
        schema: the form of a `module` and `version` was saved.
        files: the `paths` below the connector that changed.
        asks: a handler waits for a line of standard input, and wrote `prompt` before it.
        answered: it waits no more; `typed` says whether somebody pressed Enter.
        key: somebody typed `key` on the terminal, and no handler wanted it.
        tests: a `line` of the tests that were asked for, or how they ended in `code`.
    """

    id: int
    kind: str
    data: Mapping[str, Any]
    time: float = field(default_factory=time.time)


class Events:
    """The newest events of this run. Any thread may publish and follow."""

    def __init__(self) -> None:
        self._kept: deque[Event] = deque()
        self._size = 0
        self._last = 0
        self._changed = threading.Condition()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Say whether no more will come."""
        return self._closed

    def publish(self, kind: str, **data: Any) -> Event:
        """Add an event and wake whoever waits for it."""
        with self._changed:
            self._last += 1
            event = Event(self._last, kind, data)
            self._keep(event)
            self._changed.notify_all()
        return event

    def since(self, last: int) -> list[Event]:
        """Return what came after the event with the id `last`, oldest first."""
        with self._changed:
            return self._newer(last)

    def wait(self, last: int, timeout: float) -> list[Event]:
        """Return what came after `last`, waiting for it; empty when the time is over or no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._last > last, timeout)
            return [] if self._closed else self._newer(last)

    def close(self) -> None:
        """End the stream: all who wait get nothing, at once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _keep(self, event: Event) -> None:
        self._kept.append(event)
        self._size += _size(event)
        while self._size > MOST_CHARACTERS or len(self._kept) > KEPT:
            self._size -= _size(self._kept.popleft())

    def _newer(self, last: int) -> list[Event]:
        return [event for event in self._kept if event.id > last]


def _size(event: Event) -> int:
    return len(event.data.get("line", ""))
