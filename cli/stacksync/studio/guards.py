"""What keeps other pages of the same browser away: Studio answers to its own page, on this machine, and nobody else."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

HEADER = "X-Stacksync-Studio"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
READING = frozenset({"GET", "HEAD"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Guard every request and every answer, errors included."""
    app.before_request(_refuse_strangers)
    app.after_request(_with_headers)


def _refuse_strangers() -> None:
    # A name that an attacker's DNS leads to 127.0.0.1 comes as that name.
    if urlsplit(f"//{request.host}").hostname not in HOSTS:
        abort(403, "Studio answers only to its own address on this machine.")
    if request.method in READING:
        return

    # A form of another site cannot set a header, and its script may not without our consent.
    if request.headers.get(HEADER) != "1":
        abort(403, f"Studio takes changes only from its own page: the header {HEADER} is missing.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        abort(403, "Studio takes changes only from its own page.")


def _with_headers(response: Response) -> Response:
    # One that an answer brings itself is stricter: that of the connector's icon, and of pages and pictures of an API.
    policy = response.headers.get("Content-Security-Policy", POLICY)
    response.headers.update({**HEADERS, "Content-Security-Policy": policy})
    return response
