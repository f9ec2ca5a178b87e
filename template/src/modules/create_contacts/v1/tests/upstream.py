"""HubSpot and Salesforce on this machine: a server that answers as their references say, and keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from .crms import HubSpotApi, Reply, SalesforceApi, Store

TOKEN = "the-access-token"


class CrmServer:
    """Both CRMs; `store` holds their records, `faults` the replies to give first, `calls` what was asked."""

    def __init__(self) -> None:
        self.store = Store()
        self.hubspot = HubSpotApi(self.store)
        self.salesforce = SalesforceApi(self.store)
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.calls: list[tuple[str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """Return where the server listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()


def _handler(crm: CrmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            body = json.loads(raw) if raw else None
            crm.calls.append((parts.path, body if raw else unquote(parts.query.replace("+", " "))))
            status, headers = crm.faults.pop(0) if crm.faults else (0, {})
            reply = (status, {"message": "Not now."}) if status else self._reply(parts.path, parts.query, body)
            content = json.dumps(reply[1]).encode()
            self.send_response(reply[0])
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def _reply(self, path: str, query: str, body: Any) -> Reply:
            salesforce = path.startswith("/services/data/v64.0")
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                said = f"The token {self.headers['Authorization']} is not valid."
                expired = [{"errorCode": "INVALID_SESSION_ID", "message": said}]
                return 401, expired if salesforce else {"category": "INVALID_AUTHENTICATION", "message": said}

            return crm.salesforce.reply(path[20:], query, body) if salesforce else crm.hubspot.reply(path, body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def upstream() -> Iterator[dict[str, str]]:
    """Serve while the examples run; they find the address as `${crm}`."""
    server = CrmServer()
    yield {"crm": server.url, "token": TOKEN}
    server.close()
