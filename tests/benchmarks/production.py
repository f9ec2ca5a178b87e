"""Print what a connector does with an hour's worth of requests, sent at once, under its production settings.

    python tests/benchmarks/production.py [--requests 36000] [--callers 16] [--workers 2] [--json]

36,000 requests are ten a second for an hour, of each kind that the platform sends. They come from a process of its own
over connections that stay open, as those of a load balancer do. The second table, the cost of each kind, is the time
that the workers used their CPU, which a busy machine does not change. Nothing is asserted. documentation/capacity.md
has the figures.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any, TypeAlias

GREET = {"data": {"name": "Ada", "language": "fr"}}
LISTS = {"data": {"content_object_names": [{"id": "languages"}], "form_data": {}}}
CRM = {
    "data": {
        "connection": {"id": "c", "connection_data": {"value": {"access_token": "t"}}},
        "crm": "hubspot",
        "contacts": [{"email": f"{number}@example.com"} for number in range(20)],
        "all_or_none": "perhaps",
    }
}


Results: TypeAlias = "Queue[tuple[list[float], int]]"


@dataclass(frozen=True)
class Kind:
    """One kind of request.

    Args:
        share: How many of a hundred are of this kind.
        status: What it is answered with.
    """

    name: str
    method: str
    path: str
    body: dict[str, Any] | None
    share: int
    status: int = 200


KINDS = (
    Kind("execute, small form", "POST", "/new_empty_action/v1/execute", GREET, 60),
    Kind("execute, large form, refused", "POST", "/create_contacts/v1/execute", CRM, 15, 400),
    Kind("content", "POST", "/new_empty_action/v1/content", LISTS, 10),
    Kind("schema", "POST", "/create_contacts/v1/schema", {}, 5),
    Kind("app-config", "GET", "/app-config", None, 5),
    Kind("health", "GET", "/health", None, 5),
)


@dataclass
class Server:
    """A gunicorn with its workers."""

    port: int
    master: int
    seconds_to_start: float

    @property
    def workers(self) -> list[int]:
        """The processes of the workers."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        return [int(child) for child in children]

    def cpu(self) -> float:
        """The seconds of CPU that the workers have used."""
        ticks = 0
        for worker in self.workers:
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """The megabytes of master and workers together, what they share counted once (PSS)."""
        total = 0
        for process in (self.master, *self.workers):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        return total / 1024


@contextmanager
def served(workers: int) -> Iterator[Server]:
    """Serve a new connector as its image does, but for the number of workers."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "connector"
        subprocess.run(
            [sys.executable, "-m", "stacksync", "new", root, "--defaults", "--quiet", "--no-git"], check=True
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = {
            "ENVIRONMENT": "prod",
            "WEB_CONCURRENCY": str(workers),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }
        command = ["gunicorn", "main:app", "--bind", f"127.0.0.1:{port}", "--max-requests", "0"]
        started = time.perf_counter()
        with (
            (Path(folder) / "log").open("w") as log,
            subprocess.Popen(command, cwd=root, env=settings, stdout=log, stderr=log) as process,
        ):
            wait_healthy(port)
            yield Server(port, process.pid, time.perf_counter() - started)
            process.send_signal(signal.SIGTERM)


def wait_healthy(port: int) -> None:
    """Wait for the first answer."""
    while not is_healthy(port):
        time.sleep(0.01)


def is_healthy(port: int) -> bool:
    """Say whether it answers."""
    try:
        return call(http.client.HTTPConnection("127.0.0.1", port, timeout=5), KINDS[-1]) == 200
    except OSError:
        return False


def call(connection: http.client.HTTPConnection, kind: Kind) -> int:
    """Send one request and return its status."""
    body = None if kind.body is None else json.dumps(kind.body)
    connection.request(kind.method, kind.path, body, {"Content-Type": "application/json"})
    with connection.getresponse() as reply:
        reply.read()
        return reply.status


def send(port: int, kinds: list[Kind], results: Results) -> None:
    """Send requests one after another, and report their seconds and how many were not answered as they should be."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    answers = [timed(connection, kind) for kind in kinds]
    connection.close()
    results.put(([seconds for seconds, _ in answers], sum(not is_right for _, is_right in answers)))


def timed(connection: http.client.HTTPConnection, kind: Kind) -> tuple[float, bool]:
    """Send one request; return how long it took, and whether it was answered as it should be."""
    started = time.perf_counter()
    try:
        is_right = call(connection, kind) == kind.status
    except (OSError, http.client.HTTPException):
        connection.close()
        is_right = False
    return time.perf_counter() - started, is_right


def mixed(count: int) -> list[Kind]:
    """Return so many requests, the kinds well mixed."""
    hundred = [kind for kind in KINDS for _ in range(kind.share)]
    return [hundred[index * 37 % 100] for index in range(count)]


def hour(server: Server, count: int, callers: int) -> dict[str, float]:
    """Send an hour's worth."""
    results: Results = Queue()
    before = server.memory()
    started = time.perf_counter()
    processes = [Process(target=send, args=(server.port, mixed(count // callers), results)) for _ in range(callers)]
    for process in processes:
        process.start()
    answers = [results.get() for _ in processes]
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    times = sorted(each for part, _ in answers for each in part)
    percentiles = {f"p{each} ms": times[len(times) * each // 100] * 1000 for each in (50, 90, 99)}
    return {
        "requests": len(times),
        "not answered as they should be": sum(wrong for _, wrong in answers),
        "seconds": seconds,
        "requests a second": len(times) / seconds,
        **percentiles,
        "slowest ms": times[-1] * 1000,
        "memory at the start MB": before,
        "memory at the end MB": server.memory(),
    }


def costs(server: Server, count: int = 1500, rounds: int = 3) -> dict[str, float]:
    """Return the milliseconds of CPU that a request of each kind costs: the median of some rounds."""
    connection, found = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60), {}
    for kind in KINDS:
        measured = []
        for _ in range(rounds):
            before = server.cpu()
            for _ in range(count):
                call(connection, kind)
            measured.append((server.cpu() - before) / count * 1000)
        found[kind.name] = statistics.median(measured)
    connection.close()
    return found


def main() -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=36_000)
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with served(options.workers) as server:
        figures = {"seconds to start": server.seconds_to_start, **hour(server, options.requests, options.callers)}
        cost = costs(server)
    if options.json:
        print(json.dumps({"hour": figures, "cpu_ms": cost}, indent=2))
        return

    for title, rows in (("an hour at once", figures), ("CPU of a request, ms", cost)):
        print(f"| {title} | |\n|---|---:|")
        for name, value in rows.items():
            print(f"| {name} | {value:.2f} |" if isinstance(value, float) else f"| {name} | {value} |")
        print()


if __name__ == "__main__":
    main()
