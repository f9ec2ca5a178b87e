"""Keep a connector served while it is edited.

Each saved state is loaded by a process of its own, and served only when it works. The listening socket stays open all
the time. The old process takes no more requests before the new one takes its first, so nobody is answered by old code
after new; requests in flight are finished, and connections wait for the moment between. Where processes cannot share a
socket (Windows), the new process opens the port when the old one has closed it.
"""

import os
import queue
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Final

from stacksync.connector import Connector
from stacksync.dev.calls.log import KINDS
from stacksync.dev.keyboard import Question
from stacksync.dev.ports.listening import Listener
from stacksync.dev.processes.endpoint import Endpoint
from stacksync.dev.processes.handover import DRAINING, Handover
from stacksync.dev.processes.in_flight import InFlight, Stuck
from stacksync.dev.processes.pool import Pool
from stacksync.dev.processes.worker import Message, Start, Worker, how_it_ended
from stacksync.dev.session import DevSession
from stacksync.dev.watching.changes import sort_changes
from stacksync.dev.watching.watcher import Watcher

MOST_WAITING = 1000
RESTART: Final = "restart"

# What a process reports, the paths that were saved, or an order of the developer; None at the end.
Order = Message | list[str] | Stuck | str | None
Inbox = queue.Queue[Order]

_OVERDUE = f"the connector was loaded again, and its process before that was still busy {DRAINING:.0f} s later"


class Supervisor:
    """Serves a connector, and each change of it, while a `with` block runs; the session is told what happens.

    All is decided in one thread, message by message: from the processes, from the watcher, from the developer, and of
    runs that are stuck from the session.

    Args:
        session: Where it is published.
        python: The connector's interpreter.
        listener: Where the connector is to answer; it is closed at the end.
        shares_socket: Whether processes inherit the listening socket.
    """

    def __init__(
        self, session: DevSession, python: Path, listener: Listener, *, shares_socket: bool = os.name == "posix"
    ) -> None:
        self._session, self._root = session, session.connector.root
        # Bounded: a connector that writes faster than it is shown waits.
        self._inbox: Inbox = queue.Queue(MOST_WAITING)
        self._endpoint = Endpoint(listener.socket, shares_socket)
        self._pool = Pool(Start(python, self._root, os.environ, (), self._endpoint.descriptor), self._inbox.put)
        self._handover = Handover(session, self._pool, self._endpoint)
        self._in_flight = InFlight()
        self._watcher = Watcher(self._root, self._inbox.put)
        self._thread = Thread(target=self._work, name="supervisor", daemon=True)

    def __enter__(self) -> "Supervisor":
        """Start the connector.

        Raises:
            StacksyncError: Its interpreter cannot be run.
        """
        self._session.calls.is_followed = True
        self._pool.prepare(os.environ)
        self._session.replace_process = lambda run, reason: self._inbox.put(Stuck(run, reason))
        self._session.restart = lambda: self._inbox.put(RESTART)
        self._session.failures.are_told = True
        self._session.publish_state("starting")
        self._thread.start()
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End every process of it."""
        self._watcher.stop()
        self._inbox.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            self._handover.begin("")
            while (message := self._next()) is not None:
                if isinstance(message, list):
                    self._take_changes(message)
                elif isinstance(message, Stuck):
                    self._replace(message)
                elif isinstance(message, str):
                    self._handover.restart()
                else:
                    self._take(message)
        finally:
            self._end()

    def _next(self) -> Order:
        while True:
            with suppress(queue.Empty):
                return self._inbox.get(timeout=self._pool.patience)
            for worker in self._pool.kill_overdue():
                self._lose_runs(worker, _OVERDUE)

    def _take_changes(self, paths: list[str]) -> None:
        events = self._session.events
        events.publish("files", paths=paths)
        changes = sort_changes(Connector(self._root), paths)
        for module, version in changes.forms.values():
            events.publish("schema", module=module, version=version)
        self._handover.take_changes(changes)

    def _replace(self, stuck: Stuck) -> None:
        worker = self._in_flight.worker_of(stuck.run)
        if worker is None:  # it ended meanwhile
            return

        self._lose_runs(worker, stuck.reason)
        self._handover.replace(worker, stuck.reason)

    def _lose_runs(self, worker: Worker, reason: str) -> None:
        for run in self._in_flight.drop(worker):
            self._session.lost_runs.tell(run, reason)

    def _take(self, message: Message) -> None:
        self._in_flight.take(message)
        if message.kind in KINDS:
            self._session.calls.take(message.kind, message.data)
            return
        if message.kind in ("log", "request", "stranger", "failure"):
            self._pass_on(message)
            return

        if message.kind == "asks":
            self._pool.hold(message.worker)
            prompt = self._session.masked(message.data["prompt"])
            self._session.keyboard.ask(Question(message.worker, message.data["number"], prompt))
        if message.kind == "exit":
            self._lose_runs(message.worker, how_it_ended(message.data["code"]))
            self._forget(message.worker)
        self._handover.take(message)

    def _pass_on(self, message: Message) -> None:
        session = self._session
        if message.kind == "log":
            session.publish_log(**message.data)
            return
        if message.kind == "failure":
            session.failures.add(**message.data)
            return

        data = dict(message.data)
        if message.kind == "request":
            session.failures.end(data["run"])
            session.keyboard.end(message.worker, data.pop("number"))
        session.events.publish(message.kind, **data)

    def _forget(self, worker: Worker) -> None:
        self._pool.forget(worker)
        self._session.keyboard.forget(worker)

    def _end(self) -> None:
        self._session.keyboard.close()  # a handler that waits for a line gets none, and its process can end
        self._pool.end_all()
        while not self._pool.is_empty:
            message = self._next()
            if isinstance(message, Message) and message.kind == "exit":
                self._forget(message.worker)
        self._endpoint.close()
        self._session.publish_state("stopped")
        self._session.events.close()
