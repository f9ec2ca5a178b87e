"""Where the connector answers, handed from process to process; nobody who calls there is refused."""

import socket
from contextlib import suppress

from stacksync.dev.processes.fallback import Fallback


class Endpoint:
    """The listening socket, or its port where processes cannot share one.

    Args:
        listener: The socket, listening.
        is_shared: Whether it is inherited by the processes.
    """

    def __init__(self, listener: socket.socket, is_shared: bool) -> None:
        self._address = listener.getsockname()
        self._listener = listener
        self._is_shared = is_shared
        self._fallback: Fallback | None = None
        self._faults: list[str] = []

    @property
    def descriptor(self) -> int | None:
        """What a process is to inherit."""
        return self._listener.fileno() if self._is_shared else None

    def hand_out(self) -> dict[str, int]:
        """Leave the endpoint to a process, and return what it must know."""
        if self._fallback:
            self._fallback.stop()
            self._fallback = None
        if self._is_shared:
            return {"descriptor": self._listener.fileno()}

        self._listener.close()
        return {"port": self._address[1]}

    def answer_unavailable(self, faults: list[str]) -> None:
        """Answer with 503 and what is wrong, for there is no process that can."""
        self._faults[:] = faults
        if self._fallback:
            return
        if self._listener.fileno() < 0:
            with suppress(OSError):  # the process that had the port may not be gone yet
                self._listener = socket.create_server(self._address)
        if self._listener.fileno() >= 0:
            self._fallback = Fallback(self._listener, lambda: self._faults)

    def close(self) -> None:
        """Take no more connections."""
        if self._fallback:
            self._fallback.stop()
        self._listener.close()
