"""What must not be written now: secrets of the environment, and what the current request carried.

Secrets are few: connections, values of password fields, tokens, cookies. They are looked for from four characters on,
and in part. Values of a form are many, and mostly words: they are looked for from eight characters on, as a whole.
Nothing is collected before a line needs it; a request that carries more than is looked for is marked as such.
"""

from __future__ import annotations

import base64
import builtins
import json
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import flask

from .text_search import TextSearch, levelled

# What request.py read, and what was declared secret, in the environ of the request.
BODY = "stacksync.body"
KEPT = "stacksync.secrets"
CACHE = "stacksync.carried"
MOST_NODES = 100_000
MOST_VALUES = 20_000
MOST_SECRETS = 500
LONGEST_RAW = 65_536
SHORTEST_SECRET, SHORTEST_VALUE = 4, 8
# Headers that every client sends, and whose values are words of our own messages.
PLAIN_HEADERS = frozenset(
    {"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Content-Length", "Content-Type"}
    | {"Host", "Pragma", "Transfer-Encoding", "X-Forwarded-Proto", "X-Request-Id"}
)
SECRET_HEADERS = frozenset({"Authorization", "Proxy-Authorization", "X-Connector-Token"})
# Their bodies are read by the runtime, and seen by nobody when they are refused.
PLATFORM_ENDPOINTS = ("/execute", "/content", "/schema")
SECRET_NAMES = re.compile(r"(?i)key|token|secret|passw|pwd|credential|dsn|private|auth(?!or)|connection")
PASSWORD_IN_URL = re.compile(r"://[^\s/:@]*:([^\s/@]+)@")
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,63}")


@dataclass(frozen=True)
class Hidden:
    """What must not be written; `values` are those of a form, which may stand where they are names of code."""

    secrets: tuple[TextSearch, ...]
    values: TextSearch | None = None
    is_complete: bool = True

    def find(self, text: str, names: str = "") -> Iterator[tuple[int, int]]:
        """Find where any of it stands in `text`."""
        level = levelled(text)
        for search in self.secrets:
            yield from search.find(level)
        if self.values:
            yield from self.values.find(level, f"{code_names()} {names}")


def keep_secret(*values: Any) -> None:
    """Declare values of the current request secret.

    Args:
        values: Texts, objects of them, or functions that find them; they are read when a line needs it, if ever.
    """
    if flask.has_request_context():
        flask.request.environ.setdefault(KEPT, []).extend(values)


def hidden(*, with_values: bool = True) -> Hidden:
    """Return what must not be written now."""
    if not flask.has_request_context():
        return Hidden((environment_secrets(),))

    request = flask.request._get_current_object()  # type: ignore[attr-defined]
    # A body may be read, and secrets be declared, after the first line was written.
    read = tuple(name in vars(request) for name in ("form", "_cached_data"))
    stamp = (with_values, BODY in request.environ, len(request.environ.get(KEPT, ())), *read)
    known: dict[Any, Hidden] = request.environ.setdefault(CACHE, {})
    if stamp not in known:
        known[stamp] = _carried(request, with_values)
    return known[stamp]


@cache
def environment_secrets() -> TextSearch:
    """Return the secrets of the environment, as it was at the first call."""
    # A path to a secret is none.
    named = [value for name, value in os.environ.items() if SECRET_NAMES.search(name) and not value.startswith("/")]
    passwords = PASSWORD_IN_URL.findall("\n".join(os.environ.values()))
    return TextSearch([*_Texts(named, SHORTEST_VALUE, MOST_SECRETS), *passwords], in_part=True)


@cache
def code_names() -> str:
    """Return the names of modules and exceptions, as they were at the first call: what a traceback is made of."""
    exceptions = (name for name, kind in vars(builtins).items() if isinstance(kind, type))
    return levelled(" ".join((*exceptions, *sys.modules)))


def _carried(request: flask.Request, with_values: bool) -> Hidden:
    secrets = _Texts(list(_secrets(request)), SHORTEST_SECRET, MOST_SECRETS)
    values = _Texts(list(_values(request)) if with_values else [], SHORTEST_VALUE, MOST_VALUES)
    return Hidden(
        (environment_secrets(), TextSearch(secrets, shortest=SHORTEST_SECRET, in_part=True)),
        TextSearch(values),
        secrets.is_complete and values.is_complete,
    )


class _Texts:
    """The texts in some objects, as far as they are looked for; read, `is_complete` says whether those were all."""

    def __init__(self, roots: list[Any], shortest: int, most: int) -> None:
        self.is_complete = True
        self._waiting, self._shortest, self._most = roots, shortest, most

    def __iter__(self) -> Iterator[str]:
        found = 0
        for text in self._walk():
            if len(text) < self._shortest:
                continue
            if found == self._most:
                self.is_complete = False
                return
            found += 1
            yield text
            if "\n" in text.strip():
                yield from text.splitlines()[: self._most]

    def _walk(self) -> Iterator[str]:
        waiting = list(self._waiting)
        for _ in range(MOST_NODES):
            if not waiting:
                return
            value = waiting.pop()
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                yield from (key for key in self._first(value) if not FIELD_NAME.fullmatch(str(key)))
                waiting += self._first(value.values())
            elif isinstance(value, (list, tuple)):
                waiting += self._first(value)
            elif value is not None and not isinstance(value, bool):
                yield str(value)
        self.is_complete = self.is_complete and not waiting

    def _first(self, values: Collection[Any]) -> Iterable[Any]:
        if len(values) <= MOST_NODES:
            return values

        self.is_complete = False
        return islice(values, MOST_NODES)


def _secrets(request: flask.Request) -> Iterator[Any]:
    for kept in request.environ.get(KEPT, ()):
        yield from kept() if callable(kept) else (kept,)
    body = request.environ.get(BODY) or {}
    data = body.get("data")
    form = data if isinstance(data, dict) else {}
    inner = form.get("form_data")
    for holder in (body.get("credentials"), *form.values(), *(inner.values() if isinstance(inner, dict) else ())):
        yield from _connection_values(holder)
    yield from request.cookies.values()
    for name in SECRET_HEADERS:
        yield from _header_values(request.headers.get(name, ""))


def _connection_values(holder: Any) -> Iterator[Any]:
    connection = holder.get("connection_data") if isinstance(holder, dict) else None
    if isinstance(connection, dict):
        connection = connection.get("value")
    if connection is not None:
        yield connection
    # A connection of the type generic_api_credentials is one text, which may be JSON.
    for text in connection.values() if isinstance(connection, dict) else ():
        if isinstance(text, str) and text.lstrip().startswith("{"):
            yield _parsed(text)


def _values(request: flask.Request) -> Iterator[Any]:
    yield from _body(request)
    yield from request.args.values()
    yield request.query_string.decode("latin-1")
    yield from (request.view_args or {}).values()
    if request.url_rule is None:
        yield from request.path.split("/")
    for name, value in request.headers.items():
        if name not in PLAIN_HEADERS and name not in SECRET_HEADERS:
            yield value


def _body(request: flask.Request) -> Iterator[Any]:
    """Return what a handler has seen of the body: what was read into an object or a form, or was read at all."""
    known = vars(request)
    if BODY in request.environ:
        yield request.environ[BODY]
    if "form" in known:
        yield from request.form.values()
    raw = known.get("_cached_data")
    if raw and BODY not in request.environ and not request.path.endswith(PLATFORM_ENDPOINTS):
        text = raw[:LONGEST_RAW].decode("utf-8", "replace")
        yield _parsed(text) or re.findall(r"[^\s\"',:{}\[\]&=]+", text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _header_values(value: str) -> Iterator[str]:
    scheme, _, credentials = value.partition(" ")
    yield from (credentials.strip(), value) if credentials else (value,)
    if scheme.lower() == "basic":
        decoded = _decoded(credentials)
        yield from (decoded, *decoded.split(":", 1))


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return ""
