"""What a log line looks like: JSON for machines, or one readable line."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from functools import lru_cache
from typing import Any

import flask

from .redaction import redact
from .wsgi import REQUEST_ID, Kind, read_route

LOGGER = "stacksync.request"
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
            "message": _message(record),
            "error_id": _error_id(record),
            **request_fields(),
            "traceback": _traceback(record),
        }
        return json.dumps({name: value for name, value in fields.items() if value})

    def _readable(self, record: logging.LogRecord) -> str:
        ids = {"error_id": _error_id(record), "request_id": request_fields().get("request_id")}
        shown = "".join(f"  {name}={value}" for name, value in ids.items() if value)
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname:<7} {_message(record)}{shown}"
        return "\n".join(filter(None, (line, _traceback(record))))


def json_line(kind: Kind, request_id: str, seconds: float) -> str:
    """Return the JSON line of a request, composed by hand: json.dumps would take several times as long."""
    return (
        f'{{"time": "{timestamp(time.time())}", "level": "INFO", "request_id": "{request_id}", '
        f'{_kind_json(kind)}, "ms": {seconds * 1000:.2f}}}'
    )


def readable_line(kind: Kind, request_id: str, seconds: float) -> str:
    """Return the line of a request for a person."""
    return (
        f"{time.strftime('%H:%M:%S')} INFO    {kind.method} {kind.route.rule or '(no such route)'} "
        f"{kind.status} {seconds * 1000:.1f} ms  request_id={request_id}"
    )


def request_fields() -> dict[str, Any]:
    """Return the id and the route of the current request, if there is one."""
    if not flask.has_request_context():
        return {}

    request = flask.request
    route = read_route(request.url_rule.rule if request.url_rule else "")
    names = {"route": route.rule, "module": route.module, "version": route.version}
    return {"request_id": request.environ.get(REQUEST_ID), **names}


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


def _message(record: logging.LogRecord) -> str:
    # Werkzeug colours its lines for a terminal, whether there is one or not.
    return COLOURS.sub("", redact(record.getMessage()))


def _error_id(record: logging.LogRecord) -> str | None:
    return getattr(record, "error_id", None)


def _traceback(record: logging.LogRecord) -> str:
    if record.exc_info and record.exc_info[0]:
        return redact("".join(traceback.format_exception(*record.exc_info)).rstrip())

    return redact(record.exc_text or "")
