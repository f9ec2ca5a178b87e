"""The two pipes to the supervisor: orders come as lines of JSON, and reports go out as such."""

import json
import os
import queue
import signal
import socket
import threading
from typing import Any

_write = os.write  # as it is before `output` replaces it


class Reports:
    """Lines to the supervisor, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, kind: str, **data: Any) -> None:
        """Report something; a supervisor that is gone ends this process by other means."""
        rest = json.dumps({"kind": kind, **data}).encode() + b"\n"
        with self._lock:
            try:
                while rest:
                    rest = rest[_write(self._descriptor, rest) :]
            except OSError:
                return


class Orders:
    """Lines from the supervisor, read in a thread of their own: the end of them ends the process, whatever it does."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._typed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.wakeup, self._waker = socket.socketpair()
        threading.Thread(target=self._read, name="stacksync-orders", daemon=True).start()

    def next(self) -> dict[str, Any]:
        """Wait for an order. `wakeup` is a socket that can be read as soon as there is one."""
        order = self._queue.get()
        self.wakeup.recv(1)
        return order

    def typed(self) -> str:
        """Wait for a line that was typed for this process; "" when there is nobody to type one."""
        return self._typed.get()

    def _read(self) -> None:
        rest = b""
        # Not through a buffered file: its lock, held while waiting, makes Python abort at exit.
        while data := os.read(self._descriptor, 65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._take(json.loads(line))
        _end()

    def _take(self, order: dict[str, Any]) -> None:
        if order["order"] == "typed":
            self._typed.put(order["text"])
            return

        self._queue.put(order)
        self._waker.send(b"!")


def _end() -> None:
    """End this process at once, and the programs that the connector started: nobody else is left to do it."""
    if os.name == "posix" and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
