"""Tunnels, by stand-ins that print what ngrok and cloudflared print."""

import os
import signal
from pathlib import Path

import pytest

from stacksync.connector import Connector
from stacksync.dev.session import DevSession
from stacksync.dev.tunnel import PROGRAMS, TunnelOutput, find_program, tunnel
from stacksync.errors import StacksyncError
from tests.dev.stand_ins import FOREVER, StandIns

NGROK, CLOUDFLARED = PROGRAMS
pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts stand in for the programs")

STARTED = """\
print("not json")
print(json.dumps({"lvl": "info", "msg": "open config file", "err": None}))
print(json.dumps({"lvl": "info", "msg": "started tunnel", "url": "https://abc.ngrok-free.app"}), flush=True)
"""
BOX = """\
print("2026-01-16T08:32:54Z INF Requesting new quick Tunnel on trycloudflare.com...", file=sys.stderr)
print("2026-01-16T08:32:58Z INF |  https://some-words.trycloudflare.com                |", file=sys.stderr, flush=True)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    (tmp_path / "bin").mkdir()
    stand_ins = StandIns(tmp_path / "bin")
    monkeypatch.setenv("PATH", stand_ins.path)
    return stand_ins


@pytest.fixture
def session(tmp_path: Path) -> DevSession:
    return DevSession(Connector(tmp_path), "http://127.0.0.1:2003")


@pytest.mark.parametrize(
    "body, name, address, arguments",
    [
        (STARTED, "ngrok", "https://abc.ngrok-free.app", ["http", "--log=stdout", "--log-format=json"]),
        (BOX, "cloudflared", "https://some-words.trycloudflare.com", ["tunnel", "--no-autoupdate", "--url"]),
    ],
)
def test_the_public_address_is_told_and_the_program_ended(
    programs: StandIns, session: DevSession, body: str, name: str, address: str, arguments: list[str]
) -> None:
    programs.add(name, body + FOREVER)

    with tunnel(find_program(), session):
        (event,) = session.events.wait(0, timeout=30)
        assert session.public_address == address

    assert (event.kind, event.data) == ("tunnel", {"address": address, "fault": ""})
    called, ended = programs.calls(name)
    assert called["arguments"] == [*arguments, "http://127.0.0.1:2003"]
    assert ended == {"signal": signal.SIGINT}
    assert len(session.events.since(0)) == 1


def test_a_tunnel_that_dies_is_told(programs: StandIns, session: DevSession) -> None:
    reason = {"lvl": "crit", "msg": "command failed", "err": "authentication failed:\r\n\r\nERR_NGROK_4018\r\n"}
    programs.add("ngrok", STARTED + f"print(json.dumps({reason!r}))\n")

    with tunnel(find_program(), session):
        while len(session.events.since(0)) < 2:
            assert session.events.wait(len(session.events.since(0)), timeout=30)

    fault = "ngrok ended: authentication failed: ERR_NGROK_4018"
    assert session.events.since(1)[0].data == {"address": None, "fault": fault}
    assert session.public_address is None


def test_ngrok_goes_first(programs: StandIns) -> None:
    programs.add("cloudflared", "")
    assert find_program() is CLOUDFLARED
    programs.add("ngrok", "")
    assert find_program() is NGROK


def test_without_either_it_is_told_what_to_install(programs: StandIns) -> None:
    with pytest.raises(StacksyncError) as caught:
        find_program()

    assert str(caught.value) == "--tunnel needs ngrok or cloudflared, and neither was found."
    assert "https://ngrok.com/download" in caught.value.tip


@pytest.mark.parametrize(
    "line, said",
    [
        ("ERROR:  authentication failed: no token\n", TunnelOutput(fault="authentication failed: no token")),
        ('{"lvl":"eror","msg":"failed to reconnect session","err":"timeout"}\n', TunnelOutput(fault="timeout")),
        ('{"lvl":"crit","msg":"giving up"}\n', TunnelOutput(fault="giving up")),
        ("[]\n", TunnelOutput()),
        ("\n", TunnelOutput()),
    ],
)
def test_what_ngrok_says_is_understood(line: str, said: TunnelOutput) -> None:
    assert NGROK.read(line) == said


@pytest.mark.parametrize(
    "line, said",
    [
        (
            "2026-01-16T08:32:58Z ERR Failed to dial a quic connection\n",
            TunnelOutput(fault="Failed to dial a quic connection"),
        ),
        (
            'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: no such host\n',
            TunnelOutput(
                fault='failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": '
                "dial tcp: no such host"
            ),
        ),
        ("2026-01-16T08:32:58Z INF Version 2026.1.0\n", TunnelOutput()),
    ],
)
def test_what_cloudflared_says_is_understood(line: str, said: TunnelOutput) -> None:
    assert CLOUDFLARED.read(line) == said
