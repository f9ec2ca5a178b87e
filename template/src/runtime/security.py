"""Headers that tell browsers to be careful, the limit of a request body, and the shared secret of callers."""

from __future__ import annotations

import hmac
import logging
from typing import IO, cast

import flask
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized, UnsupportedMediaType
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream, get_input_stream

from .config import Config
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
