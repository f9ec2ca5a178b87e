"""The time of a call: all of it together, where a socket's timeout begins anew with each byte."""

from __future__ import annotations

import http.client
import io
import math
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_ENDS: ContextVar[float] = ContextVar("ends", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what is done here so much time; a call inside of another, as for a token, has what that has left at most."""
    before = _ENDS.set(min(time.monotonic() + seconds, _ENDS.get()))
    try:
        yield
    finally:
        _ENDS.reset(before)


def time_left() -> float:
    """Return the seconds that the present call has left."""
    return max(0.0, _ENDS.get() - time.monotonic())


class TimedReader(io.RawIOBase):
    """Reads from a socket until the time of the call is up, also when that comes in the middle of a streamed body."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self._ends, self._silence = _ENDS.get(), sock.gettimeout()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, waiting for it no longer than the call may."""
        _limit(self._sock, self._ends, self._silence)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class TimedResponse(http.client.HTTPResponse):
    """An answer whose status, headers and body are read within the time of the call."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(TimedReader(self.fp.detach(), sock))


def _limit(sock: socket.socket, ends: float, silence: float | None) -> None:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time of the call is up")

    sock.settimeout(min(left, silence or left) if left < math.inf else silence)


class Timed:
    """What makes a connection send and receive within the time of the call."""

    response_class: Any = TimedResponse
    sock: Any
    timeout: Any

    def send(self, data: Any) -> None:
        """Send a part of a request."""
        if self.sock is not None:
            _limit(self.sock, _ENDS.get(), self.timeout)
        super().send(data)  # type: ignore[misc]


class TimedHTTPConnection(Timed, HTTPConnection):
    """A connection over http."""


class TimedHTTPSConnection(Timed, HTTPSConnection):
    """A connection over https."""


class TimedHTTPPool(HTTPConnectionPool):
    """Connections over http."""

    ConnectionCls = TimedHTTPConnection


class TimedHTTPSPool(HTTPSConnectionPool):
    """Connections over https."""

    ConnectionCls = TimedHTTPSConnection


POOLS = {"http": TimedHTTPPool, "https": TimedHTTPSPool}
