"""The outermost layer of the application: every request passes here, once, whatever comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import getrandbits
from time import perf_counter
from typing import TYPE_CHECKING, Any

import flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXTENSION = "stacksync.layer"
REQUEST_ID = "stacksync.request_id"
# What handlers work with, which holds the environ in turn.
OBJECT = "stacksync.request"
ANSWERED = "stacksync.answered"
# The ids of the workflow's run, by their names in the envelope; those of them that look like ids.
RUN_IDS = "stacksync.run_ids"
RUN_ID_NAMES = ("workspace_id", "workflow_id", "workflow_module_instance_id")
# A method that is none of these was made up by the caller.
METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
VERSION = re.compile(r"v\w+")


@dataclass(frozen=True)
class Route:
    """Where a request went, in the connector's own words: never the path that the caller wrote."""

    rule: str = ""
    module: str = ""
    version: str = ""
    endpoint: str = ""


# Compared by identity: observers keep what they derive from a kind, and look it up on every request.
@dataclass(frozen=True, eq=False)
class Kind:
    """What answered requests of one kind have in common, without anything that they carried."""

    method: str
    route: Route
    status: int


Observer = Callable[["WSGIEnvironment", Kind, float], None]


class Layer:
    """Give each request an id, each reply the fixed headers, and tell each observer its kind and seconds.

    One layer serves logs, metrics and security, because a layer or a pair of Flask hooks for each would cost
    several microseconds a request. Observers must not raise.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.headers: dict[str, str] = {}
        # Names of headers that a handler may have set itself, in any case.
        self.names: set[str] = {"x-request-id"}
        self.observers: list[Observer] = []
        self.kinds: dict[tuple[str, str, str], Kind] = {}

    def set_headers(self, headers: Mapping[str, str]) -> None:
        """Add headers to every reply that does not set them itself."""
        self.headers.update(headers)
        self.names.update(name.lower() for name in headers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        started = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID")
        request_id = environ[REQUEST_ID] = new_id() if given is None else _checked_id(given)

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            self._add_headers(headers, request_id)
            kind = environ[ANSWERED] = self._kind(environ, line)
            for observe in self.observers:
                observe(environ, kind, perf_counter() - started)
            return start_response(line, headers, *exc_info)

        try:
            return self.app(environ, start)
        except BaseException:
            if ANSWERED not in environ:
                for observe in self.observers:
                    observe(environ, self._kind(environ, "500"), perf_counter() - started)
            raise
        finally:
            # The circle would keep each request, and a body of megabytes with it, until the garbage collector comes by.
            environ.pop(OBJECT, None)

    def _add_headers(self, headers: list[tuple[str, str]], request_id: str) -> None:
        own = {name.lower() for name, _ in headers}
        if own.isdisjoint(self.names):
            headers += self.headers.items()
        else:
            headers[:] = [pair for pair in headers if pair[0].lower() != "x-request-id"]
            headers += [pair for pair in self.headers.items() if pair[0].lower() not in own]
        headers.append(("X-Request-ID", request_id))

    def _kind(self, environ: WSGIEnvironment, status: str) -> Kind:
        request: flask.Request | None = environ.get("werkzeug.request")
        rule = request.url_rule if request is not None else None
        key = (environ["REQUEST_METHOD"], "" if rule is None else rule.rule, status)
        kind = self.kinds.get(key)
        if kind is None:
            method = key[0] if key[0] in METHODS else "OTHER"
            kind = Kind(method, read_route(key[1]), int(status.partition(" ")[0]))
            # Made-up methods must not fill the memory.
            if method == key[0]:
                self.kinds[key] = kind
        return kind


def layer(app: flask.Flask) -> Layer:
    """Return the application's layer, and put it there the first time."""
    found: Layer | None = app.extensions.get(EXTENSION)
    if found is None:
        found = app.extensions[EXTENSION] = Layer(app.wsgi_app)
        app.wsgi_app = found  # type: ignore[method-assign]
    return found


def read_route(rule: str) -> Route:
    """Name the parts of a URL rule: `/contacts/v1/execute` is module contacts, version v1, endpoint execute."""
    module, _, rest = rule.strip("/").partition("/")
    version, _, endpoint = rest.partition("/")
    if VERSION.fullmatch(version):
        return Route(rule, module, version, endpoint)

    return Route(rule, endpoint="start" if rule == "/" else rule.strip("/"))


def keep_run_ids(environ: WSGIEnvironment, body: Mapping[str, Any]) -> None:
    """Keep the ids of the workflow's run, which log lines are found by."""
    if not body.keys().isdisjoint(RUN_ID_NAMES):
        environ[RUN_IDS] = {name: body[name] for name in RUN_ID_NAMES if is_id(body.get(name))}


def is_id(value: Any) -> bool:
    """Say whether a value looks like an id: a short text that needs no escaping anywhere."""
    return isinstance(value, str) and WELL_FORMED_ID.fullmatch(value) is not None


def new_id() -> str:
    """Return an id for a request: unique, which is not to say secret."""
    return getrandbits(128).to_bytes(16, "big").hex()


def _checked_id(given: str) -> str:
    return given if is_id(given) else new_id()
