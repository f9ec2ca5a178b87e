"""Keep a connector served while it is edited.

Each saved state is loaded by a process of its own, and served only when it works. The listening socket stays open all
the time. The old process takes no more requests before the new one takes its first, so nobody is answered by old code
after new; requests in flight are finished, and connections wait for the moment between. Where processes cannot share a
socket (Windows), the new process opens the port when the old one has closed it.

All is decided in one thread, message by message.
"""

import os
import queue
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from stacksync.connector import Connector
from stacksync.dev.changes import sort_changes
from stacksync.dev.dot_env import FILE as DOT_ENV
from stacksync.dev.dot_env import DotEnvError, read_environment
from stacksync.dev.generation import Generation, read_content
from stacksync.dev.listening import Listener
from stacksync.dev.place import Place
from stacksync.dev.pool import Pool
from stacksync.dev.session import Session
from stacksync.dev.watching import Watcher
from stacksync.dev.worker import Message, Start, Worker, how_it_ended
from stacksync.errors import StacksyncError

# Seconds that an old process may take: to take no more requests, to finish those it has, and to end then.
STOPPING, DRAINING, ENDING = 1.0, 30.0, 2.0
# A process that lives for less than so many seconds, so many times in a row, is started again only after a change.
SHORT_LIFE, SHORT_LIVES = 1.0, 3


class Supervisor:
    """Serves a connector, and each change of it, while a `with` block runs; the session is told what happens.

    Args:
        session: Where it is published.
        python: The connector's interpreter.
        listener: Where the connector is to answer; it is closed at the end.
        shares_socket: Whether processes inherit the listening socket.
    """

    def __init__(
        self, session: Session, python: Path, listener: Listener, *, shares_socket: bool = os.name == "posix"
    ) -> None:
        self._session, self._connector = session, session.connector
        self._inbox: queue.SimpleQueue[Message | list[str] | None] = queue.SimpleQueue()
        self._place = Place(listener.socket, shares_socket)
        self._pool = Pool(Start(python, self._connector.root, os.environ, (), self._place.descriptor), self._inbox.put)
        self._watcher = Watcher(self._connector.root, self._inbox.put)
        self._thread = Thread(target=self._work, name="supervisor", daemon=True)
        self._serving: Generation | None = None
        self._candidate: Generation | None = None
        self._leaving: Worker | None = None
        self._missed = ""
        self._short_lives = 0

    def __enter__(self) -> "Supervisor":
        """Start the connector.

        Raises:
            StacksyncError: Its interpreter cannot be run.
        """
        self._pool.prepare(os.environ)
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
            self._load("")
            while (message := self._next()) is not None:
                self._take_changes(message) if isinstance(message, list) else self._take(message)
        finally:
            self._end()

    def _next(self) -> Message | list[str] | None:
        while True:
            with suppress(queue.Empty):
                return self._inbox.get(timeout=self._pool.patience)
            self._pool.kill_overdue()

    def _take_changes(self, paths: list[str]) -> None:
        events = self._session.events
        events.publish("files", paths=paths)
        changes = sort_changes(Connector(self._connector.root), paths)
        for module, version in changes.forms:
            events.publish("schema", module=module, version=version)

        code = [*changes.code, *(f"{'/'.join(form)}/schema.json" for form in changes.forms if self._is_news(form))]
        if code:
            self._short_lives = 0
            self._reload(_changed(code))

    def _is_news(self, form: tuple[str, str]) -> bool:
        """Say whether the process that serves must be loaded again to know of a form's change."""
        now = self._serving or self._candidate
        if now is None or self._session.state["errors"] or not now.rereads_forms:
            return True

        return (form in now.content.forms) != (form in read_content(self._connector).forms)

    def _reload(self, reason: str) -> None:
        if self._candidate and self._candidate.is_loaded:
            self._missed = reason  # the old one is told to stop already
            return

        self._session.publish_state("reloading", reason=reason)
        self._load(reason)

    def _load(self, reason: str) -> None:
        self._missed = ""
        if self._candidate:
            self._candidate.worker.kill()
            self._candidate = None
        try:
            environment, worker = read_environment(self._connector.root), self._pool.take()
        except StacksyncError as error:
            self._fail(reason, [_fault_of(error)])
            return

        content = read_content(self._connector)
        self._candidate = Generation(worker, content, reason)
        worker.load(environment, content.route_files)

    def _take(self, message: Message) -> None:
        worker, kind, data = message.worker, message.kind, message.data
        if kind in ("request", "log"):
            self._session.events.publish(kind, **data)
        if kind == "exit":
            self._pool.forget(worker)
        if kind == "drained":
            self._pool.expect_end(worker, ENDING)
        if self._candidate and worker is self._candidate.worker:
            self._take_from_candidate(self._candidate, message)
        elif self._serving and worker is self._serving.worker and kind == "exit":
            self._restart(self._serving, how_it_ended(data["code"]))
        elif worker is self._leaving and kind in ("stopped", "exit"):
            self._leaving = None
            self._pool.expect_end(worker, DRAINING)
            self._serve()

    def _take_from_candidate(self, candidate: Generation, message: Message) -> None:
        if message.kind == "loaded":
            self._judge(candidate, message.data)
        elif message.kind == "serving":
            self._finish(candidate)
        elif message.kind == "exit" and candidate.is_loaded:
            self._candidate = None
            self._restart(candidate, how_it_ended(message.data["code"]))
        elif message.kind == "exit":
            self._fail(candidate.reason, [_fault(how_it_ended(message.data["code"]))])

    def _judge(self, candidate: Generation, report: Mapping[str, Any]) -> None:
        """Serve what was loaded, unless something that works now would not any more."""
        candidate.errors, candidate.rereads_forms = report["errors"], report["rereads_forms"]
        if not report["serves"] or (self._serving and candidate.breaks(self._serving)):
            self._fail(candidate.reason, candidate.errors)
            return

        candidate.is_loaded, candidate.modules = True, tuple(report["imported"])
        if self._serving:
            self._leaving, self._serving = self._serving.worker, None
            self._leaving.stop()
            self._pool.expect_end(self._leaving, STOPPING)
        self._serve()

    def _serve(self) -> None:
        if self._candidate and self._candidate.is_loaded and not self._leaving:
            self._candidate.worker.serve(self._place.hand_out())

    def _finish(self, candidate: Generation) -> None:
        self._serving, self._candidate = candidate, None
        errors = [{**error, "kept": False} for error in candidate.errors]
        seconds = round(candidate.age, 3)
        self._session.publish_state("ready", seconds=seconds, reason=candidate.reason, errors=errors)
        candidate.begin_to_serve()
        self._prepare(candidate.modules)
        if self._missed:
            self._reload(self._missed)

    def _fail(self, reason: str, errors: Sequence[Mapping[str, Any]]) -> None:
        if self._candidate:
            self._candidate.worker.kill()
            self._candidate = None
        kept = self._serving is not None
        told = [{**error, "kept": kept} for error in errors]
        self._session.publish_state("failed", reason=reason, errors=told)
        if not kept:
            self._place.apologize([_shown(error) for error in errors])
        self._prepare()

    def _restart(self, ended: Generation, how: str) -> None:
        if self._serving is ended:
            self._serving = None
        self._short_lives = self._short_lives + 1 if ended.age < SHORT_LIFE else 0
        if self._candidate:  # is being loaded, and takes over
            return
        if self._short_lives >= SHORT_LIVES:
            self._fail(how, [_fault(f"{how}, {SHORT_LIVES} times within a second")])
        else:
            self._reload(how)

    def _prepare(self, modules: tuple[str, ...] = ()) -> None:
        try:
            self._pool.prepare(read_environment(self._connector.root), modules)
        except StacksyncError:
            return  # told when it is needed

    def _end(self) -> None:
        if self._candidate:
            self._candidate.worker.kill()
        self._pool.end_all(ENDING)
        while not self._pool.is_empty:
            if (message := self._next()) and isinstance(message, Message) and message.kind == "exit":
                self._pool.forget(message.worker)
        self._place.close()
        self._session.publish_state("stopped")
        self._session.events.close()


def _changed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"changed: {paths[0]}{more}"


def _fault(message: str, file: str | None = None, line: int | None = None) -> dict[str, Any]:
    return {"file": file, "line": line, "message": message, "module": None}


def _fault_of(error: StacksyncError) -> dict[str, Any]:
    return _fault(error.fault, DOT_ENV, error.line) if isinstance(error, DotEnvError) else _fault(str(error))


def _shown(error: Mapping[str, Any]) -> str:
    place = ":".join(str(part) for part in (error["file"], error["line"]) if part)
    return f"{place}: {error['message']}" if place else str(error["message"])
