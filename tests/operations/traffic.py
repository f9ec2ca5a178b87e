"""Requests that keep coming, and what stands in front of two instances: both as small as a test can be."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import requests

from ..ports import free_port
from .conftest import PATIENCE, wait_until

CALLERS = 4
BODY = {"data": {"act": "wait", "seconds": 0.02}}  # long enough that some are always in work


@dataclass
class Traffic:
    """Calls that are made one after another by a few callers, each over a connection of its own as from a balancer."""

    url: str
    outcomes: Counter[int | str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self) -> None:
        """Call until told to stop."""
        while not self.stop.is_set():
            outcome: int | str
            try:
                outcome = requests.post(f"{self.url}/probe/v1/execute", json=BODY, timeout=PATIENCE).status_code
            except requests.RequestException as error:
                outcome = type(error).__name__
            with self.lock:
                self.outcomes[outcome] += 1

    def wait_for_more(self, count: int = 40) -> None:
        """Wait until so many more calls were answered."""
        before = self.outcomes[200]
        wait_until(lambda: self.outcomes[200] >= before + count, f"{count} more answers, there are {self.outcomes}")


@contextmanager
def traffic(url: str) -> Iterator[Traffic]:
    """Have calls made while the block runs; all of them have an outcome at its end."""
    calls = Traffic(url)
    callers = [threading.Thread(target=calls.call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    try:
        calls.wait_for_more()
        yield calls
        calls.wait_for_more()
    finally:
        calls.stop.set()
        for caller in callers:
            caller.join()


class Balancer:
    """Passes each new connection on to one of the ports in rotation."""

    def __init__(self) -> None:
        self.rotation: list[int] = []
        self.passed: Counter[int] = Counter()
        self.port = free_port()
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            for number in range(1_000_000):
                client, _ = self.listener.accept()
                port = self.rotation[number % len(self.rotation)]
                self.passed[port] += 1
                server = socket.create_connection(("127.0.0.1", port), PATIENCE)
                done = self._when_both_end(client, server, port)
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=(one, other, done), daemon=True).start()

    def _when_both_end(self, client: socket.socket, server: socket.socket, port: int) -> threading.Barrier:
        def forget() -> None:
            client.close()
            server.close()
            self.passed[port] -= 1

        return threading.Barrier(2, forget)

    def take_out(self, port: int) -> None:
        """Send nothing more to a port, and wait until nothing is on its way there: what a preStop pause is for."""
        self.rotation = [each for each in self.rotation if each != port]
        wait_until(lambda: self.passed[port] == 0, "the connections to end")

    def close(self) -> None:
        """Take no more connections."""
        self.listener.close()


def _pass_on(one: socket.socket, other: socket.socket, done: threading.Barrier) -> None:
    with suppress(OSError):
        while part := one.recv(65536):
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
    done.wait(PATIENCE)
