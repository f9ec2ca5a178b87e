"""An API on this machine that notes what it is asked, for connectors that call it in every way there is."""

import gzip
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BIG = json.dumps({"rows": [{"name": "Ada", "number": number} for number in range(10_000)]}).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class CalledApi:
    """The API, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    times: Counter[str] = field(default_factory=Counter)
    held: threading.Event = field(default_factory=threading.Event)  # `/held` answers when it is set


@contextmanager
def called_api() -> Iterator[CalledApi]:
    """Serve it while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def answer_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            api.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
            name = self.path.partition("?")[0].strip("/")
            api.times[name] += 1
            getattr(self, f"answer_{name}", self.answer_echo)(body)

        do_GET = do_POST = do_PUT = do_HEAD = answer_any  # noqa: N815 - as the library calls them

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for key, value in {"Content_Type": "application/json", **headers}.items():
                self.send_header(key.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if self.command != "HEAD" else b"")

        def answer_echo(self, body: bytes) -> None:
            self.answer(200, json.dumps({"path": self.path, "body": body.decode("latin-1")}).encode())

        def answer_busy(self, _: bytes) -> None:
            busy = api.times["busy"] % 2
            self.answer(429 if busy else 200, b"{}", **({"Retry_After": "1"} if busy else {}))

        def answer_held(self, body: bytes) -> None:
            api.held.wait(30)
            self.answer_echo(body)

        def answer_moved(self, _: bytes) -> None:
            self.answer(302, b"", Location="/echo?from=moved")

        def answer_missing(self, _: bytes) -> None:
            self.answer(404, b'{"message": "no such thing"}')

        def answer_broken(self, _: bytes) -> None:
            self.answer(500, b"{}")

        def answer_token(self, _: bytes) -> None:
            self.answer(200, b'{"access_token": "learned-on-the-way-1"}', Set_Cookie="sid=kept-secret-cookie")

        def answer_packed(self, _: bytes) -> None:
            self.answer(200, gzip.compress(BIG), Content_Encoding="gzip")

        def answer_binary(self, _: bytes) -> None:
            self.answer(200, bytes(range(256)), Content_Type="image/png")

        def answer_chunks(self, _: bytes) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for _number in range(5):
                self.wfile.write(b"3e8\r\n" + b"y" * 1000 + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:  # of clients that close what they have not read
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        api = CalledApi(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()
