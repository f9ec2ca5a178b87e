"""Nothing that a connector is called or holds gives orders to the terminal of whoever looks at it."""

import json
import os
import pty
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from stacksync.terminal import in_one_line, printable
from tests.conftest import Stacksync
from tests.dev.conftest import developer, strict_interpreter
from tests.dev.running_command import started

__all__ = ["developer", "strict_interpreter"]

# Clears the screen, sets the title, writes backwards, an 8-bit control sequence, moves up, rings.
ESCAPES = "\x1b[2J\x1b]0;owned\x07\u202eevil\u202c\x9b2J\x1b[1A\r\x08"
MODULE = "src/modules/new_empty_action"


def is_harmless(text: str) -> bool:
    return all(letter in "\n\r" or unicodedata.category(letter) not in ("Cc", "Cf") for letter in text)


@pytest.mark.parametrize("text", [ESCAPES, f"a{ESCAPES}b", "\x1b[31mred\x1b[0m", "two\nlines", "\ud800", "\ufeff"])
def test_a_text_is_shown_and_not_obeyed(text: str) -> None:
    assert is_harmless(printable(text))
    assert in_one_line(text).isprintable()


def test_what_people_write_is_shown_as_it_is() -> None:
    text = "Überweisung 日本語 😀\n  two lines"
    assert printable(text) == text


def odd_connector(connector: Stacksync) -> None:
    """Put escapes into names of modules and files, into texts and into what cannot be read."""
    odd = connector.cwd / f"src/modules/odd{ESCAPES}/v1"
    shutil.copytree(connector.cwd / MODULE / "v1", odd)
    (odd / "schema.json").write_text(json.dumps({"fields": [{"id": ESCAPES, "type": ESCAPES}]}, ensure_ascii=False))
    (odd / "route.py").write_text(f"def execute({ESCAPES}:\n")
    (odd / "module_config.yaml").write_text(f"module_settings:\n  module_name: {json.dumps(ESCAPES)}\n")
    (connector.cwd / ".env").write_text(f"{ESCAPES}\n")


COMMANDS = [
    ("list",),
    ("check",),
    ("check", "--report", "github"),
    ("add-version", f"odd{ESCAPES}"),
    ("add-version", f"even{ESCAPES}"),
    ("remove-module", f"odd{ESCAPES}"),
    ("remove-module", f"odd{ESCAPES}", "--dry-run"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=[" ".join(each[:1] + each[2:]) for each in COMMANDS])
def test_no_command_passes_escapes_on(connector: Stacksync, arguments: tuple[str, ...]) -> None:
    odd_connector(connector)
    done = subprocess.run(
        connector.command(*arguments),
        cwd=connector.cwd,
        env={**connector.environment, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )

    said = (done.stdout + done.stderr).decode("utf-8", "surrogateescape")
    assert said
    assert is_harmless(said), said


def test_colours_are_ours_alone(connector: Stacksync) -> None:
    odd_connector(connector)
    said = in_terminal(connector, "check")
    assert "\x1b[" in said  # there are colours
    for order in ("\x1b[2J", "\x1b]0;", "\x07", "\u202e", "\x9b", "\x1b[1A"):
        assert order not in said


def in_terminal(command: Stacksync, *arguments: str) -> str:
    """Return what a command writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {**command.environment, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command.command(*arguments), cwd=command.cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 65536):
            said += piece
    except OSError:  # what Linux says when the other side is closed
        pass
    process.wait(60)
    os.close(ours)
    return said.decode()


def test_dev_passes_no_escapes_on(developer: Stacksync) -> None:
    odd_connector(developer)
    (developer.cwd / ".env").unlink()
    with started(developer, "--port", "0", "--no-studio") as run:
        run.wait_for("error ")
        run.end()
    assert is_harmless(run.said + run.complained), run.said + run.complained


def test_the_command_prints_in_one_place() -> None:
    package = Path(__file__).parents[2] / "cli/stacksync"
    printing = re.compile(r"typer\.echo\(|(?<![\w.])print\(|std(out|err)\.write\(|secho\(|console\.print\(")
    own = [file for file in package.rglob("*.py") if not {"runner", "_template", "terminal.py"} & set(file.parts)]
    found = [str(file.relative_to(package)) for file in own if printing.search(file.read_text("utf-8"))]
    # Programs of other processes, whose answers are read.
    assert sorted(found) == ["dev/environment/interpreter.py", "studio/colours/__main__.py"]


def test_styled_lines_are_printed_in_one_place_too() -> None:
    package = Path(__file__).parents[2] / "cli/stacksync"
    found = [file.name for file in package.rglob("*.py") if "rich.console" in file.read_text("utf-8")]
    assert found == ["terminal.py"]
