"""Take out of a text what the current request carried, so that it can be written to a log or sent to Sentry.

An exception's message, or a line that a module logs, may repeat a password, a token or a customer's data. Rules
about names (`password`, `token`) miss most of that. So every value that the request carried is taken out, wherever
it came from: form, credentials, query, path, headers, cookies; also when the text holds it quoted, escaped,
URL-encoded, in another case, or cut short. Values of three characters or less stay: they are words like `new`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import flask
from werkzeug.exceptions import HTTPException

MARK = "[redacted]"
CACHE = "stacksync.carried"
SHORTEST = 4
# Headers that every client sends, and whose values are words of our own messages.
PLAIN_HEADERS = frozenset(
    {"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Content-Length", "Content-Type"}
    | {"Host", "Pragma", "Transfer-Encoding", "X-Forwarded-Proto", "X-Request-Id"}
)
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,63}")
LONG_WORD = re.compile(r"[A-Za-z0-9_-]{10,}")
CREDENTIALS_IN_TEXT = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), rf"\1 {MARK}"),
    (re.compile(r"(?i)(\bhttps?://)[^\s/@'\"]+@"), rf"\1{MARK}@"),
    (re.compile(r"\?[\w.%~-]+=[^\s'\"<>)]*"), f"?{MARK}"),
)


@dataclass(frozen=True)
class Carried:
    """The values of one request, in lower case and in every spelling, and all of them in one text."""

    spellings: frozenset[str]
    haystack: str


def redact(text: str) -> str:
    """Replace the values of the current request, and credentials in URLs and headers, by a mark."""
    return _redact(text, _carried())


def redact_values(text: str, values: Iterable[str]) -> str:
    """Replace `values` in every spelling, parts of them, and credentials in URLs and headers, by a mark."""
    return _redact(text, _as_carried(values))


def _redact(text: str, carried: Carried | None) -> str:
    if carried is not None:
        text = _replace_values(text, carried)
        text = LONG_WORD.sub(lambda word: MARK if word[0].lower() in carried.haystack else word[0], text)
    for pattern, mark in CREDENTIALS_IN_TEXT:
        text = pattern.sub(mark, text)

    return text


def _replace_values(text: str, carried: Carried) -> str:
    lowered = text.lower()
    found = sorted((value for value in carried.spellings if value in lowered), key=len, reverse=True)
    if not found:
        return text

    # A short value is replaced only as a word of its own: `list` must not spoil `listener`.
    alternatives = (re.escape(value) if len(value) > 7 else rf"(?<!\w){re.escape(value)}(?!\w)" for value in found)
    return re.sub("|".join(alternatives), MARK, text, flags=re.IGNORECASE)


def _carried() -> Carried | None:
    if not flask.has_request_context():
        return None

    request = flask.request
    carried: Carried | None = request.environ.get(CACHE)
    if carried is None:
        carried = request.environ[CACHE] = _as_carried(_values(request))
    return carried


def _as_carried(values: Iterable[str]) -> Carried:
    kept = {value for value in values if len(value) >= SHORTEST}
    spellings = frozenset(spelling.lower() for value in kept for spelling in _spellings(value))
    return Carried(spellings, "\n".join(kept).lower())


def _values(request: flask.Request) -> Iterator[str]:
    yield from _leaves(_body(request))
    yield from request.args.values()
    yield from request.cookies.values()
    yield request.query_string.decode("latin-1")
    yield from (str(value) for value in (request.view_args or {}).values())
    if request.url_rule is None:
        yield from request.path.split("/")
    for name, value in request.headers.items():
        if name not in PLAIN_HEADERS:
            yield from _header_values(value)


def _body(request: flask.Request) -> Any:
    if "form" in vars(request):
        return list(request.form.values())
    if request.mimetype and not request.mimetype.endswith("json"):
        return None
    try:
        raw = request.get_data()
    except (HTTPException, OSError):
        # Too large, or the client went away: nobody has seen anything of it.
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return re.findall(r"[^\s\"',:{}\[\]&=]+", raw.decode("utf-8", "replace"))


def _leaves(body: Any) -> Iterator[str]:
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (key for key in value if not FIELD_NAME.fullmatch(key))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif not isinstance(value, bool) and value is not None:
            yield str(value)


def _header_values(value: str) -> Iterable[str]:
    scheme, _, credentials = value.partition(" ")
    if scheme.lower() != "basic":
        return value, credentials.strip()
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return value, credentials

    return credentials, decoded, *decoded.split(":", 1)


def _spellings(value: str) -> Iterable[str]:
    yield value
    yield value.strip()
    yield from (line for line in value.splitlines() if len(line) >= SHORTEST)
    yield repr(value)[1:-1]
    yield repr(value.encode("utf-8", "replace"))[2:-1]
    yield json.dumps(value)[1:-1]
    yield quote(value, safe="", errors="replace")
    yield quote_plus(value, errors="replace")
