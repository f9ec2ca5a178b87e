"""Ways to an API that are not `requests`: what is called by them is not seen, and the run is marked so.

Python tells of connections and of programs that are started, whoever does it: https://docs.python.org/3/library/audit_events.html
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from .output import RUN
from .places import Place, own_line

# `http.client.send` is told of each request, on connections that were kept from an earlier run as well.
WATCHED = frozenset(
    {"socket.getaddrinfo", "socket.connect", "http.client.send", "subprocess.Popen", "os.system", "os.posix_spawn"}
)
# Sentry reports from a thread of its own; an event loop on Windows connects to itself.
NO_CALLS = ("sentry_sdk.transport", "sentry_sdk.worker")
PAIRS = frozenset({"socketpair", "_fallback_socketpair"})
MOST_KEPT = 50

Tell = Callable[..., None]


class OtherWays:
    """Looks out for them; once begun, for as long as the process lives.

    Args:
        is_seen: Says whether the work of this moment is seen anyway; it is told the event and what came with it.
        tell: Is told of a way: what it is, where it leads, the line.
    """

    def __init__(self, is_seen: Callable[[str, Any], bool], tell: Tell) -> None:
        self._is_seen = is_seen
        self._tell = tell
        self._hosts: dict[tuple[str, int], str] = {}  # what was looked up in a run, by its port
        self._open: dict[tuple[int, int], tuple[str, Place | None, str]] = {}  # by descriptor and inode

    def begin(self) -> None:
        """Begin to look out."""
        sys.addaudithook(self._hear)

    def forget(self, run: str) -> None:
        """Forget what a run that is over looked up."""
        for key in [key for key in list(self._hosts) if key[0] == run]:
            self._hosts.pop(key, None)

    def tell_kept(self, run: str) -> None:
        """Tell of the connections that earlier runs left open: what goes through one is told by nobody."""
        for (descriptor, inode), (host, place, opened_by) in list(self._open.items()):
            if _inode(descriptor) != inode:
                self._open.pop((descriptor, inode), None)
            elif opened_by != run:
                self._tell("kept", host, place)

    def _hear(self, event: str, args: Any) -> None:
        if event not in WATCHED:
            return
        run = RUN.get()
        if run is None:
            return
        with suppress(Exception):  # one that leaves here would stop what it is about
            if not self._is_seen(event, args) and not _is_no_call(sys._getframe(1)):
                self._take(run, event, args)

    def _take(self, run: str, event: str, args: Any) -> None:
        if event == "socket.getaddrinfo":
            self._hosts[run, _port(args[1])] = _text(args[0])
        elif event == "socket.connect":
            self._take_connection(run, *args)
        elif event == "http.client.send":
            self._take_request(args[0])
        else:
            self._tell("program", _program(event, args), own_line())

    def _take_request(self, connection: Any) -> None:
        self._tell("connection", f"{connection.host}:{connection.port}", own_line())
        if connection.sock is not None:  # what goes through this one is told of each time
            self._open.pop((connection.sock.fileno(), _inode(connection.sock.fileno()) or 0), None)

    def _take_connection(self, run: str, connection: Any, address: Any) -> None:
        if not isinstance(address, tuple):  # a socket of this machine that is a file
            return

        host = f"{self._hosts.get((run, address[1]), address[0])}:{address[1]}"
        place = own_line()
        self._tell("connection", host, place)
        inode = _inode(connection.fileno())
        if inode is not None and len(self._open) < MOST_KEPT:
            self._open[connection.fileno(), inode] = host, place, run


def _is_no_call(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in PAIRS or str(frame.f_globals.get("__name__")).startswith(NO_CALLS):
            return True
        frame = frame.f_back
    return False


def _program(event: str, args: Any) -> str:
    command = args[0] if event == "os.system" else args[1] or args[0]
    first = command.split()[0] if isinstance(command, (str, bytes)) else list(command)[0]  # noqa: RUF015
    return os.path.basename(_text(first))  # noqa: PTH119 - a command, and perhaps no path


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _port(value: Any) -> int:
    return int(value) if str(value).isdigit() else 0


def _inode(descriptor: int) -> int | None:
    """Return what tells a socket from others that had its descriptor; None where the system does not say."""
    try:
        return os.fstat(descriptor).st_ino or None
    except OSError:
        return None
