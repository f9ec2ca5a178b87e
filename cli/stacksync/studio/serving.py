"""Serve Studio while `stacksync dev` runs."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from stacksync.dev.session import DevSession
from stacksync.studio.app import create_studio


class Handler(WSGIRequestHandler):
    """Writes nothing for each request: the terminal is for the connector's."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Keep quiet unless something went wrong."""
        if type == "error":
            logging.getLogger("stacksync.studio").error(message, *args)


@contextmanager
def serve(session: DevSession, listening: socket.socket) -> Iterator[str]:
    """Serve Studio on a socket while the block runs, and return its address."""
    host, port = listening.getsockname()[:2]
    server = make_server(
        host, port, create_studio(session), threaded=True, request_handler=Handler, fd=listening.fileno()
    )
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
