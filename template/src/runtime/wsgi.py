"""The outermost layer of the application: every request passes here, once, whatever comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from random import getrandbits
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXTENSION = "stacksync.layer"
REQUEST_ID = "stacksync.request_id"
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
VERSION = re.compile(r"v\w+")


class Route(NamedTuple):
    """Where a request went, in the connector's own words: never the path that the caller wrote."""

    rule: str = ""
    module: str = ""
    version: str = ""
    endpoint: str = ""


class Exchange(NamedTuple):
    """One answered request, without anything that it carried."""

    request_id: str
    method: str
    route: Route
    status: int
    seconds: float


class Layer:
    """Give each request an id, each reply the fixed headers, and each observer the finished exchange.

    One layer serves logs, metrics and security, because a layer or a pair of Flask hooks for each would cost
    several microseconds a request. Observers must not raise.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app
        self.headers: dict[str, str] = {}
        self.observers: list[Callable[[Exchange], None]] = []
        self.routes: dict[str, Route] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        started = perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID")
        request_id = environ[REQUEST_ID] = _new_id() if given is None else _checked_id(given)
        status = "500"
        route = UNKNOWN

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            nonlocal status, route
            status = line
            # Here, because Flask forgets the request before it returns.
            route = self._route(environ.get("werkzeug.request"))
            self._add_headers(headers)
            headers.append(("X-Request-ID", request_id))
            return start_response(line, headers, *exc_info)

        try:
            return self.app(environ, start)
        finally:
            seconds = perf_counter() - started
            exchange = Exchange(request_id, environ["REQUEST_METHOD"], route, int(status[:3]), seconds)
            for observe in self.observers:
                observe(exchange)

    def _add_headers(self, headers: list[tuple[str, str]]) -> None:
        for name, _ in headers:
            if name in self.headers:
                own = dict(headers)
                headers += [pair for pair in self.headers.items() if pair[0] not in own]
                return

        headers += self.headers.items()

    def _route(self, request: flask.Request | None) -> Route:
        rule = request.url_rule if request is not None else None
        if rule is None:
            return UNKNOWN

        route = self.routes.get(rule.rule)
        if route is None:
            route = self.routes[rule.rule] = read_route(rule.rule)
        return route


UNKNOWN = Route()


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
    if not VERSION.fullmatch(version):
        return Route(rule, endpoint=rule.strip("/") or "start")

    return Route(rule, module, version, endpoint)


def _new_id() -> str:
    return getrandbits(128).to_bytes(16, "big").hex()


def _checked_id(given: str) -> str:
    return given if WELL_FORMED_ID.fullmatch(given) else _new_id()
