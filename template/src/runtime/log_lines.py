"""What a log line looks like: JSON for machines, or one readable line."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import flask

from .redaction import redact, redact_secrets
from .wsgi import REQUEST_ID, RUN_IDS, Kind, read_route

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LOGGER = "stacksync.request"
# Arguments with more characters or parts than this are written as their type and size.
LARGE = 4_000
MOST_FRAMES = 60
# A frame of a traceback, also one within an exception group; what was compiled from a text has another kind of name.
CODE = re.compile(r'[ |+-]*File "(?:[^"\n]+\.py|<[\w. ]+>)", line \d+, in ')
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class LineFormatter(logging.Formatter):
    """Turn a record into a line of JSON, or of text, without what the current request carried."""

    def __init__(self, as_json: bool) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        return self._json(record) if self.as_json else self._readable(record)

    def _json(self, record: logging.LogRecord) -> str:
        fields = {
            "time": timestamp(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": read_message(record),
            "error_id": _error_id(record),
            **request_fields(),
            "traceback": _traceback(record),
        }
        return json.dumps({name: value for name, value in fields.items() if value})

    def _readable(self, record: logging.LogRecord) -> str:
        ids = {"error_id": _error_id(record), "request_id": request_fields().get("request_id")}
        shown = "".join(f"  {name}={value}" for name, value in ids.items() if value)
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname:<7} {read_message(record)}{shown}"
        return "\n".join(filter(None, (line, _traceback(record))))


def json_line(environ: WSGIEnvironment, kind: Kind, seconds: float) -> str:
    """Return the JSON line of a request, composed by hand: json.dumps would take several times as long."""
    run = environ.get(RUN_IDS)
    ids = "".join([f'"{name}": "{value}", ' for name, value in run.items()]) if run else ""
    return (
        f'{{"time": "{timestamp(time.time())}", "level": "INFO", "request_id": "{environ[REQUEST_ID]}", {ids}'
        f'{_kind_json(kind)}, "ms": {seconds * 1000:.2f}}}'
    )


def readable_line(environ: WSGIEnvironment, kind: Kind, seconds: float) -> str:
    """Return the line of a request for a person."""
    return (
        f"{time.strftime('%H:%M:%S')} INFO    {kind.method} {kind.route.rule or '(no such route)'} "
        f"{kind.status} {seconds * 1000:.1f} ms  request_id={environ[REQUEST_ID]}"
    )


def request_fields() -> dict[str, Any]:
    """Return the ids and the route of the current request, if there is one."""
    if not flask.has_request_context():
        return {}

    request = flask.request
    route = read_route(request.url_rule.rule if request.url_rule else "")
    names = {"route": route.rule, "module": route.module, "version": route.version}
    return {"request_id": request.environ.get(REQUEST_ID), **request.environ.get(RUN_IDS, {}), **names}


def timestamp(seconds: float) -> str:
    """Return the time in UTC, as ISO 8601 with milliseconds."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


@lru_cache(maxsize=4096)
def _kind_json(kind: Kind) -> str:
    route = kind.route
    fields = {
        "logger": LOGGER,
        "method": kind.method,
        "route": route.rule or None,
        "module": route.module or None,
        "version": route.version or None,
        "status": kind.status,
    }
    return json.dumps(fields)[1:-1]


def read_message(record: logging.LogRecord) -> str:
    """Return what a record says, without what must not be written; large arguments by their type and size only."""
    template, arguments = str(record.msg), record.args
    try:
        if isinstance(arguments, Mapping):
            text = template % {name: _shortened(value) for name, value in arguments.items()}
        else:
            text = template % tuple(map(_shortened, arguments)) if arguments else template
    except Exception:  # noqa: BLE001 - an argument's own text may fail in any way; logging would print all of them
        text = f"{template} (logged with arguments that do not fit: {_kinds(arguments)})"
    # Werkzeug colours its lines for a terminal, whether there is one or not.
    own = record.name.startswith("stacksync.")
    return COLOURS.sub("", redact_secrets(text) if own else redact(text))


def read_traceback(error: BaseException) -> str:
    """Return a traceback whose lines of code stand as they are, and whose messages lack what must not be written."""
    names = [type(each).__name__ for each in _chain(error)]
    chunks = list(traceback.TracebackException(type(error), error, error.__traceback__).format())
    if len(chunks) > MOST_FRAMES:
        chunks[MOST_FRAMES // 2 : -MOST_FRAMES // 2] = [f"  ({len(chunks) - MOST_FRAMES} lines more)\n"]
    return "".join(_without_values(chunk, names) for chunk in chunks).rstrip()


def _without_values(chunk: str, names: list[str]) -> str:
    """Take values out of a part of a traceback: a frame, `Traceback (most recent call last):`, or an error's text."""
    if CODE.match(chunk):
        return chunk

    kind, colon, text = chunk.partition(": ")
    is_kind = kind.strip(" |").rpartition(".")[2] in names
    return f"{kind}{colon}{redact(text, names)}" if is_kind else redact(chunk, names)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(MOST_FRAMES):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _shortened(argument: Any) -> Any:
    return _Large(argument) if _is_large(argument) else argument


class _Large:
    """Stands for an argument in a line: `<list of 2000>`."""

    def __init__(self, value: Any) -> None:
        self.text = f"<{type(value).__name__} of {len(value)}>"

    def __repr__(self) -> str:
        return self.text


def _is_large(value: Any) -> bool:
    waiting, size = [value], 0
    while waiting:
        part = waiting.pop()
        size += len(part) if isinstance(part, (str, bytes, bytearray)) else 1
        if size > LARGE:
            return True
        if isinstance(part, (list, tuple, set, frozenset, Mapping)):
            if len(part) > LARGE:
                return True
            waiting += [*part, *part.values()] if isinstance(part, Mapping) else part
    return False


def _kinds(arguments: Any) -> str:
    given = arguments.values() if isinstance(arguments, Mapping) else arguments or ()
    return ", ".join(type(value).__name__ for value in given)


def _error_id(record: logging.LogRecord) -> str | None:
    return getattr(record, "error_id", None)


def _traceback(record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[1]:
        return read_traceback(record.exc_info[1])

    return redact(record.exc_text or "")
