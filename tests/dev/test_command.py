"""`stacksync dev` as it is used: the command itself, with a connector of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import pytest

from tests.conftest import Stacksync
from tests.dev.running_command import Run, started
from tests.dev.stand_ins import StandIns
from tests.polling import DEADLINE, poll

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")

Found = TypeVar("Found")

ROUTE = "src/modules/new_empty_action/v1/route.py"
CALL = {"data": {"name": "Ada", "language": "fr"}}
QUICK = ("--port", "0", "--no-studio")


def execute(run: Run) -> Any:
    request = Request(f"{run.address}/new_empty_action/v1/execute", json.dumps(CALL).encode())
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]["message"]


def edit(developer: Stacksync, old: str, new: str) -> None:
    file = developer.cwd / ROUTE
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


# --- running -------------------------------------------------------------------------------------


def test_a_connector_is_run_and_what_happens_is_told(developer: Stacksync) -> None:
    with started(developer, *QUICK) as run:
        run.wait_for(r"^\d\d:\d\d:\d\d  ready in \d+\.\d\d s$")
        run.wait_for(r"^  new_empty_action/v1 +ok$")
        assert execute(run) == "Bonjour Ada"
        run.wait_for(r"^\d\d:\d\d:\d\d  POST /new_empty_action/v1/execute  200  \d+ ms$")

        edit(developer, "    language = str(request", '    print("got\\x1b[2J it")\n    language = str(request')
        run.wait_for(rf"^\d\d:\d\d:\d\d  reloaded in \d+\.\d\d s  .*{ROUTE}$")
        assert execute(run) == "Bonjour Ada"
        run.wait_for(r"^\d\d:\d\d:\d\d  \| got\\x1b\[2J it$")

        edit(developer, '"Hello"', '"Hello" +')
        run.wait_for(rf"^error {ROUTE}:\d+: ")
        run.wait_for(r"^  new_empty_action/v1 +fault, the last good version is served$")
        assert execute(run) == "Bonjour Ada"

        edit(developer, '"Hello" +', '"Hello"')
        run.wait_for(r"^  new_empty_action/v1 +ok$", times=2)

        (developer.cwd / "src/modules/new_empty_action/v1/schema.json").touch()
        run.wait_for(r"^\d\d:\d\d:\d\d  form saved  new_empty_action/v1$")

        assert run.end() == 130

    assert run.said.startswith("Crm  with ")
    assert "request_id" not in run.said
    assert re.fullmatch(rf"(\d\d:\d\d:\d\d  .*\n)?error {ROUTE}:\d+: .*\n", run.complained)


@pytest.mark.parametrize("ending, code", [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_end_it_as_well(developer: Stacksync, ending: int, code: int) -> None:
    with started(developer, *QUICK) as run:
        run.wait_for(r"^  new_empty_action/v1 +ok$")
        assert run.end(ending) == code

    assert run.complained == ""


def test_it_runs_from_a_folder_below_and_a_second_ctrl_c_changes_nothing(developer: Stacksync) -> None:
    below = Stacksync(developer.cwd / "src/modules", developer.environment)

    with started(below, *QUICK) as run:
        run.wait_for(r"^  new_empty_action/v1 +ok$")
        assert execute(run) == "Bonjour Ada"
        for _ in range(20):
            run.process.send_signal(signal.SIGINT)
        assert run.wait() == 130

    assert run.complained == ""


def test_nobody_reading_ends_it(developer: Stacksync) -> None:
    command = [*developer.command("dev", *QUICK)]
    with subprocess.Popen(
        command, cwd=developer.cwd, env=developer.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.wait(DEADLINE) == 1
        assert process.stderr
        assert process.stderr.read() == b""


def test_a_quiet_run_prints_errors_only(developer: Stacksync) -> None:
    edit(developer, "import Choice", "import Choise")

    with started(developer, *QUICK, "--quiet") as run:
        run.wait_for(rf"^error {ROUTE}:\d+: .*Choise")
        assert run.end() == 130

    assert run.said == ""


def test_it_needs_a_connector(stacksync: Stacksync) -> None:
    done = stacksync("dev")

    assert done.returncode == 2
    assert "is not in a connector" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--no-studio", "--studio-port", "2100"),
        ("--stand-in", "--docker"),
    ],
)
def test_options_that_exclude_each_other_are_refused(developer: Stacksync, options: tuple[str, ...]) -> None:
    done = developer("dev", *options)

    assert done.returncode == 2
    assert done.stderr == f"Error: {options[0]} and {options[1]} cannot be used together.\nTIP: use one of them\n"


# --- a stand-in ----------------------------------------------------------------------------------

FOUND = "return Response(data={'message': len(api_client(request.connection()).get('contacts').json()['data'])})"


def test_a_stand_in_is_called_in_the_place_of_the_api(developer: Stacksync) -> None:
    edit(developer, "from src.runtime import", "from src.api_client import api_client\nfrom src.runtime import")
    edit(developer, 'return Response(data={"message"', f'{FOUND}\n    return Response(data={{"message"')

    with started(developer, *QUICK, "--stand-in") as run:
        run.wait_for(r"The API is a stand-in: tests/stand_in.py at http://127\.0\.0\.1:\d+$")
        assert execute(run) == 2

        declaration = developer.cwd / "tests/stand_in.py"
        declaration.write_text(declaration.read_text("utf-8").replace("page_size=2", "page_size=3"), "utf-8")
        run.wait_for(r"reloaded in .*tests/stand_in.py$")
        assert execute(run) == 3
        assert run.end() == 130

    assert run.complained == ""


def test_a_connector_without_a_runtime_has_no_stand_in(developer: Stacksync) -> None:
    shutil.rmtree(developer.cwd / "src/runtime")

    done = developer("dev", "--stand-in")

    fault = "A stand-in needs src/runtime, which this connector does not have."
    assert (done.returncode, done.stderr) == (1, f"Error: {fault}\n")


def test_a_stand_in_that_is_not_declared_is_told(developer: Stacksync) -> None:
    (developer.cwd / "tests/stand_in.py").unlink()

    done = developer("dev", "--stand-in")

    tip = "declare the API in it: documentation/building_a_module.md, A stand-in for an API"
    assert (done.returncode, done.stderr) == (1, f"Error: There is no tests/stand_in.py.\nTIP: {tip}\n")


def test_studio_is_served_and_opened(developer: Stacksync, programs: StandIns) -> None:
    programs.add("browser", "")

    with started(
        developer, "--port", "0", "--studio-port", "0", "--open", BROWSER=f"{programs.path}/browser %s"
    ) as run:
        studio = run.wait_for(r"^  Studio +(http://127\.0\.0\.1:\d+)$")[1]
        opened = poll(lambda: programs.calls("browser"))
        assert opened[0]["arguments"] == [studio]
        run.wait_for(r"new_empty_action/v1 +ok")  # the last that it says, and so nothing is being read
        with urlopen(f"{studio}/m/new_empty_action/v1", timeout=30) as page:
            assert run.address in page.read().decode()
        assert run.end() == 130

    assert run.complained == ""
