"""`stacksync doctor`: what is said of a machine, and what it is worth."""

import os
import socket
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import Stacksync, git_settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="makes links and scripts")

SCRIPTS = Path(sysconfig.get_path("scripts"))
IDENTITY = git_settings({"user.name": "Tester", "user.email": "tester@localhost"})
MARK = '#!/bin/sh\ntouch "$HOME/started"\n'


@pytest.fixture
def machine(stacksync: Stacksync, tmp_path: Path) -> Stacksync:
    """Return the command on a machine with Python, git and nothing else, whose ports are free."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh"):
        (programs / name).symlink_to(find(name))
    settings = {"PATH": str(programs), "PORT": str(free_port()), "BROWSER": "/bin/true %s"}
    return Stacksync(stacksync.cwd, stacksync.environment | IDENTITY | settings)


def find(name: str) -> Path:
    return next(Path(folder, name) for folder in os.environ["PATH"].split(os.pathsep) if Path(folder, name).is_file())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(folder: Path) -> Path:
    """Make another program named stacksync, which leaves a mark when it is started."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stacksync").write_text(MARK)
    (folder / "stacksync").chmod(0o755)
    return folder / "stacksync"


def states(machine: Stacksync, **environment: str) -> dict[str, tuple[str, str, str]]:
    report = Stacksync(machine.cwd, machine.environment | environment).json("doctor")
    assert report["ready"] is True
    return {check["name"]: (check["state"], check["found"], check["todo"]) for check in report["checks"]}


def test_a_machine_that_is_ready(machine: Stacksync) -> None:
    path = f"{SCRIPTS}{os.pathsep}{machine.environment['PATH']}"
    docker = program(Path(machine.environment["HOME"]) / "docker").rename(Path(machine.environment["PATH"]) / "docker")

    done = machine("doctor", PATH=path)

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, len(lines)) == (0, "", 8)
    port = machine.environment["PORT"]
    assert lines[0] == f"ok     Python {sys.version.split()[0]} at {sys.executable}"
    assert lines[1].startswith("ok     git version ")
    assert lines[2] == f"ok     port {port}, of the connector, is free"
    assert lines[4:] == [
        "ok     git knows your name and address",
        f"ok     docker at {docker}",
        "ok     a browser for dev --open: /bin/true",
        f"ok     stacksync on your PATH is this one: {SCRIPTS / 'stacksync'}",
    ]
    assert not (Path(machine.environment["HOME"]) / "started").exists()


def test_what_is_good_to_have_is_a_note_with_what_to_do(machine: Stacksync) -> None:
    without = dict.fromkeys(IDENTITY, "") | {"GIT_CONFIG_COUNT": "0", "BROWSER": "", "DISPLAY": ""}
    found = states(machine, **without)

    assert found["identity"] == (
        "note",
        "git has no user.name and no user.email, which commits need",
        'git config --global user.name "Your Name"; git config --global user.email you@example.com',
    )
    assert found["docker"] == (
        "note",
        "docker was not found; only dev --docker needs it",
        "if you want it: https://docs.docker.com/get-docker/",
    )
    assert found["browser"] == (
        "note",
        "no browser was found for dev --open",
        "open the address that dev shows yourself",
    )
    assert found["command"] == (
        "note",
        "this stacksync is not on your PATH",
        f"type: {sys.executable} -m stacksync",
    )


def test_a_link_to_it_in_a_folder_that_is_not_on_the_path(machine: Stacksync) -> None:
    local = Path(machine.environment["HOME"]) / ".local/bin/stacksync"
    local.parent.mkdir(parents=True)
    local.symlink_to(SCRIPTS / "stacksync")

    todo = f'add this to your shell\'s profile: export PATH="$HOME/.local/bin:$PATH"; until then: {local}'
    assert states(machine)["command"] == ("note", "this stacksync is not on your PATH", todo)
    assert states(machine, PATH=f"{local.parent}{os.pathsep}{machine.environment['PATH']}")["command"][0] == "ok"


def test_another_program_of_that_name_is_told_and_not_started(machine: Stacksync, tmp_path: Path) -> None:
    other, mine = program(tmp_path / "vendor"), machine.environment["PATH"]

    first = states(machine, PATH=os.pathsep.join([str(other.parent), str(SCRIPTS), mine]))
    last = states(machine, PATH=os.pathsep.join([str(SCRIPTS), str(other.parent), mine]))
    alone = states(machine, PATH=os.pathsep.join([str(other.parent), mine]))

    text, reach = "another program named stacksync is on your PATH", f"this one is: {sys.executable} -m stacksync"
    assert first["other"] == ("note", f"{text}, and comes before this one: {other}", reach)
    assert last["other"] == ("note", f"{text}: {other}", "start that one by its path")
    assert alone["other"] == first["other"]
    assert ("command" in first, last["command"][0], alone["command"][0]) == (False, "ok", "note")
    assert not (Path(machine.environment["HOME"]) / "started").exists()


# --- what `new` and `dev` need -------------------------------------------------------------------


def test_without_git_it_is_not_ready(machine: Stacksync, tmp_path: Path) -> None:
    done = machine("doctor", "--quiet", PATH=str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error  git was not found: install it: https://git-scm.com/downloads\n"


def test_a_port_that_is_in_use_is_told_with_its_owner(machine: Stacksync) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = machine("doctor", "--quiet", PORT=str(port), PATH=f"{SCRIPTS}{os.pathsep}{machine.environment['PATH']}")

    assert done.returncode == 1
    assert done.stderr.startswith(f"error  port {port}, of the connector, is in use")
    assert f"(pid {os.getpid()})" in done.stderr or sys.platform != "linux"
    assert ": stop that, or run: stacksync dev --port " in done.stderr


def test_the_port_is_that_of_the_connector(connector: Stacksync) -> None:
    (connector.cwd / ".env").write_text("PORT=many\n")

    done = connector("doctor", "--quiet")

    assert done.returncode == 1
    assert done.stderr == ("error  PORT is 'many' in the environment or in .env: write a number from 1 to 65535.\n")


def test_another_port_for_studio_will_do(machine: Stacksync) -> None:
    from stacksync.dev.ports.choosing import STUDIO_PORT

    try:
        taken = socket.create_server(("127.0.0.1", STUDIO_PORT))
    except OSError:  # somebody else has it, which is as good
        taken = socket.create_server(("127.0.0.1", 0))
    with taken:
        state, text, todo = states(machine)["studio_port"]

    assert (state, text.startswith(f"port {STUDIO_PORT} is in use")) == ("note", True)
    assert todo.startswith("Studio will be at 2")


def test_a_python_without_venv_is_told(machine: Stacksync, tmp_path: Path) -> None:
    hide = "import importlib.util as u\nfind = u.find_spec\n"
    hide += "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else find(name, *rest)\n"
    (tmp_path / "sitecustomize.py").write_text(hide)
    path = os.pathsep.join([str(tmp_path), machine.environment["PYTHONPATH"]])

    done = machine.process("doctor", "--quiet", PYTHONPATH=path)

    assert done.returncode == 1
    assert done.stderr == (
        f"error  Python {sys.version.split()[0]} at {sys.executable} cannot make virtual environments: "
        "on Debian and Ubuntu: apt install python3-venv\n"
    )
