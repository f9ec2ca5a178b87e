"""The terminal of `stacksync dev`: keys, handlers that read standard input, and what is in view."""

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pyte
import pytest

from stacksync.dev.tracebacks import Tracebacks
from stacksync.terminal import folded
from tests.conftest import Stacksync
from tests.dev.running_command import Run, in_terminal
from tests.dev.stand_ins import StandIns
from tests.polling import DEADLINE, poll

on_posix = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo terminals on Windows")

ROUTE = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    wanted = request.data["wanted"]
    if wanted == "debugger":
        breakpoint()
    answer = input("Your name? ") if wanted == "input" else wanted
    return Response(data={"answer": answer, "letters": {"a": 1}[answer[-1]]})
"""
FORM = '{"fields": [{"id": "wanted", "type": "string", "label": "Wanted"}], "ui_options": {"ui_order": ["wanted"]}}'
PLAIN = {"NO_COLOR": "1", "COLUMNS": "80"}


@pytest.fixture
def asking(developer: Stacksync) -> Stacksync:
    """Return the command in a connector whose one module reads what is typed, and which has one quick test."""
    modules, tests = developer.cwd / "src/modules", developer.cwd / "tests"
    shutil.rmtree(modules)
    shutil.rmtree(tests)
    add_module(modules / "ask/v1", ROUTE)
    tests.mkdir()
    (tests / "test_quick.py").write_text("def test_quick():\n    assert 6 * 7 == 42\n")
    return developer


def add_module(folder: Path, route: str) -> None:
    folder.mkdir(parents=True)
    (folder / "route.py").write_text(route)
    (folder / "schema.json").write_text(FORM)


@pytest.fixture
def caller() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def execute(run: Run, wanted: str) -> tuple[int, Any]:
    request = Request(f"{run.address}/ask/v1/execute", json.dumps({"data": {"wanted": wanted}}).encode())
    request.add_header("Content-Type", "application/json")
    try:
        with urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, json.load(answer)["data"]
    except HTTPError as error:
        with error:
            return error.code, json.load(error)["error"]


@on_posix
def test_letters_are_orders_unless_a_handler_reads_them(
    asking: Stacksync, programs: StandIns, caller: ThreadPoolExecutor
) -> None:
    import termios

    programs.add("browser", "")
    options = ("--port", "0", "--studio-port", "0")
    with in_terminal(asking, *options, **PLAIN, BROWSER=f"{programs.path}/browser %s") as run:
        before = termios.tcgetattr(run.keyboard)
        run.wait_for(r"^Crm  with .*; h and Enter shows the keys")
        run.wait_for("  ask/v1  ok")

        run.type("h\n")
        run.wait_for("^  t run its tests")
        run.type("x\n")
        run.wait_for("^  h and Enter shows the keys")
        run.type("o\n")
        studio = run.wait_for(r"Studio +(http://127\.0\.0\.1:\d+)")[1]
        assert poll(lambda: programs.calls("browser"))[0]["arguments"] == [studio]
        run.type("r\n")
        run.wait_for(r"reloaded in .* s  restarted")
        run.type("T\n")
        run.wait_for(r"^  .*1 passed in")
        run.wait_for("the tests pass")

        _debug(run, caller.submit(execute, run, "debugger"))
        _answer_questions(run, [caller.submit(execute, run, "input") for _ in range(2)])
        _shows_own_lines_first(run)

        run.type("q\n")
        assert run.wait() == 0
        assert termios.tcgetattr(run.keyboard) == before


def _debug(run: Run, answer: "Future[tuple[int, Any]]") -> None:
    run.wait_for(r"\| \(Pdb\) $")
    run.type("p request.data['wanted'] * 2\n")
    run.wait_for(r"\| 'debuggerdebugger'")
    run.wait_for(r"\| \(Pdb\) $")
    run.type("wanted = 'quota'\n")
    run.wait_for(r"\| \(Pdb\) wanted = 'quota'\r\n.*\| \(Pdb\) $")
    run.type("c\n")
    assert answer.result(DEADLINE) == (200, {"answer": "quota", "letters": 1})


def _answer_questions(run: Run, answers: "list[Future[tuple[int, Any]]]") -> None:
    """Two requests ask: the second one when the first has its line."""
    run.wait_for(r"\| Your name\? $")
    run.type("ada\n")
    wait(answers, DEADLINE, FIRST_COMPLETED)
    run.wait_for("POST /ask/v1/execute  200", times=2)  # after that of the debugger; the prompt is shown below it
    run.wait_for(r"\| Your name\? $")
    run.type("eva\n")
    assert {answer.result(DEADLINE)[1]["answer"] for answer in answers} == {"ada", "eva"}


def _shows_own_lines_first(run: Run) -> None:
    status, _ = execute(run, "b")
    assert status == 500
    error, place, others = r"\| KeyError: 'b'", r"\|   src/modules/ask/v1/route.py:12 in execute", "Python|flask"
    clock = r"^\d\d:\d\d:\d\d  "
    own = rf"{clock}{error}\s+{clock}{place}\s+{clock}\|     return .*\s+"
    run.wait_for(rf"{own}{clock}\|   and lines of others: .*({others})")
    lines = [line for line in run.said.splitlines() if "| " in line]
    assert all(len(re.findall(r"\d\d:\d\d:\d\d", line)) == 1 for line in lines), lines


@on_posix
@pytest.mark.parametrize("ending, code", [("\x03", 130), (signal.SIGTERM, 143)])
def test_a_debugger_does_not_keep_it_from_ending(
    asking: Stacksync, caller: ThreadPoolExecutor, ending: "str | signal.Signals", code: int
) -> None:
    import termios

    with in_terminal(asking, "--port", "0", "--no-studio", **PLAIN) as run:
        before = termios.tcgetattr(run.keyboard)
        run.wait_for("  ask/v1  ok")
        called = caller.submit(execute, run, "debugger")
        run.wait_for(r"\| \(Pdb\) $")
        if isinstance(ending, str):
            run.type(ending)
        else:
            run.process.send_signal(ending)
        assert run.wait() == code
        assert termios.tcgetattr(run.keyboard) == before
        assert called.exception(DEADLINE) or called.result()[0] == 500


# Stays in the foreground, as a shell does, while the command runs in the background; `fg` brings that to the front.
_SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
while (line := sys.stdin.readline()) != "fg\\n":
    print("the shell got", line, flush=True)
os.tcsetpgrp(0, child)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@on_posix
def test_in_the_background_the_keys_are_the_shells(asking: Stacksync, tmp_path: Path) -> None:
    program = tmp_path / "shell"
    program.write_text(f"#!{sys.executable}\n{_SHELL}")
    program.chmod(0o755)

    class InBackground(Stacksync):
        def command(self, *arguments: str) -> list[str]:
            return [str(program), *asking.command(*arguments)]

    with in_terminal(InBackground(asking.cwd, asking.environment), "--port", "0", "--no-studio", **PLAIN) as run:
        run.wait_for("  ask/v1  ok")
        run.type("q\n")
        run.wait_for("the shell got q")
        run.type("fg\n")
        run.type("h\n")
        run.wait_for("^  q quit")
        run.type("q\n")
        assert run.wait() == 0


# --- what is in view -----------------------------------------------------------------------------


@on_posix
def test_the_addresses_are_in_view_with_thirty_modules_and_forty_columns(asking: Stacksync) -> None:
    columns = 40
    for number in range(28):
        add_module(asking.cwd / f"src/modules/list_records_of_kind_{number}/v1", ROUTE)
    add_module(asking.cwd / "src/modules/broken/v1", "import nothing_of_that_name\n")
    size = {"COLUMNS": str(columns), "LINES": "24"}
    with in_terminal(asking, "--port", "0", "--studio-port", "0", **size) as run:
        run.wait_for("fault")
        run.type("\x03")
        assert run.wait() == 130

    screen = pyte.Screen(columns, 24)
    pyte.Stream(screen).feed(run.said)
    shown = "\n".join(line.rstrip() for line in screen.display)
    for name in ("connector", "Studio"):
        assert re.search(rf"^  {name} +http://127\.0\.0\.1:\d+$", shown, re.M)
    assert re.search(r"^  29 modules ok$", shown, re.M)
    assert re.search(r"^error src/modules/broken/v1/route.py:1:", shown, re.M)


def test_a_line_is_broken_between_words_only() -> None:
    line = [("12:00:00  ", "dim"), ("failed", "red"), ("  see https://example.com/a/very/long/path, and wait", "")]

    rows = ["".join(text for text, _ in row) for row in folded(line, 24, 10)]

    assert rows == [
        "12:00:00  failed  see",
        "          https://example.com/a/very/long/path,",
        "          and wait",
    ]


# --- tracebacks ----------------------------------------------------------------------------------

ROOT = Path("/home/ada/crm")
HEAD = "Traceback (most recent call last):"
OURS = [f'  File "{ROOT}/src/modules/a/v1/route.py", line 7, in execute', "    call()", "    ^^^^^^"]
LIBRARY = [f'  File "{ROOT}/.venv/lib/python3.11/site-packages/flask/app.py", line 9, in view', "    x()"]
RUNTIME = [f'  File "{ROOT}/src/runtime/module.py", line 3, in answer', "    y()"]
PYTHON = ['  File "/usr/lib/python3.11/json/decoder.py", line 2, in decode', "    z()"]


def retold(*lines: str) -> list[str]:
    tracebacks = Tracebacks(ROOT)
    shown = [told.text for line in lines for told in tracebacks.take("1", "stdout", line)]
    return shown + [told.text for told in tracebacks.rest()]


@pytest.mark.parametrize(
    "lines, shown",
    [
        (
            ["before", HEAD, *LIBRARY, *RUNTIME, *OURS, *PYTHON, "KeyError: 'a'", "after"],
            [
                "before",
                "KeyError: 'a'",
                "  src/modules/a/v1/route.py:7 in execute",
                "    call()",
                "  and lines of others: flask 1, src/runtime 1, Python 1",
                "after",
            ],
        ),
        (
            [HEAD, '  File "/app/src/api_client.py", line 4, in call', "    z()", "ValueError"],
            ["ValueError", "  src/api_client.py:4 in call", "    z()"],
        ),
        ([HEAD, *LIBRARY, "OSError: x"], [HEAD, *LIBRARY, "OSError: x"]),
        ([HEAD, *OURS], [HEAD, *OURS]),
        ([HEAD, *OURS, "  | of a group"], [HEAD, *OURS, "  | of a group"]),
    ],
)
def test_a_traceback_begins_with_the_error_and_the_connectors_lines(lines: list[str], shown: list[str]) -> None:
    assert [line.removeprefix("  ") for line in retold(*lines)] == [line.removeprefix("  ") for line in shown]


def test_tracebacks_of_two_runs_do_not_mix() -> None:
    tracebacks = Tracebacks(ROOT)
    shown = []
    for line in [HEAD, *OURS, "KeyError: 'a'"]:
        for run in ("1", "2"):
            shown += [(run, told.text) for told in tracebacks.take(run, "stdout", line)]

    assert [text for run, text in shown if run == "1"] == [text for run, text in shown if run == "2"]
    assert shown[0] == ("1", "KeyError: 'a'")
