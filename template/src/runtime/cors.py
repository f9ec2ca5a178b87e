"""Which pages of other origins may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request
from flask import Response as FlaskResponse

from .config import Config
from .wsgi import layer

ORIGIN = "Access-Control-Allow-Origin"
METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


def install(app: Flask, config: Config) -> None:
    """Add the CORS headers that `cors_origins` asks for; credentials are never allowed."""
    origins = frozenset(config.cors_origins)
    # Flask asks for this at each OPTIONS, where a hook would cost every other request as well.
    app.make_default_options_response = _preflight(app, origins)  # type: ignore[method-assign]
    if "*" in origins:
        layer(app).set_headers({ORIGIN: "*"})
        return

    def echo_origin(response: FlaskResponse) -> FlaskResponse:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers[ORIGIN] = origin
        return response

    app.after_request(echo_origin)


def _preflight(app: Flask, origins: frozenset[str]) -> Callable[[], FlaskResponse]:
    without_cors = app.make_default_options_response

    def answer() -> FlaskResponse:
        response = without_cors()
        if origins.isdisjoint({"*", request.headers.get("Origin", "")}):
            return response

        if "Access-Control-Request-Method" in request.headers:
            response.headers["Access-Control-Allow-Methods"] = METHODS
        asked = request.headers.get("Access-Control-Request-Headers")
        if asked:
            response.headers["Access-Control-Allow-Headers"] = asked
        return response

    return answer
