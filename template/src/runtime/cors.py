"""Which pages of other origins may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from flask import Flask, request
from flask import Response as FlaskResponse

from .config import Config

METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


def install(app: Flask, config: Config) -> None:
    """Add the CORS headers that `cors_origins` asks for; credentials are never allowed."""
    origins = frozenset(config.cors_origins)

    def add_headers(response: FlaskResponse) -> FlaskResponse:
        allowed: str | None = "*"
        if "*" not in origins:
            response.vary.add("Origin")
            allowed = request.headers.get("Origin")
        if "*" in origins or allowed in origins:
            response.headers["Access-Control-Allow-Origin"] = allowed
            if request.method == "OPTIONS":
                _answer_preflight(response)
        return response

    app.after_request(add_headers)


def _answer_preflight(response: FlaskResponse) -> None:
    if "Access-Control-Request-Method" not in request.headers:
        return

    response.headers["Access-Control-Allow-Methods"] = METHODS
    asked = request.headers.get("Access-Control-Request-Headers")
    if asked:
        response.headers["Access-Control-Allow-Headers"] = asked
