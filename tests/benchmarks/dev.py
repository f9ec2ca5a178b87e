"""Print how fast `stacksync dev` serves what is saved, and what clients see: python tests/benchmarks/dev.py [RUNS]."""

import itertools
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event, Thread

from stacksync.connector import Connector
from stacksync.dev.ports.listening import listen
from stacksync.dev.processes.supervisor import Supervisor
from stacksync.dev.session import DevSession

ROUTE = "src/modules/probe/v1/route.py"
CODE = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data={number})
"""
CLIENTS, RELOADS = 4, 10
PAUSE = 1.5  # as long as it takes to read what came of a change, and longer than a spare process takes to warm up


def main(runs: int = 15) -> None:
    """Print medians in seconds, and counts."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "connector"
        command = [sys.executable, "-m", "stacksync", "new", str(root), "--defaults", "--quiet", "--no-git"]
        subprocess.run(command, check=True)
        (root / ROUTE).parent.mkdir(parents=True)
        numbers = itertools.count()
        save(root, next(numbers))

        show("save to served, plain restart", [restarted(root, next(numbers)) for _ in range(runs)])
        with served(root) as session:
            show("save to served, stacksync dev", [reloaded(session, next(numbers)) for _ in range(runs)])
            print_load(session, numbers)


def show(name: str, times: list[float]) -> None:
    """Print a line of figures."""
    print(f"{name:<32} {median(times):.3f} s   (fastest {min(times):.3f}, slowest {max(times):.3f}, of {len(times)})")


@contextmanager
def served(root: Path) -> Iterator[DevSession]:
    """Serve a connector as `stacksync dev` does."""
    listener = listen(0)
    session = DevSession(Connector(root), listener.address)
    with Supervisor(session, Path(sys.executable), listener):
        until(lambda: session.state["state"] == "ready")
        yield session


def reloaded(session: DevSession, number: int) -> float:
    """Return how long it takes from a save until it is served."""
    time.sleep(PAUSE)
    started = time.perf_counter()
    save(session.connector.root, number)
    until(lambda: answer(session.address) == number)
    return time.perf_counter() - started


def restarted(root: Path, number: int) -> float:
    """Return how long it takes from a save until a new `python main.py` serves it, when the old one is gone."""
    save(root, number)
    with listen(0).socket as free:
        port = free.getsockname()[1]
    settings = (root / "app_config.yaml").read_text().splitlines()
    lines = [f"  port: {port}" if line.startswith("  port:") else line for line in settings]
    (root / "app_config.yaml").write_text("\n".join(lines) + "\n")
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "main.py"], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: answer(f"http://127.0.0.1:{port}") == number)
        taken = time.perf_counter() - started
        process.terminate()
    return taken


def print_load(session: DevSession, numbers: Iterator[int]) -> None:
    """Print what some clients get that ask without a pause while the connector is reloaded."""
    over = Event()
    outcomes: Counter[str] = Counter()
    times: list[float] = []
    clients = [Thread(target=ask, args=(session.address, over, outcomes, times)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for _ in range(RELOADS):
        reloaded(session, next(numbers))
    over.set()
    for client in clients:
        client.join()
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    print(f"{RELOADS} reloads under {CLIENTS} clients: {counts}; slowest answer {max(times):.3f} s")


def ask(address: str, over: Event, outcomes: "Counter[str]", times: list[float]) -> None:
    """Ask until it is over, and count what comes of it."""
    while not over.is_set():
        started = time.perf_counter()
        try:
            answer(address, strict=True)
            outcomes["answered"] += 1
        except OSError as error:
            outcomes[str(error)] += 1
        times.append(time.perf_counter() - started)


def answer(address: str, *, strict: bool = False) -> object:
    """Return what the module answers; nothing where nobody does."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/probe/v1/execute", b'{"data": {}}', headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)["data"]
    except urllib.error.URLError:
        if strict:
            raise
        return None


def save(root: Path, number: int) -> None:
    """Save the module, so that it answers the number."""
    (root / ROUTE).write_text(CODE.format(number=number))


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    while not condition():
        time.sleep(0.002)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
