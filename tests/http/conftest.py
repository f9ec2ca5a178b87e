"""A scripted API on this machine: it answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None
    content: str | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Message
    body: bytes


class Api:
    """Answers are used up in order; the last one stays."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [Answer(body={"ok": True})]
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
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
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                api.asked.append(Asked(self.command, self.path, self.headers, body))
                answer = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
                if answer.hang:
                    api.closing.wait(30)
                if answer.hang or answer.cut:
                    self.close_connection = True
                    return
                content = _bytes(answer)
                self.send_response(answer.status)
                headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **answer.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

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
