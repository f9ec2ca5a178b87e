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
    done = stacksync(name, "--help")

    assert done.returncode == 0
    assert f"Example: stacksync {name}" in done.stdout


IN_A_CONNECTOR = [
    "list",
    "check",
    "add-module x",
    "add-version x",
    "remove-module x",
    "update",
    "diff x v1 v2",
    "dev",
    "import openapi app_config.yaml",
    "connect x",
    "invoke x",
    "test x",
    "run x",
]


def test_every_command_but_three_works_in_a_connector() -> None:
    assert sorted([*(line.split()[0] for line in IN_A_CONNECTOR), "new", "adopt", "doctor"]) == command_names()


@pytest.mark.parametrize("line", IN_A_CONNECTOR)
def test_elsewhere_each_says_so_on_stderr(stacksync: Stacksync, line: str) -> None:
    done = stacksync(*line.split())

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
@pytest.mark.parametrize("line", [line for line in IN_A_CONNECTOR if line not in ("dev", "run x")])  # see tests/dev
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


def test_no_summary_of_a_command_is_cut_at_80_columns(stacksync: Stacksync) -> None:
    lines = stacksync.process("--help", COLUMNS="80").stdout.partition("Commands:\n")[2].splitlines()

    assert len(lines) == len(command_names())
    assert [line for line in lines if not line.endswith(".") or line.endswith("...") or len(line) > 80] == []


NEW = "for example: stacksync new my_connector --defaults --auth api_key"
FIRST_DAY = {
    "nwe": ("No such command 'nwe'. Did you mean 'new'?", "stacksync --help lists the commands"),
    "init": ("No such command 'init'.", "did you mean this? stacksync new"),
    "add module x": ("No such command 'add'.", "did you mean this? stacksync add-module"),
    "call x": ("No such command 'call'.", "did you mean this? stacksync invoke"),
    "login": ("No such command 'login'.", "did you mean this? stacksync connect"),
    "serve": ("No such command 'serve'.", "did you mean this? stacksync dev"),
    "lint": ("No such command 'lint'.", "did you mean this? stacksync check"),
    "upgrade": ("No such command 'upgrade'.", "did you mean this? stacksync update"),
    "version": ("No such command 'version'.", "did you mean this? stacksync --version"),
    "help new": ("No such command 'help'.", "did you mean this? stacksync --help"),
    "workflow-connector create": (
        "workflow-connector is a command of Stacksync's own `stacksync`, which is another program.",
        "start that one by its path: stacksync doctor says where it is",
    ),
    "-v": ("No such option: -v", "did you mean this? stacksync --version"),
    "--versoin": ("No such option: --versoin", "did you mean --version?"),
    "new": ("Missing argument 'NAME'.", NEW),
    "new my crm": ("stacksync new takes one NAME: 'crm' is too much.", f"a NAME with spaces is put in quotes; {NEW}"),
    "new x --colour": ("No such option: --colour", "stacksync new --help lists the options"),
    "new x --port 3000": ("No such option: --port", "answer a question of the template: --data port=VALUE"),
    "new x --app-name A": ("No such option: --app-name", "answer a question of the template: --data app_name=VALUE"),
    "list --jsno": ("No such option: --jsno", "did you mean --json?"),
    "list crm": ("stacksync list takes options only: 'crm' is too much.", "for example: stacksync list --json"),
    "dev --port abc": ("--port must be a whole number from 0 to 65535.", "for example: stacksync dev --open"),
    "dev --port 99999": ("--port must be a whole number from 0 to 65535.", "for example: stacksync dev --open"),
    "dev --port": ("Option '--port' requires an argument.", "stacksync dev --help"),
    "check --format xml": (
        "Invalid value for '--format': 'xml' is not one of 'text', 'json', 'github', 'sarif'.",
        "for example: stacksync check --fix --ignore SCH008",
    ),
    "check --explain": ("Option '--explain' requires an argument.", "stacksync check --help"),
}


@pytest.mark.parametrize("line", FIRST_DAY)
def test_a_wrong_command_line_says_what_to_type(stacksync: Stacksync, line: str) -> None:
    done = stacksync(*line.split())

    message, tip = FIRST_DAY[line]
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Error: {message}\nTIP: {tip}\n")


def test_a_command_that_nobody_knows_lists_those_there_are(stacksync: Stacksync) -> None:
    done = stacksync("zzz")

    assert done.stderr.startswith("Error: No such command 'zzz'.\nTIP: the commands are new, ")
    assert sorted(done.stderr.rstrip().partition("are ")[2].split(", ")) == command_names()


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


COMPLETED = {
    "ne": ["new"],
    "new crm --auth b": ["bearer", "basic"],
    "new crm --data app_": ["app_type=", "app_name=", "app_description=", "app_icon_svg_url="],
    "new crm --data ci=": ["ci=github", "ci=gitlab", "ci=none"],
    "add-version n": ["new_empty_action"],
    "test c": ["create_contacts"],
    "add-version create_contacts --from ": ["v1"],
    "remove-module ": ["create_contacts", "new_empty_action"],
    "remove-module create_contacts --version v": ["v1"],
    "update --module new_empty_action/": ["new_empty_action/v1"],
    "check --format s": ["sarif"],
    "check --explain CFG00": [f"CFG00{number}" for number in range(1, 10)],
    "check --select PY,REP00": [f"PY,REP00{number}" for number in range(1, 10)],
}


@pytest.mark.parametrize("line", COMPLETED)
def test_the_shell_completes_what_there_is(connector: Stacksync, line: str) -> None:
    words = f"stacksync {line}"
    count = str(len(words.split(" ")) - 1)

    done = connector(_STACKSYNC_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count)

    assert (done.stdout.split(), done.stderr) == (COMPLETED[line], "")


def test_outside_of_a_connector_no_module_is_completed(stacksync: Stacksync) -> None:
    done = stacksync.process(_STACKSYNC_COMPLETE="complete_bash", COMP_WORDS="stacksync add-version n", COMP_CWORD="2")

    assert (done.stdout.strip(), done.stderr) == ("", "")


@pytest.mark.parametrize("arguments", [["--help"], ["new", "--help"], ["new", "9"], ["new", "ok", "--dry-run"]])
def test_there_is_no_colour_where_it_is_not_wanted(stacksync: Stacksync, arguments: list[str]) -> None:
    done = stacksync.process(*arguments, NO_COLOR="1", FORCE_COLOR="1", TERM="xterm-256color")

    assert "\x1b" not in done.stdout + done.stderr
