"""Send a connector random requests, raw and JSON, and print what came back that should not; then whether memory stays.

    python -m tests.benchmarks.attacks [--requests 100000] [--repeated 50000] [--seed 1]

Needs `PYTHONPATH=cli:template`. Bounded: each request is at most some kilobytes, each answer is waited for at most ten
seconds. What is printed must be 0, but for the counts by status and for requests whose head never ends: gunicorn has
nothing to answer there, and closes. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks.worker import PROBE, resident_mb
from tests.operations.conftest import Served, make_connector, serving

CLIENTS = 4
PATHS = [
    "/",
    "/health",
    "/ready",
    "/routes",
    "/app-config",
    "/modules-list",
    "/hostile/v1/execute",
    "/hostile/v1/schema",
]
PATHS += [
    "/hostile/v1/content",
    "/hostile/v1/status",
    "/probe/v1/execute",
    "/nowhere/v1/execute",
    "/../etc/passwd",
    "//",
]
METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "BREW", "get", ""]
TYPES = ["application/json", "application/json; charset=utf-16", "text/plain", "multipart/form-data", "a/b+json", ""]
TEXTS = [
    "",
    "x",
    "é",
    "\u0000",
    "\ud800",
    "{{ MODULE.x.output }}",
    "../..",
    "%s%n",
    "1e999",
    "NaN",
    "__proto__",
    "a" * 2000,
]
STATUS_LINE = re.compile(rb"HTTP/1\.\d (\d{3}) ")
# Why there was no reply, by what was sent and what became of the connection.
UNFINISHED = "the head never ends"
SCALARS = [None, True, False, 0, -1, 1.5, 10**40, 1e308, *TEXTS]
KEYS = [
    "data",
    "credentials",
    "connection_data",
    "value",
    "form_data",
    "content_object_names",
    "id",
    "rows",
    "way",
    "pin",
]
KEYS += ["note", "account", "email", "status", "act", *TEXTS]


@dataclass
class Outcome:
    """What came back, added up over all clients."""

    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, request: bytes, reply: bytes, ended: str) -> None:
        """Judge one reply, and how its connection ended."""
        # Gunicorn answers in the version that it was asked in.
        line = STATUS_LINE.match(reply)
        if line is None:
            self.add_unanswered(request, reply, ended)
            return

        status = int(line[1])
        head, _, body = reply.partition(b"\r\n\r\n")
        # Behind it stand answers to what was sent behind the first request.
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = body[: int(length[1])] if length and not request.startswith(b"HEAD") else b""
        with self.lock:
            self.statuses[status] += 1
            if b"Traceback" in reply or (b".py" in body and b'"route_files"' not in body):
                self.traces.append(repr(request[:200]))
            # Gunicorn itself answers what is no HTTP, and the start page is HTML.
            own = b"X-Request-ID" in head
            if status == 500 and not own:
                self.failed.append(f"{request[:200]!r} -> {reply[:300]!r}")
            if own and body and b"text/html" not in head and not is_envelope(status, body):
                self.outside.append(f"{request[:200]!r} -> {reply[:300]!r}")

    def add_unanswered(self, request: bytes, reply: bytes, ended: str) -> None:
        """Say why a request has no reply; whatever else is the connector's fault."""
        kind = UNFINISHED if b"\r\n\r\n" not in request and not reply else ended
        with self.lock:
            self.unanswered[kind] += 1
            if kind != UNFINISHED:
                self.unexplained.append(f"{request[:200]!r} -> {reply[:100]!r}: {ended}")


def is_envelope(status: int, body: bytes) -> bool:
    """Say whether an answer has the platform's form."""
    try:
        answer = json.loads(body)
    except ValueError:
        return False

    wanted = {"error", "data", "metadata"} if status >= 400 and "schema" not in str(answer.get("data")) else {"data"}
    return wanted <= set(answer)


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--repeated", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with connector() as served:
        fuzz(served, options.requests, options.seed)
    with connector(GUNICORN_CMD_ARGS="--max-requests 0") as served:
        repeat(served, options.repeated)


@contextmanager
def connector(**environment: str) -> Iterator[Served]:
    """Serve a connector with one worker, which lives as long as the block."""
    with tempfile.TemporaryDirectory() as folder, serving() as start:
        root = make_connector(Path(folder))
        shutil.copytree(PROBE, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        yield start(root, WEB_CONCURRENCY="1", **environment)


def fuzz(served: Served, count: int, seed: int) -> None:
    """Send random requests, half of them well-formed HTTP with a JSON body, half of them any bytes near to that."""
    outcome = Outcome()

    def client(number: int) -> None:
        dice = random.Random(seed * CLIENTS + number)
        for _ in range(count // CLIENTS):
            request = json_request(dice) if dice.random() < 0.5 else raw_request(dice)
            outcome.add(request, *exchange(served.port, request))

    together(client)
    log = [json.loads(line) for line in served.text().splitlines() if line.startswith("{")]
    errors = [line for line in log if line["level"] == "ERROR"]
    own = [line for line in errors if not is_of_module(line)]
    print(f"{count} requests, by status: {dict(sorted(outcome.statuses.items()))}")
    print(f"without a reply: {dict(outcome.unanswered)}")
    print(f"without a reply, and nothing explains it: {len(outcome.unexplained)}", *outcome.unexplained[:5], sep="\n  ")
    print(f"answers outside the envelope: {len(outcome.outside)}", *outcome.outside[:5], sep="\n  ")
    print(f"stack traces: {len(outcome.traces)}", *outcome.traces[:5], sep="\n  ")
    print(f"500s of gunicorn's: {len(outcome.failed)}", *outcome.failed[:5], sep="\n  ")
    print(f"500s of our own: {len(own)} (of modules: {len(errors) - len(own)})")
    for line in own[:5]:
        print("  ", line.get("message"), line.get("traceback", "")[-300:])


def is_of_module(line: dict[str, Any]) -> bool:
    """Say whether a module raised an error, or returned what is no answer."""
    return "/src/modules/" in line.get("traceback", "") or line.get("route") == "/hostile/v1/status"


def json_request(dice: random.Random) -> bytes:
    """Make a request whose body is JSON of any shape."""
    body = json.dumps(value(dice, 5)).encode()
    head = f"{dice.choice(METHODS[:7])} {dice.choice(PATHS)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    return f"{head}Content-Type: {dice.choice(TYPES)}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def value(dice: random.Random, depth: int) -> Any:
    """Make a value of JSON."""
    kind = dice.random()
    if depth == 0 or kind < 0.3:
        return dice.choice(SCALARS)
    if kind < 0.5:
        return [value(dice, depth - 1) for _ in range(dice.randrange(4))]

    return {dice.choice(KEYS): value(dice, depth - 1) for _ in range(dice.randrange(5))}


def raw_request(dice: random.Random) -> bytes:
    """Make a request that somebody else might have made wrong: parts of one, changed, doubled or left out."""
    parts = [
        f"{dice.choice(METHODS)} {dice.choice(PATHS)}{dice.choice(TEXTS)} HTTP/1.{dice.randrange(3)}\r\n",
        "Host: x\r\n",
        "Connection: close\r\n",
        f"Content-Type: {dice.choice(TYPES)}\r\n",
        (
            f"{dice.choice(['Content-Length', 'Transfer-Encoding', 'Content-Encoding'])}: "
            f"{dice.choice(['5', '-1', 'chunked', 'gzip', '5, 5', ''])}\r\n"
        ),
        f"X-{dice.choice(['Request-ID', 'Forwarded-For', 'Connector-Token'])}: {dice.choice(TEXTS)}\r\n",
        "\r\n",
        json.dumps(value(dice, 3)),
    ]
    for _ in range(dice.randrange(3)):
        place = dice.randrange(len(parts))
        parts[place] = dice.choice([parts[place] * 2, "", parts[place][::-1], parts[place].replace("\r", "")])
    raw = bytearray("".join(parts).encode("utf-8", "surrogatepass"))
    for _ in range(dice.randrange(3)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.randrange(256)
    return bytes(raw)


def exchange(port: int, request: bytes) -> tuple[bytes, str]:
    """Send a request, say that it is all, and return what comes back, and how the connection ended."""
    reply, ended = b"", "closed"
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                reply += part
    except OSError as error:
        ended = type(error).__name__
    return reply, ended


def repeat(served: Served, count: int) -> None:
    """Print the worker's memory while it answers the same few requests over and over, errors and log lines included."""
    bodies = [
        {"data": {}},
        {"data": {"way": "in a logged exception", "note": "a note of some length", "pin": "4711"}},
        {"data": {"way": "from a thread", "account": {"connection_data": {"value": {"key": "sk_0123456789"}}}}},
        {"data": {"way": "from a pool", "note": "another note of some length"}},
        {"data": {"note": "x" * 2000}},
    ]
    raw = [json.dumps(body).encode() for body in bodies]
    head = "POST /hostile/v1/execute HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
    for part in range(5):
        together(
            lambda number: [
                exchange(served.port, f"{head}{len(body)}\r\n\r\n".encode() + body)
                for body in raw * (count // 5 // CLIENTS // len(raw))
            ]
        )
        print(f"after {(part + 1) * count // 5} requests: {resident_mb(served):.1f} MB", flush=True)


def together(client: Callable[[int], Any]) -> None:
    """Run some clients at once."""
    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
