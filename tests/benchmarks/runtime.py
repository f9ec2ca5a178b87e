"""Print what the runtime costs beside a bare Flask application that answers the same JSON.

    python tests/benchmarks/runtime.py [--rounds 15] [--only TEXT]

Every figure is a median over interleaved rounds (ours, bare, ours, bare, ...), so that a machine whose speed drifts
still gives a fair ratio. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

BARE = """\
import json
from pathlib import Path
from flask import Flask, request

app = Flask(__name__, static_folder=None)
listing = json.loads(Path(__file__).with_name("listing.json").read_text())

@app.post("/plain/v1/execute")
def execute():
    return {"data": request.get_json()["data"]}

@app.get("/app-config")
def app_config():
    return listing

@app.get("/health")
def health():
    return {"data": {"status": "healthy"}}
"""
ROUTE = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=request.data)
"""
SCHEMA = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {"id": "name", "type": "string", "label": "Name", "validation": {"required": True, "max_length": 200}},
        {"id": "email", "type": "string", "label": "Email", "format": "email"},
        {"id": "age", "type": "integer", "label": "Age", "validation": {"minimum": 0}},
        {"id": "kind", "type": "string", "label": "Kind", "choices": {"values": [{"value": "a", "label": "A"}]}},
        {"id": "tags", "type": "array", "label": "Tags", "items": {"type": "string"}},
        {"id": "object", "type": "string", "label": "Object", "validation": {"pattern": ".*"}},
    ],
}
# As the platform sends it: a template became a text, which is converted.
BODY = {
    "data": {
        "name": "Ada",
        "email": "ada@example.com",
        "age": "36",
        "kind": "a",
        "tags": ["x", "y"],
        "object": "contact",
    }
}


@dataclass(frozen=True)
class Request:
    """One HTTP request of a measurement."""

    method: str
    path: str
    body: bytes = b""


EXECUTE_PLAIN = Request("POST", "/plain/v1/execute", json.dumps(BODY).encode())
EXECUTE_CHECKED = Request("POST", "/checked/v1/execute", json.dumps(BODY).encode())
APP_CONFIG = Request("GET", "/app-config")


def main() -> None:
    """Run every measurement whose name holds `--only`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    measurements: dict[str, Callable[[int], None]] = {
        "cpu in one process": measure_cpu,
        "cpu of a served worker": measure_served_cpu,
        "throughput": measure_throughput,
        "start": measure_start,
        "memory": measure_memory,
    }
    for name, measure in measurements.items():
        if options.only in name:
            print(f"\n{name}", flush=True)
            measure(options.rounds)


def measure_cpu(rounds: int) -> None:
    """Compare CPU time per request inside one process each, with 1, 20 and 200 modules for the listing.

    Bare Flask writes no line for a request: the first figure of each pair has ours, the second has none either.
    """
    cases = [("execute, no validation", 1, EXECUTE_PLAIN), ("execute, validated", 1, EXECUTE_CHECKED)]
    cases += [(f"/app-config, {count} modules", count, APP_CONFIG) for count in (1, 20, 200)]
    for title, modules, request in cases:
        with connector(modules) as ours, bare(modules) as plain:
            pairs = [
                (cpu_per_request(ours, request), cpu_per_request(plain, bare_twin(request))) for _ in range(rounds)
            ]
            quiet = [
                (cpu_per_request(ours, request, LOG_LEVEL="WARNING"), cpu_per_request(plain, bare_twin(request)))
                for _ in range(rounds)
            ]
        report(title, "us", [(a * 1e6, b * 1e6) for a, b in pairs])
        report(f"{title}, no log lines", "us", [(a * 1e6, b * 1e6) for a, b in quiet])


def measure_served_cpu(rounds: int) -> None:
    """Compare the CPU time per request of one gunicorn worker, by the system's count of its threads."""
    for title, request in (("execute, no validation", EXECUTE_PLAIN), ("execute, validated", EXECUTE_CHECKED)):
        with connector(1) as ours, bare(1) as plain, served(ours) as a, served(plain) as b:
            twin = bare_twin(request)
            pairs = [(worker_cpu(a, request), worker_cpu(b, twin)) for _ in range(rounds)]
        report(title, "us", [(one * 1e6, other * 1e6) for one, other in pairs])


def measure_throughput(rounds: int) -> None:
    """Compare requests per second of one gunicorn worker with four threads under four keep-alive clients.

    And the CPU time that each costs the worker meanwhile, which other work on the machine changes less. First by
    gunicorn's own worker for both, then by gunicorn.conf.py for the connector.
    """
    cases = (("execute, no validation", EXECUTE_PLAIN), ("execute, validated", EXECUTE_CHECKED))
    for settings in (os.devnull, "gunicorn.conf.py"):
        for title, request in cases:
            with connector(1) as ours, bare(1) as plain, served(ours, settings) as a, served(plain) as b:
                twin = bare_twin(request)
                pairs = [(loaded(a, request), loaded(b, twin)) for _ in range(rounds)]
            named = title if settings == os.devnull else f"{title}, {settings}"
            report(named, "requests/s", [(one[0], other[0]) for one, other in pairs])
            report(f"{named}, CPU", "us", [(one[1] * 1e6, other[1] * 1e6) for one, other in pairs])


def measure_start(rounds: int) -> None:
    """Compare the time from starting gunicorn to the first healthy answer."""
    for modules in (1, 200):
        with connector(modules) as ours, bare(modules) as plain:
            pairs = [(start_seconds(ours), start_seconds(plain)) for _ in range(max(3, rounds // 3))]
        report(f"first healthy answer, {modules} modules", "s", pairs)


def measure_memory(rounds: int) -> None:
    """Compare the resident memory of a worker after a hundred requests."""
    del rounds  # memory hardly varies between runs
    with connector(2) as ours, bare(2) as plain, served(ours) as a, served(plain) as b:
        load(a.port, EXECUTE_CHECKED, seconds=0.5)
        load(b.port, EXECUTE_PLAIN, seconds=0.5)
        pair = (resident_mb(a.process.pid), resident_mb(b.process.pid))
    report("resident memory of a worker", "MB", [pair])


def report(title: str, unit: str, pairs: list[tuple[float, float]]) -> None:
    """Print the medians of ours and bare and the median of their ratios."""
    ours, plain = (statistics.median(values) for values in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"  {title:52} ours {ours:9.2f} {unit}   bare {plain:9.2f} {unit}   ratio {ratio:.2f}", flush=True)


def bare_twin(request: Request) -> Request:
    """Return the request that makes the bare application answer the same body."""
    return Request(request.method, request.path.replace("/checked/", "/plain/"), request.body)


@contextlib.contextmanager
def connector(modules: int) -> Iterator[Path]:
    """Render a connector that holds `modules` modules, the first without and the second with a form."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "bench"
        command = [sys.executable, "-m", "stacksync", "new", str(root), "--defaults", "--no-git", "--quiet"]
        subprocess.run(command, check=True)
        for example in ("create_contacts", "new_empty_action"):
            shutil.rmtree(root / "src" / "modules" / example)
        names = ["plain", "checked", *(f"module_{number}" for number in range(modules - 2))]
        for name in names[: max(modules, 2)]:
            version = root / "src" / "modules" / name / "v1"
            version.mkdir(parents=True)
            (version / "route.py").write_text(ROUTE)
            (version / "module_config.yaml").write_text(f"module_settings:\n  module_name: {name}\n")
            if name != "plain":
                (version / "schema.json").write_text(json.dumps(SCHEMA))
        yield root


@contextlib.contextmanager
def bare(modules: int) -> Iterator[Path]:
    """Make a bare Flask application whose listing has as many modules."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        item = {"module_id": "bench-plain-1", "app_type": "bench", "module_type": "plain", "module_category": "action"}
        item |= {"module_name": "Plain", "module_version": "1", "module_description": "", "module_path": "plain/v1"}
        listing = {"data": {"app_settings": {"app_type": "bench"}, "modules": [item] * modules}}
        (root / "listing.json").write_text(json.dumps(listing))
        (root / "main.py").write_text(BARE)
        yield root


IN_PROCESS = """\
import io, sys, time, json, os
sys.path.insert(0, os.getcwd())
method, path, body, count = sys.argv[1], sys.argv[2], sys.argv[3].encode(), int(sys.argv[4])
os.environ["ENVIRONMENT"] = "prod"
figures = os.fdopen(os.dup(1), "w")
sink = open(os.devnull, "w")
os.dup2(sink.fileno(), 1)  # request logs are written, as in production, and go nowhere
from main import app
def call():
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sink, "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False, "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json", "SCRIPT_NAME": "",
        "wsgi.input_terminated": True,
    }
    status = []
    answer = app(environ, lambda s, h, e=None: status.append(s))
    b"".join(answer)
    getattr(answer, "close", lambda: None)()
    assert status[0].startswith("200"), status
for _ in range(200):
    call()
begin = time.process_time()
for _ in range(count):
    call()
figures.write(str((time.process_time() - begin) / count))
"""


def cpu_per_request(root: Path, request: Request, count: int = 2000, **variables: str) -> float:
    """Return the CPU seconds that one request costs in a process of its own, with some environment variables."""
    arguments = [request.method, request.path, request.body.decode(), str(count)]
    done = subprocess.run(
        [sys.executable, "-c", IN_PROCESS, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **variables},
    )
    return float(done.stdout)


@dataclass(frozen=True)
class Server:
    """A gunicorn that serves `main:app`."""

    process: subprocess.Popen[bytes]
    port: int


@contextlib.contextmanager
def served(root: Path, config: str = os.devnull) -> Iterator[Server]:
    """Serve a folder's `main:app` with one gunicorn worker of four threads until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--no-control-socket"]
    settings += ["--max-requests", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", config, *settings, "main:app"],
        cwd=root,
        env={**os.environ, "ENVIRONMENT": "prod"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_healthy(port, process)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    """Poll `/health` until it answers 200."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            client.request("GET", "/health")
            if client.getresponse().status == 200:
                return
        time.sleep(0.002)
    raise SystemExit("the server did not start")


def start_seconds(root: Path) -> float:
    """Return the seconds from starting gunicorn to its first healthy answer."""
    begin = time.perf_counter()
    with served(root):
        return time.perf_counter() - begin


def loaded(server: Server, request: Request, seconds: float = 0.5) -> tuple[float, float]:
    """Return the answers per second under load, and the CPU seconds that each costs the worker."""
    tasks = Path(f"/proc/{worker_id(server.process.pid)}/task")
    begin = nanoseconds(tasks)
    rate = load(server.port, request, seconds)
    return rate, (nanoseconds(tasks) - begin) / 1e9 / (rate * seconds)


def load(port: int, request: Request, seconds: float = 2.0, clients: int = 4) -> float:
    """Send a request over and over from some keep-alive clients and return the answers per second.

    The clients share the machine with the worker, so they do no more than a load balancer does: of an answer they read
    the length. Python's own client would take as long for the headers of an answer as the worker for all of it.
    """
    counts = [0] * clients
    end = time.monotonic() + seconds

    def client(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            while time.monotonic() < end:
                connection.sendall(message(request))
                receive(connection)
                counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def message(request: Request) -> bytes:
    """Return a request as it is sent."""
    head = f"{request.method} {request.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(request.body)}\r\n\r\n".encode() + request.body


def receive(connection: socket.socket) -> None:
    """Read an answer, which must be a good one."""
    received, length = b"", None
    while length is None or len(received) < length:
        part = connection.recv(65_536)
        received += part
        if not part or not received.startswith(b"HTTP/1.1 200 "[: len(received)]):
            raise SystemExit(f"answered with {received[:80]!r}")
        head, found, _ = received.partition(b"\r\n\r\n")
        if found:
            length = len(head) + 4 + int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])


def worker_cpu(server: Server, request: Request, count: int = 400) -> float:
    """Return the CPU seconds that one request of a keep-alive client costs the worker."""
    tasks = Path(f"/proc/{worker_id(server.process.pid)}/task")
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    begin = nanoseconds(tasks)
    for _ in range(count):
        client.request(request.method, request.path, request.body, {"Content-Type": "application/json"})
        answer = client.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"status {answer.status}")
    return (nanoseconds(tasks) - begin) / 1e9 / count


def nanoseconds(tasks: Path) -> int:
    """Return the time that the threads of a process ran (the first figure of `schedstat`, man 5 proc)."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir())


def worker_id(master: int) -> str:
    """Return the process id of the one worker of a gunicorn master."""
    return Path(f"/proc/{master}/task/{master}/children").read_text().split()[0]


def resident_mb(master: int) -> float:
    """Return the resident memory, in MB, of the one worker of a gunicorn master."""
    status = Path(f"/proc/{worker_id(master)}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
