"""What the connector prints and logs, line by line, with the run that it belongs to.

A run is one request that the Studio sent, named by the header `X-Stacksync-Run`. Work in other threads that a request
starts belongs to its run. Programs that the connector starts, and code in C, write past this: to standard error as the
supervisor gave it.
"""

import io
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

from .channel import Reports
from .places import STARTED, own_line

LONGEST_LINE = 20_000  # bytes: who prints all that an API answered would fill the memory of whoever shows it
CUT = "… (cut by stacksync dev)"

RUN: "ContextVar[str | None]" = ContextVar("stacksync_run", default=None)
# Tells the requests of this process apart, also those that are no run of the Studio.
REQUEST: "ContextVar[int | None]" = ContextVar("stacksync_request", default=None)


class TaggedStream(io.RawIOBase):
    """A stream whose lines are reported. Threads do not mix theirs, however they are written."""

    def __init__(self, name: str, descriptor: int, reports: Reports) -> None:
        super().__init__()
        self.name = name
        self.last_line = ""
        self._descriptor = descriptor
        self._reports = reports
        self._thread = threading.local()

    def writable(self) -> bool:
        """Say that this is for writing."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that programs started by the connector write to."""
        return self._descriptor

    def write(self, data: Any) -> int:
        """Report the lines that are complete."""
        *lines, rest = bytes(data).split(b"\n")
        for line in lines:
            self._report(self._begun() + line)
            self._thread.rest = b""
        self._thread.rest = (self._begun() + rest)[: LONGEST_LINE + 1]
        return len(data)

    def _begun(self) -> bytes:
        rest: bytes = getattr(self._thread, "rest", b"")
        return rest

    def end_line(self) -> None:
        """Report what this thread wrote without ending the line."""
        if getattr(self._thread, "rest", b""):
            self.write(b"\n")

    def take_begun(self) -> str:
        """Return what this thread wrote without ending the line, which is not reported then."""
        begun, self._thread.rest = self._begun(), b""
        return begun[:LONGEST_LINE].decode("utf-8", "backslashreplace")

    def _report(self, line: bytes) -> None:
        text = line[:LONGEST_LINE].decode("utf-8", "backslashreplace").rstrip("\r")
        if len(line) > LONGEST_LINE:
            text += CUT
        self.last_line = text or self.last_line
        self._reports.send("log", run=RUN.get(), stream=self.name, line=text)


class Output:
    """Standard output and standard error of this process, tagged."""

    def __init__(self, reports: Reports) -> None:
        self.stdout, self.stderr = TaggedStream("stdout", 1, reports), TaggedStream("stderr", 2, reports)
        # The connector's own log is written by `os.write`, past `sys.stdout` and what waits there for a newline.
        self._calls = {1: TaggedStream("stdout", 1, reports), 2: TaggedStream("stderr", 2, reports)}
        sys.stdout, sys.stderr = _text(self.stdout), _text(self.stderr)
        self._tag_system_calls()
        self._tag_threads()

    def end_lines(self) -> None:
        """Report what this thread wrote without ending the line."""
        for stream in (self.stdout, self.stderr, *self._calls.values()):
            stream.end_line()

    def begun_line(self) -> str:
        """Return what this thread wrote without ending the line, as a prompt; it is not reported as a line then."""
        return "".join(stream.take_begun() for stream in (self.stdout, self.stderr))

    def last_words(self) -> str:
        """Return the last line that was written to standard error."""
        return self.stderr.last_line

    def _tag_system_calls(self) -> None:
        plain = os.write

        def write(descriptor: int, data: Any, /) -> int:
            stream = self._calls.get(descriptor)
            return plain(descriptor, data) if stream is None else stream.write(data)

        os.write = write

    def _tag_threads(self) -> None:
        """Let threads and tasks inherit the run and the line that began them; Flask's context they get nowhere."""
        start, submit = threading.Thread.start, ThreadPoolExecutor.submit

        def start_tagged(thread: threading.Thread) -> None:
            thread.run = self._tagged(thread.run)  # type: ignore[method-assign]
            start(thread)

        def submit_tagged(pool: ThreadPoolExecutor, call: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
            return submit(pool, self._tagged(call), *args, **kwargs)

        threading.Thread.start = start_tagged  # type: ignore[method-assign, assignment]
        ThreadPoolExecutor.submit = submit_tagged  # type: ignore[method-assign, assignment]

    def _tagged(self, call: Callable[..., Any]) -> Callable[..., Any]:
        run = RUN.get()
        place = own_line()  # whose context this is the runtime may have changed already

        def tagged(*args: Any, **kwargs: Any) -> Any:
            RUN.set(run)
            STARTED.place = place
            try:
                return call(*args, **kwargs)
            finally:
                self.end_lines()

        return tagged


def _text(stream: TaggedStream) -> io.TextIOWrapper:
    # Written through, so that no line waits and no other thread's comes in between.
    return io.TextIOWrapper(stream, "utf-8", "backslashreplace", "\n", write_through=True)
