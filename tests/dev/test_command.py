"""`stacksync dev` as it is used: the command itself, with a connector of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.conftest import Stacksync
from tests.dev.running_command import Run, started
from tests.dev.stand_ins import FOREVER, StandIns

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")

ROUTE = "src/modules/new_empty_action/v1/route.py"
CALL = {"data": {"name": "Ada", "language": "fr"}}
QUICK = ("--port", "0", "--no-studio")


@pytest.fixture
def developer(connector: Stacksync) -> Stacksync:
    """Return the command in a connector whose requirements are in the active environment."""
    return Stacksync(connector.cwd, connector.environment | {"VIRTUAL_ENV": sys.prefix})


@pytest.fixture
def programs(tmp_path: Path, developer: Stacksync) -> StandIns:
    """Return stand-ins that go first on the path of the developer."""
    developer.environment["PATH"] = f"{tmp_path}{os.pathsep}{developer.environment['PATH']}"
    return StandIns(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port that this process has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found: int = server.getsockname()[1]
        yield found


def execute(run: Run) -> str:
    request = Request(f"{run.address}/new_empty_action/v1/execute", json.dumps(CALL).encode())
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=30) as answer:
        message: str = json.load(answer)["data"]["message"]
        return message


def edit(developer: Stacksync, old: str, new: str) -> None:
    file = developer.cwd / ROUTE
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def set_port(developer: Stacksync, port: int) -> None:
    file = developer.cwd / "app_config.yaml"
    file.write_text(re.sub(r"^  port: \d+$", f"  port: {port}", file.read_text("utf-8"), flags=re.M), "utf-8")


# --- running -------------------------------------------------------------------------------------


def test_a_connector_is_run_and_what_happens_is_told(developer: Stacksync) -> None:
    with started(developer, *QUICK) as run:
        run.wait_for(r"^\d\d:\d\d:\d\d  ready in \d+\.\d\d s$")
        run.wait_for(r"^  new_empty_action/v1 +ok$")
        assert execute(run) == "Bonjour Ada"
        run.wait_for(r"^\d\d:\d\d:\d\d  POST /new_empty_action/v1/execute  200  \d+ ms$")

        edit(developer, "    language = request", '    print("got\\x1b[2J it")\n    language = request')
        run.wait_for(rf"^\d\d:\d\d:\d\d  reloaded in \d+\.\d\d s  .*{ROUTE}$")
        assert execute(run) == "Bonjour Ada"
        run.wait_for(r"^  \| got\\x1b\[2J it$")

        edit(developer, '"Hello"', '"Hello" +')
        run.wait_for(rf"^error {ROUTE}:\d+: ")
        run.wait_for(r"^  new_empty_action/v1 +the last good version is served$")
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


def test_a_quiet_run_prints_errors_only(developer: Stacksync) -> None:
    edit(developer, "import Choice", "import Choise")

    with started(developer, *QUICK, "--quiet") as run:
        run.wait_for(rf"^error {ROUTE}:\d+: .*Choise")
        assert run.end() == 130

    assert run.said == ""


def test_it_runs_from_a_folder_below(developer: Stacksync) -> None:
    below = Stacksync(developer.cwd / "src/modules", developer.environment)

    with started(below, *QUICK) as run:
        assert execute(run) == "Bonjour Ada"


def test_it_needs_a_connector(stacksync: Stacksync) -> None:
    done = stacksync("dev")

    assert done.returncode == 2
    assert "is not in a connector" in done.stderr


def test_options_that_exclude_each_other_are_refused(developer: Stacksync) -> None:
    done = developer("dev", "--no-studio", "--studio-port", "2100")

    assert done.returncode == 2
    assert done.stderr == "Error: --no-studio and --studio-port exclude each other.\nTIP: use one of them\n"


# --- ports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
def test_a_port_in_use_is_told_with_its_owner(developer: Stacksync, taken: int, named: bool) -> None:
    set_port(developer, taken)

    done = developer("dev", *(["--port", str(taken)] if named else []))

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Port {taken} is in use")
    if sys.platform == "linux":
        assert f"(pid {os.getpid()})" in done.stderr
    assert re.search(r"\nTIP: stop that, or take the next free one: --port \d+\n$", done.stderr)


def test_a_studio_port_in_use_is_told(developer: Stacksync, taken: int) -> None:
    done = developer("dev", "--port", "0", "--studio-port", str(taken))

    assert done.returncode == 1
    assert f"Error: Port {taken} is in use" in done.stderr
    assert "take the next free one: --studio-port " in done.stderr


# --- the environment -----------------------------------------------------------------------------


def test_a_requirement_that_is_missing_is_named(developer: Stacksync) -> None:
    with (developer.cwd / "requirements.txt").open("a") as file:
        file.write("no-such-package>=7\n")
    (developer.cwd / ".venv").symlink_to(sys.prefix)

    with started(developer, *QUICK) as run:
        run.wait_for("ready in")
        assert run.end() == 130

    install = ".venv/bin/python -m pip install -r requirements.txt"
    assert run.complained == f"warning: .venv lacks no-such-package>=7: {install}\n"


def test_an_environment_without_flask_is_refused(developer: Stacksync) -> None:
    (developer.cwd / "requirements.txt").write_text("flask>=3.1\nhttpx\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(developer.cwd / ".venv")], check=True)

    done = developer("dev", *QUICK)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: .venv lacks flask>=3.1, httpx.\nTIP: .venv/bin/python -m pip install -r requirements.txt\n"
    )


def test_an_interrupted_installation_leaves_nothing(developer: Stacksync) -> None:
    del developer.environment["VIRTUAL_ENV"]

    with started(developer, *QUICK) as run:
        run.wait_for(r"^Making \.venv with Python ")
        while not (developer.cwd / ".venv/pyvenv.cfg").exists():
            assert run.process.poll() is None
        assert run.end() == 130

    assert run.complained == ""
    assert not (developer.cwd / ".venv").exists()


# --- with other programs -------------------------------------------------------------------------


def test_docker_runs_it_too(developer: Stacksync, programs: StandIns) -> None:
    answers = "BaseHTTPRequestHandler.do_GET = lambda self: self.send_error(404)"
    serves = "HTTPServer(('127.0.0.1', int(os.environ['PORT'])), BaseHTTPRequestHandler).serve_forever()"
    programs.add(
        "docker",
        f"from http.server import *\nif 'version' in sys.argv: sys.exit()\n{answers}\n"
        f"print('connector-1  | from within', flush=True)\n{serves}",
    )

    with started(developer, *QUICK, "--build") as run:
        run.wait_for(r"^Crm  with Docker; Ctrl-C ends it$")
        run.wait_for(r"^  \| from within$")
        run.wait_for(r"  ready in \d")
        assert run.end() == 130

    assert programs.calls("docker")[1]["arguments"][3:] == ["up", "--build", "connector"]
    assert programs.calls("docker")[-1] == {"signal": signal.SIGINT}


def test_docker_that_fails_ends_the_command(developer: Stacksync, programs: StandIns) -> None:
    programs.add("docker", "if 'version' in sys.argv: sys.exit()\nprint('no such image')\nsys.exit(18)")

    done = developer("dev", *QUICK, "--docker")

    assert done.returncode == 1
    assert "  | no such image\n" in done.stdout
    assert done.stderr == "Error: The connector has stopped: docker compose ended with exit code 18.\n"


def test_without_docker_nothing_is_begun(developer: Stacksync, tmp_path: Path) -> None:
    done = developer("dev", "--docker", PATH=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith("Error: docker was not found.\nTIP: ")
    assert done.stderr.endswith("stacksync dev alone runs the connector without Docker\n")


def test_a_tunnel_makes_it_public_and_its_end_is_told(developer: Stacksync, programs: StandIns) -> None:
    opened = json.dumps({"msg": "started tunnel", "url": "https://abc.ngrok-free.app"})
    programs.add(
        "ngrok",
        f"print({opened!r}, flush=True)\nwhile not os.path.exists('end'): time.sleep(0.02)\nprint('ERROR: cut off')",
    )

    with started(developer, *QUICK, "--tunnel") as run:
        run.wait_for(r"^  public +https://abc\.ngrok-free\.app  paste it into Developer Studio")
        (developer.cwd / "end").touch()
        run.wait_for(r"  no public address  ngrok ended: cut off$")
        assert execute(run) == "Bonjour Ada"
        assert run.end() == 130


def test_a_tunnel_ends_with_the_command(developer: Stacksync, programs: StandIns) -> None:
    programs.add("ngrok", f"print('{{}}', flush=True)\n{FOREVER}")

    with started(developer, *QUICK, "--tunnel") as run:
        run.wait_for("ready in")
        assert run.end() == 130


def test_the_browser_is_opened_when_asked_to(developer: Stacksync, programs: StandIns) -> None:
    programs.add("browser", "")

    with started(developer, *QUICK, "--open", BROWSER=f"{programs.path}/browser %s") as run:
        run.wait_for("ready in")
        while not programs.calls("browser"):
            assert run.process.poll() is None
        assert programs.calls("browser")[0]["arguments"] == [run.address]
        assert run.end() == 130
