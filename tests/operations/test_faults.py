"""What a real gunicorn does when workers die, clients stall and platforms stop it, under the production settings."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from .conftest import PATIENCE, Served, wait_until

HEAD = "POST /probe/v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Held:
    """Requests that the server has begun to answer and goes on with when told to."""

    def __init__(self, served: Served, folder: Path, count: int) -> None:
        self.started, self.go_on = folder / "started", folder / "go_on"
        self.started.touch()
        data = {"act": "wait_for_file", "started": str(self.started), "go_on": str(self.go_on)}
        self.pool = ThreadPoolExecutor(count)
        self.futures: list[Future[requests.Response]] = [self.pool.submit(served.execute, data) for _ in range(count)]
        wait_until(lambda: len(self.pids()) == count, f"{count} requests to begin")

    def pids(self) -> list[int]:
        return [int(line) for line in self.started.read_text().splitlines()]

    def finish(self) -> list[int | str]:
        """Let them go on, and return their statuses, or the kind of failure."""
        self.go_on.touch()
        outcomes: list[int | str] = []
        for future in self.futures:
            error = future.exception(PATIENCE)
            outcomes.append(type(error).__name__ if error else future.result().status_code)
        self.pool.shutdown()
        return outcomes


def test_a_worker_killed_in_mid_request(
    tmp_path: Path, connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(), WEB_CONCURRENCY="2")
    held = Held(served, tmp_path, 1)
    [killed] = held.pids()
    os.kill(killed, signal.SIGKILL)

    assert [served.execute({}).status_code for _ in range(20)] == [200] * 20
    assert held.finish() == ["ConnectionError"]
    seen: set[int] = set()

    def two_have_answered() -> bool:
        seen.add(int(served.execute({}).json()["data"]["pid"]))
        return len(seen) > 1

    wait_until(two_have_answered, "a second worker to answer again")
    assert killed not in seen


def test_a_module_that_ends_its_process(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")
    with pytest.raises(requests.ConnectionError):
        served.execute({"act": "die"})

    assert served.execute({}).status_code == 200


def test_slow_requests_do_not_hold_up_health(
    tmp_path: Path, connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")
    held = Held(served, tmp_path, 20)

    assert [requests.get(f"{served.url}/health", timeout=5).status_code for _ in range(20)] == [200] * 20
    assert held.finish() == [200] * 20


def test_no_accepted_request_is_lost_at_sigterm(
    tmp_path: Path, connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector())
    held = Held(served, tmp_path, 20)
    answered: set[str] = set()
    stop = threading.Event()

    def call(thread: int) -> None:
        """Send one request after the other until told to stop, or until the server takes no more."""
        with requests.Session() as session:
            for number in range(1_000_000):
                identity = f"load-{thread}-{number}"
                try:
                    session.get(f"{served.url}/health", headers={"X-Request-ID": identity}, timeout=PATIENCE)
                except requests.ConnectionError:
                    return
                answered.add(identity)
                if stop.is_set():
                    return

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(call, thread) for thread in range(4)]
        wait_until(lambda: len(answered) > 100, "the load to build up")
        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in served.text(), "the server to begin its stop")
        outcomes = held.finish()
        status = served.process.wait(PATIENCE)
        stop.set()
        for caller in callers:
            caller.result(PATIENCE)

    served_ids = {line["request_id"] for line in served.requests_logged() if line["request_id"].startswith("load-")}
    assert outcomes == [200] * 20
    assert served_ids == answered
    assert status == 0


def test_workers_are_recycled_without_losing_a_request(
    connector: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    served = serve(connector(), GUNICORN_CMD_ARGS="--max-requests 30 --max-requests-jitter 5")

    def call(_: Any) -> tuple[int, int]:
        reply = served.execute({})
        return reply.status_code, reply.json()["data"]["pid"]

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(call, range(120)))

    assert {status for status, _ in replies} == {200}
    assert len({pid for _, pid in replies}) > 2


def test_clients_that_stall_are_let_go(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1", WEB_THREADS="2", WEB_CLIENT_TIMEOUT="1")
    half_head, half_body = HEAD, f'{HEAD}Content-Length: 1000\r\n\r\n{{"data": '

    with ExitStack() as stack:
        clients = [stack.enter_context(connect(served, text)) for text in [half_head, half_body] * 2]
        before = time.monotonic()
        assert served.execute({}).status_code == 200
        assert time.monotonic() - before < PATIENCE / 2
        replies = [read_all(client) for client in clients]

    assert [reply[:12] for reply in replies] == [b"", b"HTTP/1.1 400"] * 2
    served.stop()
    assert {line["level"] for line in served.lines()} == {"INFO", "WARNING"}


def test_a_client_that_leaves_after_half_a_body(connector: Callable[..., Path], serve: Callable[..., Served]) -> None:
    served = serve(connector(), WEB_CONCURRENCY="1")
    with connect(served, f'{HEAD}Content-Length: 1000\r\n\r\n{{"data": ') as client:
        client.shutdown(socket.SHUT_WR)
        reply = read_all(client)
    for _ in range(50):
        connect(served, f'{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n{{"d').close()

    assert reply.startswith(b"HTTP/1.1 400 BAD REQUEST")
    assert served.execute({}).status_code == 200
    served.stop()
    assert {line["level"] for line in served.lines()} <= {"INFO", "WARNING"}


def connect(served: Served, text: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", served.port), PATIENCE)
    client.sendall(text.encode())
    return client


def read_all(client: socket.socket) -> bytes:
    received = b""
    while part := client.recv(4096):
        received += part
    return received
