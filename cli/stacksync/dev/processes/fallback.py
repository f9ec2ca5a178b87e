"""Answer for a connector that does not start, so that its port is never closed: 503, in the envelope of its errors."""

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

TEXT = "The connector does not start"


class Fallback:
    """Answers every request on a socket with 503 until it is stopped.

    Args:
        listener: Where to listen; it is left open at the end.
        faults: Returns what is wrong, for the answers.
    """

    def __init__(self, listener: socket.socket, faults: Callable[[], list[str]]) -> None:
        self._server = _Server(listener.dup(), _handler(faults))
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, and finish those that came."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, listener: socket.socket, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(listener.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.socket.setblocking(False)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setblocking(True)  # on BSD and macOS it is as the listening socket
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let clients that hang up do so in silence."""


def _handler(faults: Callable[[], list[str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 2

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.dumps({"error": TEXT, "data": {}, "metadata": {"code": 503, "faults": faults()}}).encode()
            self.send_response(503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    return Handler
