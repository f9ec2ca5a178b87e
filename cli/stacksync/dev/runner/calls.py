"""The calls that a run makes to APIs with `requests`, whoever's session it is: told to the supervisor as they happen.

Nothing of this is part of a connector: what is wrapped is wrapped in this process, which only development starts.
A fault in here is told, and never becomes one of the run.
"""

import threading
import time
from contextvars import ContextVar
from functools import wraps
from typing import Any
from urllib.parse import urljoin

from .bodies import Reading, Room, of_request
from .channel import Reports
from .imports import when_imported
from .other_ways import OtherWays
from .output import RUN
from .places import Place, own_line

MOST = 200  # calls of a run that are told in full; of those after them the status is
MOST_BYTES = 2_000_000  # of the bodies of a run
MOST_WAYS = 20
MOST_RUNS = 100  # their threads may still call when they have been answered
MOST_HEADERS = 100
LONGEST = 8_000  # characters of an address, or of a header
SHORTEST_WAIT = 0.05  # seconds

# The call that is being sent, the one before it, and when `Session.send` was entered: of this thread or task.
SENDING: "ContextVar[Call | None]" = ContextVar("stacksync_sending", default=None)
LAST: "ContextVar[Call | None]" = ContextVar("stacksync_last", default=None)
ENTERED: "ContextVar[float | None]" = ContextVar("stacksync_entered", default=None)


class Run:
    """What is remembered of a run while it goes on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.room = Room(MOST_BYTES)
        self.unfinished: set[Call] = set()
        self.ways: set[Any] = set()
        self._calls = 0
        self._lock = threading.Lock()

    def next_number(self) -> int:
        """Return the number of the next call."""
        with self._lock:
            self._calls += 1
            return self._calls


class Call:
    """One call: what is sent is told when it begins, what comes back when it is there, the body when it was read."""

    def __init__(self, run: Run, request: Any, reports: Reports) -> None:
        self.run, self.number = run, run.next_number()
        self.method, self.url = str(request.method), _text(request.url)
        # A stream is never the same twice.
        body = request.body if isinstance(request.body, (str, bytes, type(None))) else object()
        self.likeness = hash((self.method, self.url, body))
        self.sent = 0  # how often urllib3 sent it
        self.leads_to = ""
        self.is_over = self.has_failed = False
        self.began = self.ended = time.perf_counter()
        self._reports = reports
        self._reading: Reading | None = None

    @property
    def is_full(self) -> bool:
        """Say whether all of it is told."""
        return self.number <= MOST

    def begin(self, request: Any, waited: float) -> None:
        """Tell what is sent."""
        before = LAST.get()
        before = before if before is not None and before.run is self.run else None
        if before is not None and self._repeats(before):
            waited = max(waited, self.began - before.ended)
        LAST.set(self)
        if not self.is_full:
            return

        self._send(
            method=self.method,
            url=self.url,
            headers=_headers(request.headers),
            body=of_request(request.body, self.run.room),
            place=own_line(),
            time=time.time(),
            waited=round(waited, 3) if waited >= SHORTEST_WAIT else 0,
            repeats=before.number if before is not None and self._repeats(before) else None,
            redirected_by=before.number if before is not None and before.leads_to == self.url else None,
        )

    def answer(self, response: Any) -> None:
        """Tell the status and the headers, and follow the body as it is read."""
        self._finish(response.status_code >= 400)
        location = response.headers.get("Location") if 300 <= response.status_code < 400 else None
        self.leads_to = urljoin(self.url, location) if location else ""
        self._send(
            status=response.status_code,
            reason=_text(response.reason or ""),
            answer_headers=_headers(getattr(response.raw, "headers", None) or response.headers) if self.is_full else [],
            sent=self.sent,
            retried=_retried(response.raw),
            ms=self._ms(),
        )
        if self.is_full:
            self.run.unfinished.add(self)
            self._reading = Reading(self.run.room, self.tell_body)
            self._reading.follow(response)

    def fail(self, error: BaseException) -> None:
        """Tell that there is no answer, and why."""
        self._finish(has_failed=True)
        self._send(error=_reason(error), sent=self.sent, ms=self._ms())

    def tell_body(self) -> None:
        """Tell what was read of the body."""
        if self._reading is None:
            return

        if self._reading.is_whole:
            self.run.unfinished.discard(self)
        self._send(answer=self._reading.report(), total_ms=round((self._reading.last - self.began) * 1000, 1))

    def _repeats(self, before: "Call") -> bool:
        """Say whether this is the call before once more: alike, and after it failed."""
        return before.is_over and before.has_failed and before.likeness == self.likeness

    def _finish(self, has_failed: bool) -> None:
        self.is_over, self.has_failed, self.ended = True, has_failed, time.perf_counter()

    def _ms(self) -> float:
        return round((time.perf_counter() - self.began) * 1000, 1)

    def _send(self, **data: Any) -> None:
        self._reports.send("call", run=self.run.name, number=self.number, **data)


class Observer:
    """Follows the calls of all runs of this process."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._runs: dict[str, Run] = {}
        self._other_ways = OtherWays(_is_seen, self._tell_way)
        self._wrapped: Any = None

    def begin(self) -> None:
        """Begin to follow them, now or as soon as the connector imports `requests`."""
        self._other_ways.begin()
        when_imported("requests.adapters", lambda module: self._wrap_adapter(module.HTTPAdapter))
        when_imported("requests.sessions", lambda module: _wrap_session(module.Session))

    def begin_run(self, run: str | None) -> None:
        """Note that a run begins."""
        if run is None:
            return

        self._runs[run] = Run(run)
        while len(self._runs) > MOST_RUNS:
            self._runs.pop(next(iter(self._runs)), None)
        when_imported("requests.adapters", lambda module: self._wrap_adapter(module.HTTPAdapter), wait=False)
        self._other_ways.tell_kept(run)

    def end_run(self, run: str | None) -> None:
        """Tell what is not told yet of a run."""
        ended = self._runs.get(run) if run is not None else None
        if ended is None:
            return

        for call in list(ended.unfinished):
            call.tell_body()
        self._other_ways.forget(ended.name)
        self._reports.send("calls-end", run=ended.name)

    def _wrap_adapter(self, adapter: Any) -> None:
        """Follow what adapters send; outermost, also after somebody else has replaced it."""
        plain = adapter.send
        if plain is self._wrapped:
            return

        @wraps(plain)
        def send(this: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            call = self._call(request)
            if call is None:
                return plain(this, request, *args, **kwargs)

            token = SENDING.set(call)
            try:
                answer = plain(this, request, *args, **kwargs)
            except BaseException as error:
                self._harmless(call.fail, error)
                raise
            finally:
                SENDING.reset(token)
            self._harmless(call.answer, answer)
            return answer

        adapter.send = self._wrapped = send

    def _call(self, request: Any) -> Call | None:
        """Return the call that begins; nothing outside of runs, nor within a call that is followed already."""
        run = RUN.get()
        if run is None or SENDING.get() is not None:
            return None

        began: list[Call] = []
        self._harmless(self._begin_call, run, request, began)
        return began[0] if began else None

    def _begin_call(self, run: str, request: Any, began: list[Call]) -> None:
        entered = ENTERED.get()
        call = Call(self._runs.get(run) or self._runs.setdefault(run, Run(run)), request, self._reports)
        began.append(call)
        ENTERED.set(None)  # of repeats it says nothing
        call.begin(request, 0.0 if entered is None else call.began - entered)

    def _harmless(self, step: Any, *args: Any) -> None:
        try:
            step(*args)
        except Exception as error:  # noqa: BLE001 - of ours: the run must not know
            self._tell_way("fault", type(error).__name__, own_line())

    def _tell_way(self, kind: str, where: str, place: Place | None) -> None:
        """Tell of what is not seen, once for each line and where it leads."""
        run = self._runs.get(RUN.get() or "")
        way = (kind, where, place)
        if run is None or way in run.ways or len(run.ways) >= MOST_WAYS:
            return

        run.ways.add(way)
        self._reports.send("way", run=run.name, way=kind, where=where[:LONGEST], place=place)


def _wrap_session(session: Any) -> None:
    """Note when a session is asked to send: our adapter may wait before it does."""
    plain = session.send

    @wraps(plain)
    def send(this: Any, *args: Any, **kwargs: Any) -> Any:
        token = ENTERED.set(time.perf_counter())
        try:
            return plain(this, *args, **kwargs)
        finally:
            ENTERED.reset(token)

    session.send = send


def _is_seen(event: str, args: Any) -> bool:
    call = SENDING.get()
    if call is None:
        return False

    if event == "http.client.send" and bytes(args[1][:20]).startswith(f"{call.method} ".encode()):
        call.sent += 1
    return True


def _headers(headers: Any) -> "list[tuple[str, str]]":
    pairs = list(headers.items())[:MOST_HEADERS]
    return [(_text(name), _text(value)[:LONGEST]) for name, value in pairs]


def _retried(raw: Any) -> "list[str]":
    """Return why urllib3 sent a request again: https://urllib3.readthedocs.io/en/stable/reference/urllib3.util.html."""
    history = getattr(getattr(raw, "retries", None), "history", None) or ()
    return [str(each.status or type(each.error).__name__) for each in history][:MOST_HEADERS]


def _reason(error: BaseException) -> str:
    """Return what went wrong, in the words of the innermost error."""
    inner: Any = error
    for _ in range(5):
        within = getattr(inner, "reason", None) or next(iter(getattr(inner, "args", ())), None)
        if not isinstance(within, BaseException):
            break
        inner = within
    return f"{type(error).__name__}: {inner}"[:LONGEST]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)[:LONGEST]
