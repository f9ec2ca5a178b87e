"""Standard input of the connector: the terminal belongs to the supervisor, which is asked for each line.

So `input()` and `breakpoint()` work in a handler while `stacksync dev` reads keys on the same terminal.
"""

import io
import sys
from typing import Any

from .channel import Orders, Reports
from .output import REQUEST, Output


class TypedLines(io.RawIOBase):
    """A stream that asks for a line when it is read from. Threads that read wait for one another."""

    def __init__(self, orders: Orders, reports: Reports, output: Output) -> None:
        super().__init__()
        self._orders, self._reports, self._output = orders, reports, output
        self._rest = b""

    def readable(self) -> bool:
        """Say that this is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what was typed, up to the end of the line; with nothing where nobody can type."""
        if not self._rest:
            # What was written without a newline is the prompt.
            self._reports.send("asks", number=REQUEST.get(), prompt=self._output.begun_line())
            self._rest = self._orders.typed().encode()
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def install(orders: Orders, reports: Reports, output: Output) -> None:
    """Put it in the place of `sys.stdin`; programs that the connector starts read nothing, as without a terminal."""
    sys.stdin = io.TextIOWrapper(io.BufferedReader(TypedLines(orders, reports, output)), "utf-8", "replace")
