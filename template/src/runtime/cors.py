"""Which pages of other origins may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from flask import Flask, request
from flask import Response as FlaskResponse

from .config import Config
from .wsgi import layer

ORIGIN = "Access-Control-Allow-Origin"
METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


def install(app: Flask, config: Config) -> None:
    """Add the CORS headers that `cors_origins` asks for; credentials are never allowed."""
    origins = frozenset(config.cors_origins)
    if "*" in origins:
        layer(app).headers[ORIGIN] = "*"
        app.after_request(_answer_preflight)
        return

    def echo_origin(response: FlaskResponse) -> FlaskResponse:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin not in origins:
            return response

        response.headers[ORIGIN] = origin
        return _answer_preflight(response)

    app.after_request(echo_origin)


def _answer_preflight(response: FlaskResponse) -> FlaskResponse:
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return response

    response.headers["Access-Control-Allow-Methods"] = METHODS
    asked = request.headers.get("Access-Control-Request-Headers")
    if asked:
        response.headers["Access-Control-Allow-Headers"] = asked
    return response
