"""Serve the application on the supervisor's socket, report each request, and stop without losing one."""

import itertools
import selectors
import socket
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wsgi import ClosingIterator

from .callers import Guarded
from .calls import Observer
from .channel import Orders, Reports
from .output import REQUEST, RUN

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOST = "127.0.0.1"
# Seconds that a client may stall, so that connections which browsers open ahead of a request end some time.
CLIENT_TIMEOUT = 10


class Handler(WSGIRequestHandler):
    """Answers one connection. Requests are reported, so there are no access lines."""

    timeout = CLIENT_TIMEOUT

    def log_request(self, *_: Any) -> None:
        """Write nothing."""


class Server(ThreadedWSGIServer):
    """Werkzeug's server, on a socket that other processes accept from as well."""

    daemon_threads = False  # closing waits for the requests in flight

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection, if no other process was faster."""
        connection, address = super().get_request()
        connection.setblocking(True)  # on BSD and macOS it is as the listening socket
        return connection, address


class Reported:
    """The application, with a report of each request that it answered."""

    def __init__(self, app: "WSGIApplication", reports: Reports) -> None:
        self._app = app
        self._reports = reports
        self._numbers = itertools.count()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; what is printed meanwhile belongs to its run."""
        RUN.set(run := environ.pop("HTTP_X_STACKSYNC_RUN", None))
        REQUEST.set(next(self._numbers))
        if run:
            self._reports.send("begun", run=run)
        started, status = perf_counter(), 500

        def start(line: str, headers: list[tuple[str, str]], *exc_info: Any) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, *exc_info)

        def report() -> None:
            self._report(environ, status, perf_counter() - started)

        try:
            answer = self._app(environ, start)
        except BaseException:
            report()
            raise
        return ClosingIterator(answer, report)

    def _report(self, environ: "WSGIEnvironment", status: int, seconds: float) -> None:
        self._reports.send(
            "request",
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
            status=status,
            ms=round(seconds * 1000, 1),
            run=RUN.get(),
            number=REQUEST.get(),
        )


class Observed:
    """The application, whose calls to APIs are followed while it works for a run."""

    def __init__(self, app: "WSGIApplication", calls: Observer) -> None:
        self._app = app
        self._calls = calls

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        run = RUN.get()
        self._calls.begin_run(run)
        try:
            answer = self._app(environ, start_response)
        except BaseException:
            self._calls.end_run(run)
            raise
        return ClosingIterator(answer, lambda: self._calls.end_run(run))


def listening(order: dict[str, Any]) -> socket.socket:
    """Return the supervisor's socket, or one of our own on its port where processes cannot share sockets."""
    if "port" in order:
        return socket.create_server((HOST, order["port"]), backlog=128)

    return socket.socket(fileno=order["descriptor"])


def serve(app: Any, listener: socket.socket, orders: Orders, reports: Reports, *, guarded: bool) -> None:
    """Answer requests until there is an order, which can only be to stop; then finish those in flight.

    Args:
        guarded: Whether pages of other origins are refused.
    """
    with listener:
        listener.setblocking(False)  # what select saw may be taken by another process
        host, port = listener.getsockname()
        shown = Guarded(app, port, reports) if guarded else app
        server = Server(host, port, Reported(shown, reports), Handler, fd=listener.fileno())
    server.timeout = 0
    reports.send("serving")
    with selectors.DefaultSelector() as selector:
        selector.register(server.socket, selectors.EVENT_READ)
        selector.register(orders.wakeup, selectors.EVENT_READ)
        while all(key.fileobj is not orders.wakeup for key, _ in selector.select()):
            server.handle_request()

    server.socket.close()
    reports.send("stopped")
    server.server_close()
    reports.send("drained")
