"""Clients that are slow on purpose hold nobody up, and lose their connection."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
import requests

from tests.operations.conftest import PATIENCE, Served, wait_until

from .worker import cpu_seconds, serve

__all__ = ["serve"]

HEAD = "POST /probe/v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SLOW_CLIENTS = 200
# What each sends at once; then it goes on byte by byte.
BEGINNINGS = {
    "nothing": "",
    "a request line": "POST /pro",
    "half a head": HEAD,
    "a head without its body": f"{HEAD}Content-Length: 1000\r\n\r\n",
    "half a body": f'{HEAD}Content-Length: 1000\r\n\r\n{{"data": ',
    "half a large body": f"{HEAD}Content-Length: 1000000\r\n\r\n" + " " * 70_000,
    "a head before a large body": f"{HEAD}Content-Length: 1000000\r\n\r\n",
    "half of the chunks": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\n     \r\n5\r\n ",
    "many chunks": f"{HEAD}Transfer-Encoding: chunked\r\n\r\n" + "100\r\n" + " " * 0x100 + "\r\n" + "5\r\n  ",
    "large chunks": f"{HEAD}Transfer-Encoding: chunked\r\n\r\nFFFFF\r\n" + " " * 70_000,
    "a wish to go on": f"{HEAD}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n",
}


@contextmanager
def slow_clients(served: Served, beginning: str) -> Iterator[list[socket.socket]]:
    """Connect many clients that send a byte each fifth of a second while the block runs."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", served.port), PATIENCE))
            for _ in range(SLOW_CLIENTS)
        ]
        stop = threading.Event()
        dripping = threading.Thread(target=drip, args=(clients, beginning.encode(), stop))
        dripping.start()
        try:
            yield clients
        finally:
            stop.set()
            dripping.join()


def drip(clients: list[socket.socket], beginning: bytes, stop: threading.Event) -> None:
    sent = beginning
    while True:
        for client in clients:
            with suppress(OSError):
                client.sendall(sent)
        sent = b" "
        if stop.wait(0.2):
            return


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    """Serve with the settings that a connector comes with."""
    return serve(WEB_CONCURRENCY="2")


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_health_answers_within_a_second_beside_200_slow_clients(served: Served, beginning: str) -> None:
    with slow_clients(served, BEGINNINGS[beginning]):
        for _ in range(10):
            begun = time.monotonic()
            assert requests.get(f"{served.url}/health", timeout=PATIENCE).status_code == 200
            assert time.monotonic() - begun < 1.0


def test_large_requests_are_answered_beside_slow_ones_that_are_small(served: Served) -> None:
    with slow_clients(served, BEGINNINGS["half a body"]):
        assert served.execute({"note": "x" * 300_000}).status_code == 200


@pytest.fixture(scope="module")
def impatient(serve: Callable[..., Served]) -> Served:
    """Serve for clients that have a second."""
    return serve(WEB_CLIENT_TIMEOUT="1")


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_request_that_is_not_whole_in_time_loses_its_connection(impatient: Served, beginning: str) -> None:
    begun = time.monotonic()
    with slow_clients(impatient, BEGINNINGS[beginning] or "P") as clients:
        for client in clients[::10]:
            wait_until_closed(client)

    assert time.monotonic() - begun < PATIENCE / 2


def wait_until_closed(client: socket.socket) -> None:
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass


def test_waiting_for_slow_clients_takes_no_cpu(served: Served) -> None:
    with slow_clients(served, BEGINNINGS["many chunks"]):
        before = cpu_seconds(served)
        threading.Event().wait(2)
        spent = cpu_seconds(served) - before

    assert spent < 1.0


def test_a_request_in_pieces_is_whole_wherever_it_was_cut(served: Served) -> None:
    body = b'{"data": {}}'
    fixed = HEAD.encode() + b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
    chunks = b"%x\r\n%s\r\n%x;ext=1\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (5, body[:5], len(body) - 5, body[5:])
    chunked = HEAD.encode() + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks
    for request in (fixed, chunked):
        for cut in range(len(request)):
            with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(request[:cut])
                client.sendall(request[cut:])
                assert client.recv(65536).startswith(b"HTTP/1.1 200"), (cut, request)


def test_requests_that_come_together_are_answered_one_after_the_other(served: Served) -> None:
    body = '{"data": {}}'
    request = f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    received = b""
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as client:
        client.sendall(request * 20)
        while received.count(b"HTTP/1.1 200") < 20:
            received += client.recv(65536)


def test_a_client_that_asks_before_it_sends_its_body_is_told_to(served: Served) -> None:
    body = b'{"data": {}}'
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as client:
        client.sendall(HEAD.encode() + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(body))
        assert client.recv(65536).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(body)
        received = b""
        while b"HTTP/1.1 200" not in received:
            received += client.recv(65536)


def test_slow_readers_of_large_answers_hold_nobody_up(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CLIENT_TIMEOUT="1", WEB_THREADS="4")
    body = '{"data": {"act": "large"}}'
    request = f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", served.port))) for _ in range(8)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(request)
        stop = threading.Event()

        def read_slowly() -> None:
            while not stop.wait(0.1):
                for client in clients:
                    with suppress(OSError):
                        client.recv(1024, socket.MSG_DONTWAIT)

        reading = threading.Thread(target=read_slowly)
        reading.start()
        wait_until(lambda: "A client stalled" in served.text(), "the first of them to be let go")
        assert requests.get(f"{served.url}/health", timeout=PATIENCE).status_code == 200
        stop.set()
        reading.join()
