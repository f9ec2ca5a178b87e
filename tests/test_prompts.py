"""The questions in a terminal: a real one, through a pseudo terminal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import Stacksync
from tests.test_new import answers_of

if sys.platform == "win32":
    pytest.skip("there are no pseudo terminals on Windows", allow_module_level=True)

import pty


@dataclass
class Terminal:
    """A person at a terminal: reads until a text appears, then types."""

    process: "subprocess.Popen[bytes]"
    screen: int
    seen: str = ""

    def wait_for(self, text: str) -> None:
        while text not in self.seen:
            shown = self.read()
            assert shown, f"{text!r} never appeared in {self.seen!r}"
            self.seen += shown
        self.seen = self.seen.partition(text)[2]

    def type(self, keys: str) -> None:
        os.write(self.screen, keys.encode())

    def end(self) -> int:
        while shown := self.read():
            self.seen += shown
        return self.process.wait()

    def read(self) -> str:
        try:
            return os.read(self.screen, 4096).decode(errors="replace")
        except OSError:  # what Linux says when the other end is closed
            return ""


@pytest.fixture
def terminal(stacksync: Stacksync) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    environment = stacksync.environment | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    command = stacksync.command("new", "my-crm", "--data", "app_description=Given")
    process = subprocess.Popen(
        command, cwd=stacksync.cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    yield Terminal(process, ours)
    process.kill()
    process.wait()
    os.close(ours)


def test_what_the_options_leave_open_is_asked(stacksync: Stacksync, terminal: Terminal) -> None:
    terminal.wait_for("Name shown to users")
    terminal.type("\x15Acme CRM\r")
    terminal.wait_for("Address of the icon")
    terminal.type("\r")
    terminal.wait_for("Port for local development")
    terminal.type("\x1580\r")
    terminal.wait_for("must be from 1024 to 65535")
    terminal.type("\x152010\r")
    terminal.wait_for("authenticates its callers")
    terminal.type("\x1b[B\r")
    terminal.wait_for("continuous integration")
    terminal.type("\x1b[B\r")
    terminal.wait_for("Where to deploy it")
    terminal.type(" \r")
    terminal.wait_for("workflows-cdk")
    terminal.type("y")

    assert terminal.end() == 0, terminal.seen
    recorded = answers_of(stacksync.cwd / "my-crm")
    del recorded["_commit"], recorded["_src_path"]
    assert recorded == {
        "app_type": "my_crm",
        "app_name": "Acme CRM",
        "app_description": "Given",
        "app_icon_svg_url": "https://example.com/icon.svg",
        "port": 2010,
        "auth": "api_key",
        "ci": "gitlab",
        "deployment": ["kubernetes"],
        "workflows_cdk_compat": True,
    }


@pytest.mark.parametrize("keys, code", [("\x03", 130), ("\x15\x04", 2)])
def test_leaving_the_questions_leaves_nothing(stacksync: Stacksync, terminal: Terminal, keys: str, code: int) -> None:
    terminal.wait_for("Name shown to users")
    terminal.type(keys)

    assert terminal.end() == code
    assert "Traceback" not in terminal.seen
    assert stacksync.left() == []
