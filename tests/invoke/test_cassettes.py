"""Cassettes from the shell and in a connector's own tests: recorded with the stand-in, played back without it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacksync.errors import UsageError
from stacksync.invocation.options import Options
from tests.bytecode import lend_bytecode
from tests.conftest import Stacksync
from tests.invoke.conftest import write_module
from tests.invoke.terminal import ENTER, asking

ROUTE = """\
from concurrent.futures import ThreadPoolExecutor

from src.runtime import Module, Request
from src.runtime.http import BearerAuth, credential, session

module = Module(__name__)


@module.execute
def execute(request: Request) -> list[str]:
    api = session("https://api.example.com", BearerAuth(credential(request.connection(), "token")))
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda n: api.get(f"people/{n}").json()["email"], range(int(request.data["count"]))))
"""
STAND_IN = """\
from src.runtime.testing import StandIn

api = StandIn({"token": "made-up-9f8e7d6c"}, {"Authorization": "Bearer made-up-9f8e7d6c"})
api.collection("/people", [{"id": str(n), "email": f"person{n}@corp.test"} for n in range(8)])
"""
TESTS = """\
import pytest


@pytest.mark.cassette("own", mode="once")
def test_people(module):
    assert len(module.execute({"count": 2}).json["data"]) == 2
"""
MORE_TESTS = """

@pytest.mark.cassette("other", mode="new")
def test_that_calls_otherwise(module):
    module.execute({"count": 2})


@pytest.mark.cassette
def test_gone(module):
    pass
"""
EMAILS = [f"person{n}@corp.test" for n in range(8)]
FOLDER = "src/modules/people/v1"


@pytest.fixture
def people(connector: Stacksync, compiled_connector: Path) -> Stacksync:
    """Return the command in a connector with a module that calls an API from eight threads."""
    shutil.rmtree(connector.cwd / "src/modules/create_contacts")
    fields = [{"id": "count", "type": "number", "label": "Count"}]
    folder = write_module(connector.cwd, "people", ROUTE, fields, connections={"app_types": ["crm"], "required": True})
    for name, text in {"stand_in.py": STAND_IN, "test_people.py": TESTS}.items():
        (folder / "tests").mkdir(exist_ok=True)
        (folder / "tests" / name).write_text(text)
    lend_bytecode(compiled_connector, connector.cwd)
    return Stacksync(connector.cwd, connector.environment | {"VIRTUAL_ENV": sys.prefix})


def invoke(people: Stacksync, *arguments: str, **environment: str) -> tuple[int, Any, str]:
    done = people("invoke", "people", "--set-json", "count=8", *arguments, **environment)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def test_a_run_is_recorded_with_the_stand_in_and_played_back_without_it(people: Stacksync) -> None:
    code, _, said = invoke(people, "--stand-in", "--record", "eight")
    fault = f"{FOLDER}/cassettes/eight.json reaches whoever reads the repository, and nobody can look at it here."
    assert (code, said) == (2, f"Error: {fault}\nTIP: record on a terminal, or with --yes\n")

    code, answer, said = invoke(people, "--stand-in", "--record", "eight", "--yes", "--save-example", "eight")
    assert (code, answer) == (0, {"data": EMAILS}), said
    assert f"Recorded {FOLDER}/cassettes/eight.json: 8 calls." in said
    file = people.cwd / FOLDER / "cassettes/eight.json"
    text = file.read_text("utf-8")
    assert "9f8e7d6c" not in text
    assert '"https://api.example.com/people/0"' in text

    (people.cwd / FOLDER / "tests/stand_in.py").unlink()
    assert invoke(people, "--replay", "eight")[:2] == (0, {"data": EMAILS})
    done = people("invoke", "people", "--example", "eight")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"data": EMAILS}), done.stderr

    done = people("invoke", "people", "--set-json", "count=9", "--replay", "eight")
    assert done.returncode == 1
    fault = "The calls are not those of the cassette: eight.json has no call GET https://api.example.com/people/8"
    assert fault in done.stderr.splitlines()

    code, _, said = invoke(people, "--replay", "eight", ENVIRONMENT="prod")
    assert code == 1
    assert "STACKSYNC_CASSETTE is for development only, and this is started with ENVIRONMENT=prod. Unset it." in said


def test_names_that_cannot_be(people: Stacksync) -> None:
    tip = "TIP: record one: --record NAME, or in Studio\n"
    assert invoke(people, "--replay", "gone")[1:] == (None, f"Error: people/v1 has no cassette gone.\n{tip}")
    fault = "'../x' cannot be the name of a cassette: small letters, digits, _ and - only."
    assert invoke(people, "--record", "../x", "--yes")[1:] == (None, f"Error: {fault}\n")


@pytest.mark.parametrize(
    "options, told",
    [
        (Options(replay="a", record="b"), "--replay and --record cannot be used together."),
        (Options(replay="a", stand_in=True), "--replay and --stand-in cannot be used together."),
        (Options(replay="a", connection="c"), "--replay and --connection cannot be used together."),
        (Options(replay="a", example="e"), "--example and --replay cannot be used together."),
        (Options(example="e", connection="c"), "--example and --connection cannot be used together."),
        (Options(yes=True), "--yes agrees to what --record writes, and there is no --record."),
        (Options(example="e", connection="c", record="r"), None),
    ],
)
def test_options_that_cannot_be_used_together(options: Options, told: str | None) -> None:
    try:
        options.refuse_combinations()
        said = None
    except UsageError as error:
        said = str(error)
    assert said == told


def run_tests(people: Stacksync, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{FOLDER}/tests", *arguments]
    plain = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    return subprocess.run(
        command, cwd=people.cwd, env=plain | environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_connectors_own_tests_record_and_play_back(people: Stacksync) -> None:
    file = people.cwd / FOLDER / "cassettes/own.json"
    shown = run_tests(people)
    assert (shown.returncode, file.exists()) == (0, False), shown.stdout
    assert "  GET https://api.example.com/people/0 200\n" in shown.stdout
    assert "  response.email: person0@corp.test\n" in shown.stdout
    assert "Not written. Without a terminal, pass --yes to write it." in shown.stdout

    assert run_tests(people, "--yes").returncode == 0
    before = file.read_text()
    (people.cwd / FOLDER / "tests/stand_in.py").unlink()
    file.with_name("other.json").write_text(before.replace("people/1", "people/7"))
    (people.cwd / FOLDER / "tests/test_people.py").write_text(TESTS + MORE_TESTS)
    played = run_tests(people, "--cassettes", "once", "-rA", CI="1")  # CI has the last word

    failed = re.findall(r"^ERROR \S+::(\w+)", played.stdout, re.MULTILINE)
    assert failed == ["test_that_calls_otherwise", "test_gone"], played.stdout
    assert "other.json has no call GET https://api.example.com/people/1" in played.stdout
    assert "other.json: not called: GET https://api.example.com/people/7" in played.stdout
    assert "There is no cassette test_gone.json: record it first." in played.stdout
    assert file.read_text() == before


def test_on_a_terminal_it_is_looked_at_first(people: Stacksync) -> None:
    arguments = ("invoke", "people", "--set-json", "count=2", "--stand-in", "--record", "two")
    with asking(people, *arguments) as conversation:
        conversation.answer("response.email: person0@corp.test and 1 more", "")
        conversation.answer("Replace a field", f"response.email=p{{n}}@example.com{ENTER}")
        conversation.answer("response.email: p1@example.com and 1 more", "")
        conversation.answer("Replace a field", ENTER)
        assert conversation.end()[0] == 0

    text = (people.cwd / FOLDER / "cassettes/two.json").read_text("utf-8")
    assert "corp.test" not in text
    assert "p2@example.com" in text
