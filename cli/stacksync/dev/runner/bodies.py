"""What of a body is kept to be shown: what a request holds, and of an answer what the connector reads of it."""

import base64
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

KEPT = 65_536  # bytes of one body; all are counted


def of_request(body: Any, room: "Room") -> "dict[str, Any] | None":
    """Return what is sent; of a file or a generator nothing, for reading it here would take it from the API."""
    if body is None:
        return None
    if not isinstance(body, (str, bytes, bytearray)):
        return {"size": None, "kept": None}

    data = body.encode() if isinstance(body, str) else bytes(body)
    return {"size": len(data), "kept": _encoded(data[: room.take(min(len(data), KEPT))])}


class Room:
    """How many bytes of bodies are kept of a run."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, wanted: int) -> int:
        """Return how many of these bytes are kept."""
        granted = min(wanted, self._left)
        self._left -= granted
        return granted


class Reading:
    """The body of an answer while it is read.

    Nothing is read here, and what is read goes on as it is: streams stay streams.

    Args:
        room: What may be kept.
        tell: Is called when the body has been read, or will not be.
    """

    def __init__(self, room: Room, tell: Callable[[], None]) -> None:
        self.size = 0
        self.is_whole = False
        self.last = time.perf_counter()  # when something came
        self._kept = bytearray()
        self._room = room
        self._tell = tell
        self._depth = 0
        self._was_released = False
        self._told: Any = None

    def follow(self, answer: Any) -> None:
        """Follow what is read of an answer of `requests`."""
        content = vars(answer).get("_content")
        if isinstance(content, bytes):  # it came with its body, as a recorded one does
            self.is_whole = True
            self._take(content)
            self._say()
            return

        raw = answer.raw
        if raw is None:
            return

        link = weakref.ref(raw)  # no circle: what nobody holds any more is closed at once, as without us
        for name in ("read", "read1"):
            self._replace(raw, link, name, self._reading)
        self._replace(raw, link, "read_chunked", self._reading_chunks)
        self._replace(raw, link, "release_conn", self._releasing)

    def report(self) -> "dict[str, Any]":
        """Return what was read so far."""
        return {"size": self.size, "kept": _encoded(bytes(self._kept)), "whole": self.is_whole}

    @staticmethod
    def _replace(raw: Any, link: Any, name: str, wrapped: Callable[[Callable[..., Any], Any], Any]) -> None:
        plain = getattr(type(raw), name, None)
        if plain is not None:
            setattr(raw, name, wrapped(plain, link))

    def _reading(self, plain: Callable[..., Any], link: Any) -> Callable[..., Any]:
        def read(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            try:
                data = plain(link(), *args, **kwargs)
            finally:
                self._depth -= 1
            self._take(data)
            if self._was_released or not data:
                self._end()
            return data

        return read

    def _reading_chunks(self, plain: Callable[..., Any], link: Any) -> Callable[..., Any]:
        def read_chunked(*args: Any, **kwargs: Any) -> "Iterator[Any]":
            self._depth += 1
            try:
                for data in plain(link(), *args, **kwargs):
                    self._take(data)
                    yield data
                self._was_released = True
            finally:
                self._depth -= 1
                self._end()

        return read_chunked

    def _releasing(self, plain: Callable[..., Any], link: Any) -> Callable[..., Any]:
        def release_conn(*args: Any, **kwargs: Any) -> Any:
            if self._depth:
                self._was_released = True  # while it is read: this was the last of it
            else:
                self._say()
            return plain(link(), *args, **kwargs)

        return release_conn

    def _take(self, data: Any) -> None:
        if not isinstance(data, (bytes, bytearray)):
            return

        self.size += len(data)
        self.last = time.perf_counter()
        wanted = min(len(data), KEPT - len(self._kept))
        self._kept += data[: self._room.take(wanted)]

    def _end(self) -> None:
        self.is_whole = self._was_released or self.is_whole
        self._say()

    def _say(self) -> None:
        """Tell it once; connections are released again and again."""
        if self._told != (self.size, self.is_whole):
            self._told = self.size, self.is_whole
            self._tell()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
