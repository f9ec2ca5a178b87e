"""`stacksync update --ask`, in a real terminal."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.update.conftest import Connector

if sys.platform == "win32":
    pytest.skip("there are no pseudo terminals on Windows", allow_module_level=True)

import pty

from tests.terminals import Terminal


@pytest.fixture
def terminal(connector: Connector) -> Iterator[Terminal]:
    """Return a terminal in which the update runs."""
    ours, theirs = pty.openpty()
    environment = connector.environment | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    command = connector.command("update", "--ask")
    process = subprocess.Popen(
        command, cwd=connector.cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    yield Terminal(process, ours)
    process.kill()
    process.wait()
    os.close(ours)


def test_what_is_new_is_asked_and_nothing_else(connector: Connector, terminal: Terminal) -> None:
    terminal.wait_for("team")
    terminal.type("\x15billing\r")

    assert terminal.end() == 0, terminal.shown
    assert "Port for local development" not in terminal.shown
    assert "team: billing\n" in (connector.cwd / ".copier-answers.yml").read_text("utf-8")
    assert "Kept by billing." in (connector.cwd / "README.md").read_text("utf-8")


def test_ctrl_c_at_the_question_changes_nothing(connector: Connector, terminal: Terminal) -> None:
    terminal.wait_for("team")
    terminal.type("\x03")

    assert terminal.end() == 130
    assert connector.status() == []
