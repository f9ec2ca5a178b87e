"""Headers that tell browsers to be careful, the limit of a request body, and the shared secret of callers."""

from __future__ import annotations

import hmac

import flask
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from .config import Config
from .wsgi import layer

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


def install(app: flask.Flask, config: Config) -> None:
    """Set the security headers of every reply, the body limit and, with CONNECTOR_TOKEN, the check of callers."""
    layer(app).headers.update(HEADERS)
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes
    if not config.connector_token:
        return

    token = config.connector_token.encode()
    app.before_request(lambda: _refuse_stranger(token))


def _refuse_stranger(token: bytes) -> None:
    request = flask.request
    if request.path in OPEN_PATHS or _is_preflight(request):
        return
    if hmac.compare_digest(_shown_token(request), token):
        return

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
