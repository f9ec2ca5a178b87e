"""Who may call, from where, and with how much: the shared secret, origins of pages, headers, the limit of a body."""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, cast
from urllib.parse import urlsplit

import flask
from flask import Flask, abort, request
from flask import Response as FlaskResponse
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, ClientDisconnected, Unauthorized, UnsupportedMediaType
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream, get_input_stream

from .config import Config, is_developed
from .wsgi import layer

logger = logging.getLogger("stacksync.security")

# A connector answers programs, not pages: nothing may frame it, cache it, or be loaded by it. The start page brings
# its style with it. https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
LENGTH = re.compile("[0-9]{1,15}")
OPEN_PATHS = frozenset({"/health", "/ready"})


class WholeStream(LimitedStream):
    """A body that is refused when it goes on beyond its limit; Werkzeug would cut it off there without a word."""

    @property
    def is_exhausted(self) -> bool:
        """Say no, so that one more read finds out whether anything follows."""
        return False


class ChunkedInput:
    """A body in chunks; those that are none are the client's fault, and gunicorn's error for them is no HTTP error."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source

    def read(self, size: int = -1) -> bytes:
        """Return more of the body."""
        try:
            return self.source.read(size)
        except Exception as error:
            raise BadRequest("The chunks of the request's body are broken.") from error


class BoundedRequest(flask.Request):
    """A request whose body is limited also when it comes in chunks, without saying its length."""

    # Flask looks its own up in the application's configuration, several times for each request.
    max_content_length: int | None = None

    @cached_property
    def blueprints(self) -> list[str]:
        """Return the names of the blueprints that the request goes through; Flask works them out three times."""
        return super().blueprints

    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> Any:
        """Return the body; one of a known length, as most are, without the streams that Werkzeug puts around it."""
        known = vars(self)
        if cache and not parse_form_data and "_cached_data" not in known and "stream" not in known:
            body = self._read_at_once()
            if body is not None:
                known["_cached_data"], known["stream"] = body, BytesIO()
        return super().get_data(cache, as_text, parse_form_data)  # type: ignore[call-overload]

    def _read_at_once(self) -> bytes | None:
        """Return the body; None where it has to be looked at while it is read, or to be refused."""
        environ, limit = self.environ, self.max_content_length
        length = environ.get("CONTENT_LENGTH", "")
        is_plain = "HTTP_TRANSFER_ENCODING" not in environ and "HTTP_CONTENT_ENCODING" not in environ
        # Of a body that breaks off only a server knows that marks its end.
        if not (is_plain and LENGTH.fullmatch(length) and environ.get("wsgi.input_terminated")):
            return None
        if limit is not None and int(length) > limit:
            return None

        try:
            body: bytes = environ["wsgi.input"].read(int(length))
        except (OSError, ValueError) as error:
            raise ClientDisconnected from error
        return body

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return the body to read from."""
        encoding = self.environ.get("HTTP_CONTENT_ENCODING")
        if encoding is not None and encoding.strip().lower() not in {"", "identity"}:
            raise UnsupportedMediaType("Send the body as it is: the connector unpacks no Content-Encoding.")
        limit = self.max_content_length
        if limit is None or "HTTP_TRANSFER_ENCODING" not in self.environ:
            return get_input_stream(self.environ, max_content_length=limit)

        source = cast(IO[bytes], ChunkedInput(self.environ["wsgi.input"]))
        return cast(IO[bytes], WholeStream(source, limit + 1, is_max=True))


def install(app: flask.Flask, config: Config) -> None:
    """Set the security headers of every reply, the body limit and, with CONNECTOR_TOKEN, the check of callers."""
    layer(app).set_headers(HEADERS)
    app.request_class = type("Request", (BoundedRequest,), {"max_content_length": config.max_body_bytes})
    if not config.connector_token:
        return

    token = config.connector_token.encode()
    app.before_request(lambda: _refuse_stranger(token))


def _refuse_stranger(token: bytes) -> None:
    request = flask.request
    if request.path in OPEN_PATHS or _is_preflight(request):
        return
    shown = _shown_token(request)
    if hmac.compare_digest(shown, token):
        return

    logger.warning("Refused a caller who showed %s", "another token" if shown else "no token")
    raise Unauthorized(
        "This connector needs its token, in the header X-Connector-Token or Authorization: Bearer.",
        www_authenticate=WWWAuthenticate("bearer"),
    )


def _is_preflight(request: flask.Request) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _shown_token(request: flask.Request) -> bytes:
    token = request.headers.get("X-Connector-Token")
    if token is None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return b""

    # WSGI gives header bytes as latin-1 text.
    return token.strip().encode("latin-1")


# Which pages of other origins may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol).
ORIGIN = "Access-Control-Allow-Origin"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"

cors_logger = logging.getLogger("stacksync.cors")


def install_cors(app: Flask, config: Config) -> None:
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
        app.before_request(_refuse_foreign_pages)


def _refuse_foreign_pages() -> None:
    """Refuse pages of other origins: any page in the developer's browser could run modules, answers read or not."""
    origin = request.headers.get("Origin")
    own = urlsplit(request.host_url)
    if origin is None or (origin == f"http://{own.netloc}" and own.hostname in LOOPBACK):
        return

    line = f"cors_origins: [{json.dumps(origin)}]"
    text = "a page was refused; to let it in, write in app_config.yaml, local_development_settings: %s"
    cors_logger.warning(text, line)
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
