"""Which pages of other origins may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask import Response as FlaskResponse

from .config import Config, is_developed
from .wsgi import layer

ORIGIN = "Access-Control-Allow-Origin"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"

logger = logging.getLogger("stacksync.cors")


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
    if not origins and is_developed():
        app.before_request(_refuse_strangers)


def _refuse_strangers() -> None:
    """Refuse pages of other origins: any page in the developer's browser could run modules, answers read or not."""
    origin = request.headers.get("Origin")
    own = urlsplit(request.host_url)
    if origin is None or (origin == f"http://{own.netloc}" and own.hostname in LOOPBACK):
        return

    line = f"cors_origins: [{json.dumps(origin)}]"
    logger.warning("a page was refused; to let it in, write in app_config.yaml, local_development_settings: %s", line)
    abort(403, f"Pages of {origin} may not call this connector: cors_origins does not name them.")


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
