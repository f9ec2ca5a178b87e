"""Tell by which error a run failed: the connector's own lines that led to it, and the API's answer behind it.

Studio shows it above the answer. It is gathered in this process, which only development has: no answer of the
connector holds any of it.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from .channel import Reports
from .load_errors import MACHINERY, ErrorDescriber
from .output import RUN

MOST_ERRORS = 5  # of a chain: an error, and those that it was raised from
MOST_FRAMES = 40  # a recursion has a thousand
LONGEST_TEXT = 4_000
# The runtime logs with it what it turns into an answer, and what left a list of choices empty.
LOGGER = "stacksync.errors"
# Errors with an answer in mind. Raised by the framework alone they say what the caller did wrong: of a form, a path.
MEANT_FOR_CALLERS = frozenset({"ManagedError", "HTTPException"})

_told: "ContextVar[tuple[str | None, int]]" = ContextVar("stacksync_told", default=(None, 0))


class Failures:
    """Reports the errors of runs, each once.

    Args:
        describer: Knows which files are the connector's.
        reports: Where they go.
    """

    def __init__(self, describer: ErrorDescriber, reports: Reports) -> None:
        self._describer = describer
        self._reports = reports

    def watch(self, app: Any) -> None:
        """See what a Flask application makes answers of, and what its runtime logs instead."""
        logging.getLogger(LOGGER).addHandler(_Logged(self))
        # The first is for what a view raises, the second also for what comes after it.
        for name in ("handle_user_exception", "handle_exception"):
            if hasattr(app, name):
                setattr(app, name, self._telling(getattr(app, name)))

    def _telling(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        def told(*context_and_error: Any) -> Any:  # Flask 3.2 puts the context before the error
            self.tell(context_and_error[-1])
            return handle(*context_and_error)

        return told

    def tell(self, error: BaseException) -> None:
        """Report an error of the current run, if Studio sent it and has not heard of the error yet."""
        run = RUN.get()
        if run is None or _told.get() == (run, id(error)):
            return

        chain = [self._described(each) for each in _chain(error)]
        is_own = any(frame["own"] for each in chain for frame in each["frames"])
        if is_own or not _is_meant_for_callers(error):
            _told.set((run, id(error)))
            self._reports.send("failure", run=run, request_id=_request_id(), errors=chain, api=_api_answer(error))

    def _described(self, error: BaseException) -> "dict[str, Any]":
        found = traceback.extract_tb(error.__traceback__)
        frames = [self._frame(frame) for frame in found]
        omitted = len(frames) - MOST_FRAMES
        if omitted > 0:
            frames[MOST_FRAMES // 2 : -MOST_FRAMES // 2] = []
        return {
            "type": type(error).__qualname__,
            "message": _cut(_text(error)),
            "frames": frames,
            "omitted": max(0, omitted),
        }

    def _frame(self, frame: traceback.FrameSummary) -> "dict[str, Any]":
        file = self._describer.relative(frame.filename)
        return {
            "file": file or frame.filename,
            "line": frame.lineno,
            "function": frame.name,
            "source": frame.line or "",
            "own": file is not None and not file.startswith(MACHINERY),
        }


class _Logged(logging.Handler):
    """Takes the error out of each record that has one."""

    def __init__(self, failures: Failures) -> None:
        super().__init__(logging.WARNING)
        self._failures = failures

    def emit(self, record: logging.LogRecord) -> None:
        # An error meant for callers is logged without its traceback, while it is handled: of an empty list of choices,
        # and of a project of stacksync-cdk, whose answers Flask has no part in.
        error = (record.exc_info or sys.exc_info())[1]
        if error:
            self._failures.tell(error)


def _chain(error: BaseException, *, hidden: bool = False) -> Iterator[BaseException]:
    """Yield an error and those that led to it.

    Args:
        hidden: Also those that `raise ... from None` keeps out of the traceback.
    """
    each: BaseException | None = error
    for _ in range(MOST_ERRORS):
        if each is None:
            return
        yield each
        is_hidden = each.__suppress_context__ and not hidden
        each = each.__cause__ or (None if is_hidden else each.__context__)


def _is_meant_for_callers(error: BaseException) -> bool:
    return any(kind.__name__ in MEANT_FOR_CALLERS for kind in type(error).__mro__)


def _request_id() -> "str | None":
    """Return the id under which the log has the request; connectors without the runtime give none."""
    import flask

    return flask.request.environ.get("stacksync.request_id") if flask.has_request_context() else None


# --- the API's answer ----------------------------------------------------------------------------------------------


def _api_answer(error: BaseException) -> "dict[str, Any] | None":
    """Return what an API answered, if that is what led to the error; without a status where it gave no answer."""
    found = (_of_session(each) or _of_client(each) for each in _chain(error, hidden=True))
    return next(filter(None, found), None)


def _of_session(error: BaseException) -> "dict[str, Any] | None":
    """Read the ApiError of `src.runtime.http`; one of an older runtime does not know what was called."""
    kind = type(error)
    if kind.__name__ != "ApiError" or not hasattr(error, "reason") or not hasattr(error, "body"):
        return None

    called = getattr(error, "method", ""), getattr(error, "address", "")
    return _answer(*called, getattr(error, "status", None), error.body)


def _of_client(error: BaseException) -> "dict[str, Any] | None":
    """Read the errors of requests, httpx and clients made of them: they hold the request and the response."""
    try:
        response = getattr(error, "response", None)
        request: Any = getattr(response if response is not None else error, "request", None)
        if not isinstance(getattr(request, "method", None), str) or not hasattr(request, "url"):
            return None
        status = getattr(response, "status_code", None)
        return _answer(request.method, str(request.url), status, _body(response))
    except Exception:  # noqa: BLE001 - attributes of others' classes may do anything
        return None


def _body(response: Any) -> Any:
    """Return what was read of a response: reading it now could take the rest of a stream."""
    content = getattr(response, "_content", None)
    if not isinstance(content, bytes):
        return None
    try:
        return json.loads(content) if len(content) < 1_000_000 else content[:LONGEST_TEXT].decode("utf-8", "replace")
    except (ValueError, RecursionError):
        return content[: 4 * LONGEST_TEXT].decode("utf-8", "replace")


def _answer(method: str, address: str, status: "int | None", body: Any) -> "dict[str, Any]":
    is_text = body is None or isinstance(body, str)
    text = (body or "") if is_text else json.dumps(body, indent=2, ensure_ascii=False, default=str)
    return {"method": method, "address": _without_query(address), "status": status, "body": _cut(text)}


def _without_query(address: str) -> str:
    """Return an address without what is secret in many: the query, and a password before the host."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - of the connector's own class
        return "(its text cannot be made)"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text)} characters)"
