"""A scripted API on this machine: it answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from src.runtime.http.limits import RATE_LIMITS
from src.runtime.http.oauth import TOKENS


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    content: str | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False
    # More bytes are announced than come; a byte comes every so many seconds, from the first of the status line on.
    short: bool = False
    drip: float = 0
    # The body of the request is not read.
    deaf: bool = False


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Message
    body: bytes


class Dripping(io.RawIOBase):
    """Writes a byte at a time."""

    def __init__(self, file: Any, wait: Callable[[], object]) -> None:
        self.file, self.wait = file, wait

    def write(self, data: Any) -> int:
        with suppress(OSError):
            for byte in bytes(data):
                self.file.write(bytes([byte]))
                self.wait()
        return len(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client whose connection found the queue full tries again after a second.
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write nothing about clients that went away, as tests have them do."""


class Api:
    """Answers are used up in order; the last one stays."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [Answer(body={"ok": True})]
        self.asked: list[Asked] = []
        # Instead of answers: what makes one, or the JSON of one.
        self.reply: Callable[[Asked], Any] | None = None
        self.closing = threading.Event()
        self.server = Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True
            protocol_version = "HTTP/1.1"

            def do(self) -> None:
                if api.answers[0].deaf:
                    api.closing.wait(30)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                api.asked.append(asked := Asked(self.command, self.path, self.headers, body))
                if api.reply:
                    made = api.reply(asked)
                    answer = made if isinstance(made, Answer) else Answer(body=made)
                else:
                    answer = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
                if answer.hang:
                    api.closing.wait(30)
                if answer.hang or answer.cut:
                    self.close_connection = True
                    return
                if answer.drip:
                    writer: Any = Dripping(self.wfile, lambda: api.closing.wait(answer.drip))
                    self.wfile = writer
                content = _bytes(answer)
                self.send_response(answer.status)
                length = len(content) + answer.short
                headers = {"Content-Type": "application/json", "Content-Length": str(length), **answer.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = self.close_connection or answer.short

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        return Handler


def _bytes(answer: Answer) -> bytes:
    if isinstance(answer.content, bytes):
        return answer.content
    if answer.content is not None:
        return answer.content.encode()
    return b"" if answer.body is None else json.dumps(answer.body).encode()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Forget what another test's API, on a port that is given out again, said of its limit."""
    RATE_LIMITS.clear()
    TOKENS.clear()


@pytest.fixture
def make_api() -> Iterator[Callable[[], Api]]:
    made: list[Api] = []

    def make() -> Api:
        made.append(Api())
        return made[-1]

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(make_api: Callable[[], Api]) -> Api:
    return make_api()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer
