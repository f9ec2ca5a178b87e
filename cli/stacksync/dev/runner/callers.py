"""Keep pages of other sites away from a connector that is being developed.

Any page that the developer has open may send requests to 127.0.0.1: without asking, as long as they look like a form's
(https://fetch.spec.whatwg.org/#simple-cross-origin-requests), and the connector would run modules for it. What is not a
page sends no `Origin`: the platform, Studio, curl.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .channel import Reports

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOSTS = ("127.0.0.1", "localhost", "[::1]")


class Guarded:
    """The application, closed to pages of other origins.

    Args:
        app: The application.
        port: Where it answers; its own pages are of this origin.
        reports: Is told of each request that was refused.
    """

    def __init__(self, app: "WSGIApplication", port: int, reports: Reports) -> None:
        self._app = app
        self._own = {f"http://{host}:{port}" for host in HOSTS}
        self._reports = reports

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request, or refuse it."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin in self._own:
            return self._app(environ, start_response)

        self._reports.send("stranger", origin=origin)
        body = json.dumps(_refusal(origin)).encode()
        start_response("403 FORBIDDEN", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def asks_for_guard(app: Any) -> bool:
    """Say whether an application names no pages that may read its answers."""
    runtime = getattr(app, "extensions", {}).get("stacksync")
    return runtime is None or tuple(runtime.config.cors_origins) in ((), ("*",))


def _refusal(origin: str) -> "dict[str, Any]":
    now = datetime.now(timezone.utc).isoformat()
    error = f"stacksync dev runs this connector, and pages of {origin} may not call it: cors_origins does not name them"
    return {"error": error, "data": {}, "metadata": {"timestamp": now, "environment": "development"}}
