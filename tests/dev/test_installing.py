"""Making a connector's .venv: real environments, offline."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stacksync.dev.environment.installation import UNFINISHED, discard_unfinished, make_environment
from stacksync.dev.environment.interpreter import find_interpreter
from stacksync.errors import StacksyncError
from stacksync.requirements import installed as requirements
from tests.conftest import Stacksync
from tests.dev.running_command import in_terminal, started
from tests.polling import poll

QUICK = ("--port", "0", "--no-studio")
on_posix = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Return a connector's folder whose requirements come from a folder in it."""
    (tmp_path / "wheels").mkdir()
    with zipfile.ZipFile(tmp_path / "wheels/flask-3.1-py3-none-any.whl", "w") as wheel:
        info = "flask-3.1.dist-info"
        wheel.writestr("flask.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: Flask\nVersion: 3.1\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    (tmp_path / "requirements.txt").write_text("--no-index\n--find-links wheels\nflask>=3\n")
    return tmp_path


def test_an_environment_is_made_with_what_is_required(wheels: Path) -> None:
    told: list[str] = []

    made = make_environment(wheels, told.append)

    assert made == find_interpreter(wheels)
    assert requirements.missing(wheels, made.environment) == []
    assert not (wheels / ".venv" / UNFINISHED).exists()
    assert (wheels / ".venv/.gitignore").read_text() == "*\n"
    assert told[:2] == [f"Making .venv with Python {sys.version.split()[0]}", "Installing requirements.txt"]
    assert "Installing collected packages: flask" in told[2:]


def test_nothing_is_left_of_one_that_cannot_be_made(wheels: Path) -> None:
    with (wheels / "requirements.txt").open("a") as file:
        file.write("nosuch-package==1\n")

    with pytest.raises(StacksyncError) as caught:
        make_environment(wheels, lambda line: None)

    reason = "No matching distribution found for nosuch-package==1"
    assert str(caught.value).startswith(f"requirements.txt:4: pip could not install it: {reason}")
    assert not (wheels / ".venv").exists()


def test_an_unfinished_one_is_discarded(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    discard_unfinished(tmp_path)
    assert (tmp_path / ".venv").exists()

    (tmp_path / ".venv" / UNFINISHED).touch()
    discard_unfinished(tmp_path)
    assert not (tmp_path / ".venv").exists()


def test_there_must_be_something_to_install(tmp_path: Path) -> None:
    with pytest.raises(StacksyncError) as caught:
        make_environment(tmp_path, lambda line: None)

    assert str(caught.value) == "There is no .venv, and no requirements.txt to make it from."
    assert list(tmp_path.iterdir()) == []


# --- by the command ------------------------------------------------------------------------------


@on_posix
def test_a_requirement_that_is_missing_is_named(developer: Stacksync) -> None:
    with (developer.cwd / "requirements.txt").open("a") as file:
        file.write("no-such-package>=7\n")
    (developer.cwd / ".venv").symlink_to(sys.prefix)

    with started(developer, *QUICK) as run:
        run.wait_for(r"new_empty_action/v1 +ok")  # the last that it says, and so nothing is being read
        assert run.end() == 130

    assert re.fullmatch(
        r"warning: \.venv lacks no-such-package>=7: .*pip install .*requirements\.txt\n", run.complained
    )


@on_posix
def test_an_environment_without_flask_is_refused(developer: Stacksync) -> None:
    (developer.cwd / "requirements.txt").write_text("flask>=3.1\nhttpx\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(developer.cwd / ".venv")], check=True)

    done = developer("dev", *QUICK)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: .venv lacks flask>=3.1, httpx.\nTIP: uv pip install --python .venv/bin/python -r requirements.txt\n"
    )


@on_posix
def test_an_interrupted_installation_leaves_nothing(developer: Stacksync) -> None:
    del developer.environment["VIRTUAL_ENV"]

    with started(developer, *QUICK) as run:
        run.wait_for(r"^Making \.venv with Python ")
        poll((developer.cwd / ".venv/pyvenv.cfg").exists)
        assert run.end() == 130

    assert run.complained == ""
    assert not (developer.cwd / ".venv").exists()


@on_posix
def test_ctrl_c_while_an_environment_is_made_leaves_nothing(developer: Stacksync) -> None:
    del developer.environment["VIRTUAL_ENV"]

    with in_terminal(developer, "--port", "0", "--no-studio") as run:
        run.wait_for(r"Making \.venv with Python ")
        run.type("\x03")
        assert run.wait() == 130

    assert "Traceback" not in run.said
    assert not (developer.cwd / ".venv").exists()
