"""A public address for the connector, by a program that the developer has: ngrok or cloudflared."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import Any

from stacksync.dev.processes.child import child
from stacksync.dev.session import DevSession
from stacksync.errors import StacksyncError


@dataclass(frozen=True)
class TunnelOutput:
    """What a line of a tunnel program tells: the public address, what went wrong, or nothing."""

    address: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Program:
    """A program that opens tunnels.

    Args:
        name: What it is called, on the path and in messages.
        arguments: What makes it open one; the connector's address follows.
        read: Tells what a line that it prints means.
    """

    name: str
    arguments: tuple[str, ...]
    read: Callable[[str], TunnelOutput]


def _read_ngrok(line: str) -> TunnelOutput:
    """Read a line of JSON, or of the text that ngrok writes when it gives up: `ERROR:  authentication failed: ...`.

    https://ngrok.com/docs/agent/cli (--log-format json); `lvl` is `eror` or `crit` when something is wrong.
    """
    if line.startswith("ERROR:"):
        return TunnelOutput(fault=_one_line(line.removeprefix("ERROR:")))

    try:
        entry: Any = json.loads(line)
    except ValueError:
        return TunnelOutput()

    if not isinstance(entry, dict):
        return TunnelOutput()
    if entry.get("msg") == "started tunnel":
        return TunnelOutput(address=str(entry.get("url", "")))
    if entry.get("lvl") in ("eror", "crit"):
        return TunnelOutput(fault=_one_line(str(entry.get("err") or entry.get("msg"))))
    return TunnelOutput()


# In a box on stderr. `api.` is where it asks for one, and stands in its errors.
_QUICK_TUNNEL = re.compile(r"https://(?!api\.)[a-z0-9-]+\.trycloudflare\.com")


def _read_cloudflared(line: str) -> TunnelOutput:
    """Read a line such as `2026-01-16T08:32:58Z INF |  https://some-words.trycloudflare.com  |`.

    https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/do-more-with-tunnels/trycloudflare/
    """
    address = _QUICK_TUNNEL.search(line)
    if address:
        return TunnelOutput(address=address[0])

    fault = re.match(r"\S+ (?:ERR|FTL) (.*)|(failed to .*)", line)
    return TunnelOutput(fault=_one_line(fault[1] or fault[2])) if fault else TunnelOutput()


PROGRAMS = (
    Program("ngrok", ("http", "--log=stdout", "--log-format=json"), _read_ngrok),
    Program("cloudflared", ("tunnel", "--no-autoupdate", "--url"), _read_cloudflared),
)


def find_program() -> Program:
    """Return the first tunnel program there is.

    Raises:
        StacksyncError: There is none.
    """
    for program in PROGRAMS:
        if shutil.which(program.name):
            return program

    raise StacksyncError(
        "--tunnel needs ngrok or cloudflared, and neither was found.",
        "install one: https://ngrok.com/download (free account) or "
        "https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/ (no account)",
    )


@contextmanager
def tunnel(program: Program, session: DevSession) -> Iterator[None]:
    """Keep a tunnel to the connector open; the session tells its address, and `tunnel` events what becomes of it."""
    found, ended = shutil.which(program.name) or program.name, Flag()
    with child([found, *program.arguments, session.address], session.connector.root) as process:
        Thread(target=_follow, args=(program, process, session, ended), daemon=True).start()
        try:
            yield
        finally:
            ended.set()


def _follow(program: Program, process: "subprocess.Popen[str]", session: DevSession, ended: Flag) -> None:
    assert process.stdout
    fault = ""
    with process.stdout as lines:
        for line in lines:
            said = program.read(line)
            fault = said.fault or fault
            if said.address and said.address != session.public_address:
                session.public_address = said.address
                session.events.publish("tunnel", address=said.address, fault="")

    session.public_address = None
    if not ended.is_set():
        session.events.publish("tunnel", address=None, fault=f"{program.name} ended: {fault or 'it did not say why'}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
