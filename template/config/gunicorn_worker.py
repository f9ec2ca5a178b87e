"""Gunicorn's threaded worker, with no thread for a request that has not arrived.

Gunicorn gives each connection a thread that waits for its bytes, so a few dozen clients that send one every few seconds
take all threads, and nobody else is answered; it leaves that to a proxy in front (https://gunicorn.org/deploy),
which not every platform puts there. Here the loop that accepts connections also receives requests, and hands them
over when they are whole. One that is not whole after `WEB_CLIENT_TIMEOUT` seconds loses its connection.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

# A longer body is received by a thread, but never by more than half of them at once.
LONGEST_HELD = 64 * 1024
# How long a stopping worker waits for the first byte of a request that may be on its way.
LINGER = 2.0
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(eq=False)
class Arrival:
    """A request as far as it has arrived, and until when it may do so."""

    connection: Any
    deadline: float
    received: bytearray = field(default_factory=bytearray)
    # Where its head ends, and up to where its chunks were read; -1 when that is not known.
    body: int = -1
    chunk: int = -1
    length: int = 0
    is_watched: bool = False

    def take(self, data: bytes) -> bool:
        """Add what was received; say whether the request is whole, or can no longer be held here."""
        searched = max(0, len(self.received) - 3)
        self.received += data
        if self.body < 0 and not self._find_body(searched):
            return len(self.received) > LONGEST_HELD

        return self._is_whole() or len(self.received) + self.missing > LONGEST_HELD

    @property
    def missing(self) -> int:
        """Return how many bytes are missing; of a body in chunks, whose length nobody knows, none."""
        return 0 if self.chunk >= 0 else max(0, self.body + self.length - len(self.received))

    def expects_permission(self) -> bool:
        """Say whether the client waits to be told that it may send its body."""
        return self.body == len(self.received) and EXPECTS.search(self.received) is not None

    def _find_body(self, searched: int) -> bool:
        end = self.received.find(b"\r\n\r\n", searched)
        if end < 0:
            return False

        self.body = end + 4
        head = bytes(self.received[: self.body])
        self.chunk = self.body if CHUNKED.search(head) else -1
        length = LENGTH.search(head)
        self.length = int(length[1]) if length else 0
        return True

    def _is_whole(self) -> bool:
        if self.chunk < 0:
            return self.missing == 0
        while (end := self.received.find(b"\r\n", self.chunk, self.chunk + 1024)) >= 0:
            try:
                size = int(bytes(self.received[self.chunk : end]).partition(b";")[0], 16)
            except ValueError:
                return True  # whatever it is: gunicorn answers it
            if size <= 0:
                return self.received.find(b"\r\n\r\n", end) >= 0
            if end + size + 4 > len(self.received):
                return False
            self.chunk = end + size + 4

        return False


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker whose threads only work on requests that are there."""

    client_timeout = 30

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.arrivals: set[Arrival] = set()
        # Large requests: those that threads receive, and those that wait until one has.
        self.receiving: dict[Any, Arrival] = {}
        self.waiting: deque[Arrival] = deque()
        # Sockets that are only read so that their clients see the answer, and until when.
        self.closing: dict[socket.socket, float] = {}

    def enqueue_req(self, conn: Any) -> None:
        """Receive a request; gunicorn calls this to give it a thread."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return

        # One that was kept alive is so already, and being told again costs a call of the system.
        if conn.sock.gettimeout() != 0:
            conn.sock.setblocking(False)
        arrival = Arrival(conn, time.monotonic() + self.cfg.keepalive)
        self.arrivals.add(arrival)
        # Most requests are there at once, and need not be watched for.
        self._receive(arrival, conn.sock, _take_read_ahead(conn))
        if arrival in self.arrivals:
            arrival.is_watched = True
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, arrival))

    def notify(self) -> None:
        """Show that the worker is alive, which its loop does at least once a second, and let go of who is late."""
        super().notify()
        now = time.monotonic()
        for arrival in list(self.arrivals):
            if not self.alive and not arrival.received:
                arrival.deadline = min(arrival.deadline, now + LINGER)
            if arrival.deadline < now:
                self._give_up(arrival)
        while self.waiting and self.waiting[0].deadline < now:
            self._start(self.waiting.popleft())
        for sock in [sock for sock, deadline in self.closing.items() if deadline < now]:
            self._close(sock)
        self._receive_next()

    def finish_request(self, conn: Any, *future: Any) -> None:
        """Go on with a connection whose request was answered."""
        self.receiving.pop(conn, None)
        super().finish_request(conn, *future)
        self._receive_next()

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request, within a limit for each part of the answer that its client may be slow to take."""
        conn.sock.settimeout(self.client_timeout)
        return super().handle_request(req, conn)

    def _receive(self, arrival: Arrival, sock: Any, data: bytes = b"") -> None:
        try:
            data += sock.recv(LONGEST_HELD)
            ended = not data
        except BlockingIOError:
            ended = False
        except OSError:
            data, ended = b"", True
        if not arrival.received and data:
            arrival.deadline = time.monotonic() + self.client_timeout
        if ended and not arrival.received:
            self._let_go(arrival)
        elif ended or arrival.take(data):
            self._hand_over(arrival)
        elif arrival.expects_permission():
            self._permit(arrival)

    def _permit(self, arrival: Arrival) -> None:
        try:
            arrival.connection.sock.send(CONTINUE)
        except OSError:
            self._let_go(arrival)

    def _hand_over(self, arrival: Arrival) -> None:
        self._forget(arrival)
        if len(arrival.received) <= LONGEST_HELD and (arrival.missing == 0 or arrival.body < 0):
            self._start(arrival)
            return

        self.waiting.append(arrival)
        self._receive_next()

    def _receive_next(self) -> None:
        """Give threads to large requests, as long as half of the threads are left for others."""
        while self.waiting and self._receiving() < max(1, self.cfg.threads // 2):
            arrival = self.waiting.popleft()
            self.receiving[arrival.connection] = arrival
            self._start(arrival)

    def _receiving(self) -> int:
        return sum(arrival.chunk >= 0 or arrival.length > 0 for arrival in self.receiving.values())

    def _give_up(self, arrival: Arrival) -> None:
        """Close a connection whose request is late; where its head is there, with an answer that says so."""
        if arrival.body < 0:
            if arrival.received:
                self.log.warning("A client stalled, and was let go")
            self._let_go(arrival)
            return

        self._forget(arrival)
        self._start(arrival)

    def _start(self, arrival: Arrival) -> None:
        conn = arrival.connection
        arrival.length = arrival.missing
        if not conn.initialized:
            conn.init()
            conn.close = partial(self._end, conn)
        unreader = conn.parser.unreader
        unreader.unread(bytes(arrival.received))
        unreader.chunk = partial(_read_in_time, type(unreader).chunk, unreader, arrival)
        super().enqueue_req(conn)

    def _end(self, conn: Any, graceful: bool = False) -> None:
        """Close a connection. Gunicorn waits here, in the loop, until the client has done so too, or two seconds."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, self._drain)
            self.closing[conn.sock] = time.monotonic() + (LINGER if graceful else 0)
        except (OSError, ValueError, KeyError):
            conn.sock.close()

    def _drain(self, sock: Any) -> None:
        """Read what a client still sends: closing now would make its system drop the answer (RFC 9112, section 9.6)."""
        try:
            if sock.recv(LONGEST_HELD):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._close(sock)

    def _close(self, sock: socket.socket) -> None:
        del self.closing[sock]
        self.poller.unregister(sock)
        sock.close()

    def _forget(self, arrival: Arrival) -> None:
        self.arrivals.discard(arrival)
        if arrival.is_watched:
            self.poller.unregister(arrival.connection.sock)

    def _let_go(self, arrival: Arrival) -> None:
        self._forget(arrival)
        self.nr_conns -= 1
        arrival.connection.close()


def _take_read_ahead(conn: Any) -> bytes:
    """Return what was read of the next request with the last one."""
    if conn.parser is None:
        return b""

    unreader = conn.parser.unreader
    ahead: bytes = unreader.buf.getvalue()
    unreader.buf.seek(0)
    unreader.buf.truncate()
    return ahead


def _read_in_time(read: Any, unreader: Any, arrival: Arrival, *size: int) -> bytes:
    """Read more of a large request, in a thread; `length` counts what is missing."""
    left = arrival.deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the request was not whole in time")

    before = unreader.sock.gettimeout()
    unreader.sock.settimeout(left)
    try:
        data: bytes = read(unreader, *size)
    finally:
        unreader.sock.settimeout(before)
    arrival.length -= len(data)
    return data
