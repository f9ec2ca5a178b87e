"""What the terminal shows: the lines of each event, and the command in a real terminal."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import Connector
from stacksync.dev.display import Display
from stacksync.dev.session import DevSession
from stacksync.terminal import in_one_line
from tests.conftest import Stacksync
from tests.dev.running_command import in_terminal

on_posix = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo terminals on Windows")
ROUTE = "src/modules/new_empty_action/v1/route.py"


# --- lines ---------------------------------------------------------------------------------------


@pytest.fixture
def session(tmp_path: Path) -> DevSession:
    (tmp_path / "app_config.yaml").write_text("app_settings: {app_name: My\\x1b CRM, app_type: crm}\n")
    for module in ("a/v1", "b/v1"):
        (tmp_path / "src/modules" / module).mkdir(parents=True)
        (tmp_path / "src/modules" / module / "route.py").touch()
    return DevSession(Connector(tmp_path), "http://127.0.0.1:2003")


@pytest.fixture
def display(session: DevSession) -> Display:
    return Display(session, "http://127.0.0.1:2100")


def shown(display: Display, session: DevSession, kind: str, **data: Any) -> list[str]:
    """Return the lines of an event without their clock, with a `!` before those that are errors."""
    states = {"modules": {"a/v1": "ok", "b/v1": "ok"}, **data}
    event = session.publish_state(**states) if kind == "state" else session.events.publish(kind, **data)
    lines = display.lines(event)
    return ["!" * line.is_error + re.sub(r"^\d\d:\d\d:\d\d  ", "", line.text) for line in lines]


def fault(module: str | None, **data: Any) -> dict[str, Any]:
    return {"file": "src/x.py", "line": 3, "message": "wrong", "module": module, "kept": False} | data


BROKEN = {"a/v1": "fault", "b/v1": "ok"}


def test_the_heading_says_what_runs_and_where(display: Display, session: DevSession) -> None:
    assert [line.text for line in display.heading(".venv, Python 3.12.1")] == [
        "My\\x1b CRM  with .venv, Python 3.12.1; Ctrl-C ends it",
        "  connector  http://127.0.0.1:2003",
        "  Studio     http://127.0.0.1:2100",
    ]
    assert len(list(Display(session).heading("Docker"))) == 2


def test_modules_are_shown_when_they_are_news(display: Display, session: DevSession) -> None:
    assert shown(display, session, "state", state="starting") == []
    assert shown(display, session, "state", state="ready", seconds=0.5) == [
        "ready in 0.50 s",
        "  a/v1  ok",
        "  b/v1  ok",
    ]
    assert shown(display, session, "state", state="reloading", reason="changed: src/x.py") == []
    assert shown(display, session, "state", state="ready", seconds=0.1, errors=[fault("a/v1")], modules=BROKEN) == [
        "reloaded in 0.10 s  changed: src/x.py",
        "!error src/x.py:3: wrong",
        "  a/v1  fault",
    ]
    assert shown(display, session, "state", state="ready", modules={"a/v1": "ok"}) == [
        "reloaded  changed: src/x.py",
        "  a/v1  ok",
        "  b/v1  removed",
    ]


def test_what_does_not_load_is_shown(display: Display, session: DevSession) -> None:
    errors = [fault("a/v1", kept=True, line=None), fault(None, file=None, message="no\x07 config")]

    assert shown(display, session, "state", state="failed", reason="", errors=errors, modules=BROKEN) == [
        "!it does not start",
        "!error src/x.py: wrong",
        "!error no\\x07 config",
        "  a/v1  fault, the last good version is served",
        "  b/v1  ok",
    ]


@pytest.mark.parametrize(
    "kind, data, lines",
    [
        ("request", {"method": "GET", "path": "/a\x1b[2J", "status": 200, "ms": 1.6}, ["GET  /a\\x1b[2J  200  2 ms"]),
        ("request", {"method": "POST", "path": "/a", "status": 99, "ms": 0.1}, ["POST /a  99  0 ms"]),
        (
            "log",
            {"stream": "stdout", "line": "\x1b[31mred\x1b[0m\ttab\r\x1b]0;title\x07"},
            ["| red    tab\\r\\x1b]0;title\\x07"],
        ),
        ("log", {"stream": "stderr", "line": "a\u202eb \u4e16"}, ["| a\\u202eb \u4e16"]),
        ("log", {"stream": "stdout", "line": ""}, ["|"]),
        ("log", {"stream": "stdout", "line": "12:00:00 INFO    GET /health 200 0.5 ms  request_id=ab"}, []),
        ("log", {"stream": "stderr", "line": '127.0.0.1 - - [24/Nov/2026 12:00:00] "GET / HTTP/1.1" 200 -'}, []),
        ("schema", {"module": "a", "version": "v1"}, ["form saved  a/v1"]),
        ("files", {"paths": ["a"]}, []),
        ("of the future", {}, []),
        ("tunnel", {"address": None, "fault": "ngrok ended: x"}, ["!no public address  ngrok ended: x"]),
        (
            "tunnel",
            {"address": "https://a.b", "fault": ""},
            ["  public     https://a.b  paste it into Developer Studio as the API URL; anybody may call it"],
        ),
    ],
)
def test_what_happens_is_one_line(
    display: Display, session: DevSession, kind: str, data: dict[str, Any], lines: list[str]
) -> None:
    assert shown(display, session, kind, **data) == lines


def test_only_what_is_harmless_reaches_the_terminal() -> None:
    everything = "".join(map(chr, [*range(0x3000), *range(0xD800, 0xD810), 0xFEFF, 0x1F600]))

    assert in_one_line(everything).isprintable()
    assert in_one_line("\u00e9\u4e16\U0001f600") == "\u00e9\u4e16\U0001f600"


# --- in a terminal -------------------------------------------------------------------------------


@on_posix
def test_a_terminal_gets_colours_and_links_and_whole_lines(developer: Stacksync) -> None:
    file = developer.cwd / ROUTE
    file.write_text(file.read_text("utf-8").replace("Choice, ", "Choise, "), "utf-8")

    with in_terminal(developer, "--port", "0", "--no-studio") as run:
        link = f"\x1b\\]8;[^;]*;{re.escape(file.as_uri())}\x1b\\\\\x1b\\[1m{re.escape(ROUTE)}:\\d+"
        run.wait_for(link)
        run.wait_for(r"\x1b\[1;32mready")
        run.wait_for("fault")
        run.type("\x03")
        assert run.wait() == 130


@on_posix
@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_gets_plain_lines(developer: Stacksync, variable: dict[str, str]) -> None:
    with in_terminal(developer, "--port", "0", "--no-studio", **variable) as run:
        run.wait_for(r"  ready in ")
        run.type("\x03")
        assert run.wait() == 130

    assert "\x1b" not in run.said
