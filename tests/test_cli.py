"""What every command owes the user: help, exit codes, errors on stderr, no colour where none is wanted."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacksync import __version__
from stacksync.app import app
from tests.conftest import Stacksync, snapshot


def command_names() -> list[str]:
    from typer.main import get_command

    group: Any = get_command(app)
    return sorted(group.commands)


def test_the_version_is_printed(stacksync: Stacksync) -> None:
    done = stacksync("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"stacksync {__version__}\n", "")


def test_help_lists_every_command(stacksync: Stacksync) -> None:
    done = stacksync("--help")

    listed = done.stdout.partition("Commands:\n")[2].splitlines()
    assert done.returncode == 0
    assert sorted(line.split()[0] for line in listed) == command_names()


@pytest.mark.parametrize("name", command_names())
def test_help_of_each_command_has_an_example(stacksync: Stacksync, name: str) -> None:
    done = stacksync.process(name, "--help")

    assert done.returncode == 0
    assert f"Example: stacksync {name}" in done.stdout


IN_A_CONNECTOR = ["list", "check", "add-module x", "add-version x", "remove-module x", "update", "dev"]


def test_every_command_but_the_one_that_makes_it_works_in_a_connector() -> None:
    assert sorted([*(line.split()[0] for line in IN_A_CONNECTOR), "new"]) == command_names()


@pytest.mark.parametrize("line", IN_A_CONNECTOR)
def test_elsewhere_each_says_so_on_stderr(stacksync: Stacksync, line: str) -> None:
    done = stacksync.process(*line.split())

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: {stacksync.cwd} is not in a connector: there is no app_config.yaml here or above.\n"
        "TIP: change into a connector's folder, or make one: stacksync new my_connector\n"
    )


INTERRUPTED = """
import os, signal, sys

def press(event, arguments):
    if event == "open" and str(arguments[0]).endswith(("app_config.yaml", ".copier-answers.yml")):
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(press)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
@pytest.mark.parametrize("line", [line for line in IN_A_CONNECTOR if line != "dev"])  # which tests/dev interrupts
def test_ctrl_c_ends_each_quietly(connector: Stacksync, tmp_path: Path, line: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED)  # Ctrl-C while the command reads the configuration
    before = snapshot(connector.cwd)

    path = os.pathsep.join([str(tmp_path), connector.environment["PYTHONPATH"]])
    done = connector.process(*line.split(), PYTHONPATH=path)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert snapshot(connector.cwd) == before


def test_no_command_shows_the_help(stacksync: Stacksync) -> None:
    done = stacksync()

    assert done.returncode == 2
    assert "Usage: stacksync [OPTIONS] COMMAND" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nwe"], "No such command 'nwe'. Did you mean 'new'?"),
        (["new"], "Missing argument 'NAME'."),
        (["new", "x", "--colour"], "No such option"),
    ],
)
def test_wrong_usage_is_exit_2_on_stderr(stacksync: Stacksync, arguments: list[str], message: str) -> None:
    done = stacksync(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_output_that_nobody_reads_is_no_error(stacksync: Stacksync) -> None:
    # `cat <&-` has closed its end before the first byte is written.
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        stacksync.command("new", "--help"),
        stdout=writer,
        stderr=subprocess.PIPE,
        env=stacksync.environment,
        check=False,
    )
    os.close(writer)

    assert done.stderr == b""


def test_a_bug_is_one_line_and_a_way_to_report_it(stacksync: Stacksync) -> None:
    code = "from stacksync import main, source\nsource.find_source = None\nimport sys\nsys.exit(main.run(['new', 'x']))"
    command = [sys.executable, "-c", code]

    def run(**environment: str) -> "subprocess.CompletedProcess[str]":
        place = {"cwd": stacksync.cwd, "env": stacksync.environment | environment}
        return subprocess.run(command, capture_output=True, text=True, check=False, **place)  # type: ignore[call-overload,no-any-return]

    quiet, loud = run(), run(STACKSYNC_DEBUG="1")

    assert quiet.returncode == 1
    assert quiet.stderr == (
        "Error: This is a bug in stacksync: TypeError: 'NoneType' object is not callable\n"
        f"TIP: run it again with STACKSYNC_DEBUG=1 and report what it prints (stacksync {__version__})\n"
    )
    assert "Traceback" in loud.stderr


def test_shell_completion_completes_commands(stacksync: Stacksync) -> None:
    done = stacksync.process(_STACKSYNC_COMPLETE="complete_bash", COMP_WORDS="stacksync ne", COMP_CWORD="1")

    assert done.stdout.split() == ["new"]


@pytest.mark.parametrize("arguments", [["--help"], ["new", "--help"], ["new", "9"], ["new", "ok", "--dry-run"]])
def test_there_is_no_colour_where_it_is_not_wanted(stacksync: Stacksync, arguments: list[str]) -> None:
    done = stacksync.process(*arguments, NO_COLOR="1", FORCE_COLOR="1", TERM="xterm-256color")

    assert "\x1b" not in done.stdout + done.stderr
