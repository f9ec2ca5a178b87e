"""Where the provider sends users back to: one path on this machine, which takes one answer."""

import errno
import html
import os
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Lock, Thread
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from stacksync.errors import StacksyncError
from stacksync.oauth.provider import REDIRECT, split

Result = TypeVar("Result")
# Of the parameters those that came exactly once: RFC 6749, section 3.1, allows no other.
Parameters = Mapping[str, str]
# Makes something of what the provider answered, and raises a StacksyncError where that is no good.
Answer = Callable[[Parameters], Result]

_PAUSE = 0.2  # how long the waiting thread waits at once: it also hears that it shall stop
_STALL = 10.0  # seconds that a browser may keep a connection open without asking anything
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class Redirect(Generic[Result]):
    """A redirect address that is listened at from the beginning of the block to its end.

    Args:
        address: `http://localhost:PORT/PATH`, or the same with 127.0.0.1; port 0 takes one that is free, which only
            providers allow that follow RFC 8252, section 7.3.
        answer: What is to become of the one answer.

    Raises:
        StacksyncError: It cannot be listened at.
    """

    def __init__(self, address: str, answer: Answer[Result]) -> None:
        require_local(address)
        parts = urlsplit(address)
        self._path, self._answer = parts.path, answer
        self._result: Future[Result] = Future()
        self._came, self._once = Event(), Lock()
        self._servers = _listening(str(parts.hostname), parts.port or 0, self._handler())
        self._netloc = f"{parts.hostname}:{self._servers[0].server_port}"
        self.address = f"http://{self._netloc}{self._path}"

    def __enter__(self) -> "Redirect[Result]":
        for server in self._servers:
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def wait(self, seconds: float, stop: Event) -> Result:
        """Wait for the answer, and return what became of it.

        Args:
            seconds: How long; what is made of an answer that came in time may take longer.
            stop: Ends it at once.

        Raises:
            StacksyncError: No answer came in time, it was given up, or the answer is no good.
        """
        ends = time.monotonic() + seconds
        while not self._came.wait(_PAUSE):
            if stop.is_set():
                raise StacksyncError("The login was given up.")
            if time.monotonic() >= ends:
                raise StacksyncError(f"Nobody logged in within {_words(seconds)}.", _unregistered(self.address))
        return self._result.result()

    def take(self, host: str, target: str) -> "_Reply":
        """Return what a browser is answered that asks for an address."""
        asked = urlsplit(target)
        # A name that an attacker's DNS leads to this machine comes as that name.
        if host != self._netloc or asked.path != self._path:
            return _Reply(404, "There is nothing here.")
        if not self._once.acquire(blocking=False):
            return _Reply(410, "This login has had its answer already.")

        self._came.set()
        parameters = {name: values[0] for name, values in parse_qs(asked.query).items() if len(values) == 1}
        return self._finish(parameters)

    def _finish(self, parameters: Parameters) -> "_Reply":
        try:
            made = self._answer(parameters)
        except StacksyncError as error:
            return _Reply(400, str(error), partial(self._result.set_exception, error))
        except BaseException as error:  # noqa: BLE001 - who waits for it has to know
            failed = "Something went wrong here. The terminal says more."
            return _Reply(500, failed, partial(self._result.set_exception, error))

        return _Reply(200, "You are logged in. This page can be closed.", partial(self._result.set_result, made))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        redirect = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _STALL

            def do_GET(self) -> None:
                reply = redirect.take(self.headers.get("Host", ""), self.path)
                try:
                    self._send(reply.status, _page(reply.text).encode())
                finally:
                    reply.settle()  # only now: who waits may end this process at once

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Write nothing: the address holds the code."""

        return Handler


@dataclass(frozen=True)
class _Reply:
    """What is shown to a browser, and what is to be done once it is."""

    status: int
    text: str
    settle: Callable[[], object] = lambda: None


def require_local(address: str) -> None:
    """Refuse an address that cannot be listened at on this machine.

    Raises:
        StacksyncError: It is such a one.
    """
    parts = split(address)
    if parts and parts.scheme == "https":
        fault = f"The redirect {address} needs https, which stacksync does not serve on this machine."
        raise StacksyncError(fault, _HTTPS)
    if not parts or parts.hostname not in ("localhost", "127.0.0.1") or parts.port is None or not parts.path:
        raise StacksyncError(f"The redirect {address} is no address of this machine.", f"such as {REDIRECT}")
    if parts.query or parts.fragment or parts.username is not None:
        raise StacksyncError(f"The redirect {address} has more than host, port and path.", f"such as {REDIRECT}")


_HTTPS = "where the provider takes https only, save a token: `stacksync connect NAME --from-env access_token=VARIABLE`"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a browser opens connections ahead of what it asks, and keeps them
    allow_reuse_address = os.name != "nt"  # there it would let two programs share the port

    def server_bind(self) -> None:
        """Bind without asking DNS what this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()[:2]


class _Server6(_Server):
    address_family = socket.AF_INET6


def _listening(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> list[ThreadingHTTPServer]:
    """Listen at every address of a name: a browser may try either, and another program there would get the code."""
    try:
        servers: list[ThreadingHTTPServer] = [_Server(("127.0.0.1", port), handler)]
    except OSError as error:
        raise _taken(port, error) from None
    if host != "localhost":
        return servers

    try:
        servers.append(_Server6(("::1", servers[0].server_port), handler))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            servers[0].server_close()
            raise _taken(port, error) from None
    return servers  # without IPv6 on this machine `localhost` is 127.0.0.1


def _taken(port: int, error: OSError) -> StacksyncError:
    fault = f"The redirect's port {port} cannot be listened at: {(error.strerror or str(error)).lower()}."
    return StacksyncError(fault, "end what uses it, or register another redirect and name it with --redirect")


def _unregistered(address: str) -> str:
    return f"is {address} registered at the provider? One that takes https only cannot be logged in at from here"


def _words(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def _page(text: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>stacksync connect</title><main><h1>stacksync connect</h1><p>{html.escape(text)}</p></main></html>"
    )
