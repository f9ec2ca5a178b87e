"""Which process serves the connector: one follows the other when it is loaded, and works as well."""

from collections.abc import Mapping, Sequence
from typing import Any

from stacksync.dev.environment.dot_env import read_environment
from stacksync.dev.processes.endpoint import Endpoint
from stacksync.dev.processes.load_errors import LoadError, as_load_error, in_one_line, load_error
from stacksync.dev.processes.pool import Pool
from stacksync.dev.processes.revision import Revision, read_snapshot
from stacksync.dev.processes.worker import Message, Worker, how_it_ended
from stacksync.dev.session import DevSession
from stacksync.dev.watching.changes import Changes, changed
from stacksync.errors import StacksyncError
from stacksync.modules.states import FAULT, NOT_LOADED

# Seconds that an old process may take: to take no more requests, to finish those it has, and to end then.
STOPPING, DRAINING, ENDING = 1.0, 30.0, 2.0
# A process that lives for less than so many seconds, so many times in a row, is started again only after a change.
SHORT_LIFE, SHORT_LIVES = 1.0, 3


class Handover:
    """Decides, as things happen, which process is loaded, serves and goes.

    At any time one process serves at most; a candidate is being loaded, or is loaded and waits until the one before
    it has taken its last request.
    """

    def __init__(self, session: DevSession, pool: Pool, endpoint: Endpoint) -> None:
        self._session, self._pool, self._endpoint = session, pool, endpoint
        self._root = session.connector.root
        self._serving: Revision | None = None
        self._candidate: Revision | None = None
        self._leaving: Worker | None = None
        self._missed = ""
        self._short_lives = 0

    def begin(self, reason: str) -> None:
        """Load the connector as it is on disk now; a candidate that is being loaded is given up."""
        self._missed = ""
        self._give_up()
        try:
            environment, worker = read_environment(self._root), self._pool.take()
        except StacksyncError as error:
            self._fail(reason, [as_load_error(error)])
            return

        self._candidate = Revision(worker, read_snapshot(self._root), reason)
        snapshot = self._candidate.snapshot
        worker.load(environment, snapshot.route_files, guarded=snapshot.is_guarded)

    def take_changes(self, changes: Changes) -> None:
        """Load the connector again if the process that serves would not serve what was saved."""
        now = self._serving or self._candidate
        snapshot = read_snapshot(self._root)
        is_well = now and not self._session.state["errors"]
        news = [path for path, form in changes.forms.items() if not (now and is_well and now.shows(form, snapshot))]
        if changes.code or news:
            self._short_lives = 0
            self._reload(changed([*changes.code, *news]))

    def restart(self) -> None:
        """Load the connector again, because its developer wants it."""
        self._short_lives = 0
        self._reload("restarted")

    def take(self, message: Message) -> None:
        """Act on what a process reports."""
        if self._candidate and message.worker is self._candidate.worker:
            self._take_from_candidate(self._candidate, message)
        elif self._serving and message.worker is self._serving.worker and message.kind == "exit":
            self._restart(self._serving, how_it_ended(message.data["code"]))
        elif message.worker is self._leaving and message.kind in ("stopped", "exit"):
            self._drain(self._leaving)
            self._leaving = None
            self._serve()
        elif message.kind == "drained":
            self._pool.expect_end(message.worker, ENDING)

    def replace(self, worker: Worker, reason: str) -> None:
        """End a worker at once; what is on disk serves in its place, if it was this one that served."""
        worker.kill()
        if self._serving and self._serving.worker is worker:
            self._serving = None
            if not self._candidate:  # it takes over when it is loaded
                self._reload(reason)

    def _drain(self, worker: Worker) -> None:
        if not self._pool.is_held(worker):
            self._pool.expect_end(worker, DRAINING)

    def _take_from_candidate(self, candidate: Revision, message: Message) -> None:
        if message.kind == "loaded":
            self._judge(candidate, message.data)
        elif message.kind == "serving":
            self._establish(candidate)
        elif message.kind == "exit" and candidate.is_loaded:
            self._candidate = None
            self._restart(candidate, how_it_ended(message.data["code"]))
        elif message.kind == "exit":
            self._fail(candidate.reason, [load_error(how_it_ended(message.data["code"]))])

    def _judge(self, candidate: Revision, report: Mapping[str, Any]) -> None:
        """Let what was loaded serve, unless something that works now would not any more."""
        candidate.take_report(report)
        if not report["serves"] or (self._serving and candidate.breaks(self._serving)):
            self._fail(candidate.reason, candidate.errors)
            return

        candidate.is_loaded = True
        if self._serving:
            self._leaving, self._serving = self._serving.worker, None
            self._leaving.stop()
            self._pool.expect_end(self._leaving, STOPPING)
        self._serve()

    def _serve(self) -> None:
        if self._candidate and self._candidate.is_loaded and not self._leaving:
            self._candidate.worker.serve(self._endpoint.hand_out())

    def _establish(self, candidate: Revision) -> None:
        self._serving, self._candidate = candidate, None
        errors = [{**error, "kept": False} for error in candidate.errors]
        seconds = round(candidate.age, 3)
        states = candidate.states
        self._session.publish_state("ready", seconds=seconds, reason=candidate.reason, errors=errors, modules=states)
        candidate.begin_to_serve()
        self._prepare(candidate.imported)
        if self._missed:
            self._reload(self._missed)

    def _reload(self, reason: str) -> None:
        if self._candidate and self._candidate.is_loaded:
            self._missed = reason  # the process before it is told to stop already
            return

        self._session.publish_state("reloading", reason=reason)
        self.begin(reason)

    def _restart(self, ended: Revision, how: str) -> None:
        if self._serving is ended:
            self._serving = None
        self._short_lives = self._short_lives + 1 if ended.age < SHORT_LIFE else 0
        if self._candidate:  # it takes over when it is loaded
            return

        if self._short_lives < SHORT_LIVES:
            self._reload(how)
        else:
            self._fail(how, [load_error(f"{how}, {SHORT_LIVES} times within a second of its start")])

    def _fail(self, reason: str, errors: Sequence[LoadError]) -> None:
        self._give_up()
        kept = self._serving is not None
        if not kept:
            self._endpoint.answer_unavailable([in_one_line(error) for error in errors])
        errors = [{**error, "kept": kept} for error in errors]
        self._session.publish_state("failed", reason=reason, errors=errors, modules=self._states_now(errors))
        self._prepare()

    def _states_now(self, errors: Sequence[LoadError]) -> dict[str, str]:
        """Return the states of what is served still, or else of what is on disk and was not loaded."""
        served = self._serving.states if self._serving else None
        states = served or dict.fromkeys(read_snapshot(self._root).route_files, NOT_LOADED)
        return {**states, **{error["module"]: FAULT for error in errors if error["module"]}}

    def _give_up(self) -> None:
        if self._candidate:
            self._candidate.worker.kill()
            self._candidate = None

    def _prepare(self, modules: tuple[str, ...] = ()) -> None:
        try:
            self._pool.prepare(read_environment(self._root), modules)
        except StacksyncError:
            return  # it is told when the process is needed
