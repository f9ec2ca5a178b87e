"""Which Python runs a connector, and the making of one: real environments, offline."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stacksync.dev.environment.interpreter import Interpreter, find_interpreter
from stacksync.errors import StacksyncError
from stacksync.requirements import installed as requirements
from stacksync.requirements.installed import Environment

PYTHON = ".".join(map(str, sys.version_info[:3]))
BIN = Path("Scripts" if os.name == "nt" else "bin")
on_posix = pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for Python")


@pytest.fixture(autouse=True)
def nothing_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with nothing in it."""
    home = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    return home


def stand_in(home: Path, script: str) -> None:
    (home / "bin").mkdir(parents=True)
    (home / "bin/python").write_text(f"#!/bin/sh\n{script}\n")
    (home / "bin/python").chmod(0o755)


# --- finding -------------------------------------------------------------------------------------


def test_the_connectors_own_environment_goes_first(
    tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".venv").symlink_to(empty, target_is_directory=True)
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)

    found = find_interpreter(tmp_path)

    assert found == Interpreter(tmp_path / ".venv", ".venv")
    assert found.version == PYTHON
    found.require_recent()


def test_then_the_active_one(tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.txt").write_text("flask\n")
    monkeypatch.setenv("VIRTUAL_ENV", str(empty))

    found = find_interpreter(tmp_path)

    assert found
    assert (found.home, found.version) == (empty, PYTHON)
    assert requirements.missing(tmp_path, found.environment) == ["flask"]
    assert found.install_command() == f"uv pip install --python {empty / BIN / 'python'} -r requirements.txt"


@pytest.mark.parametrize("asked, counts", [("flask>=3\n", True), ("no-such-package\n", False)])
def test_stacksyncs_own_environment_counts_when_it_has_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, counts: bool
) -> None:
    (tmp_path / "requirements.txt").write_text(asked)
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)

    assert (find_interpreter(tmp_path) is not None) == counts


@pytest.mark.parametrize("active", ["", "gone"])
def test_else_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, active: str) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", active and str(tmp_path / active))

    assert find_interpreter(tmp_path) is None


def test_an_environment_without_a_python_is_told(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(tmp_path / "gone")

    found = find_interpreter(tmp_path)

    assert found
    with pytest.raises(StacksyncError) as caught:
        found.require_recent()
    assert str(caught.value) == "The Python of .venv does not run: No such file or directory."
    assert caught.value.tip == f"delete .venv: stacksync dev then makes it with Python {sys.version.split()[0]}"


@on_posix
@pytest.mark.parametrize("script", ["echo nonsense", "exit 3", "echo null", "echo '{}'"])
def test_a_python_that_answers_nonsense_is_told(tmp_path: Path, script: str) -> None:
    stand_in(tmp_path / ".venv", script)

    with pytest.raises(StacksyncError, match=r"\.venv does not run: it does not answer as Python does\.$"):
        Interpreter(tmp_path / ".venv", ".venv").require_recent()


@on_posix
@pytest.mark.parametrize(
    "installed, command",
    [
        ('{"pip": "26"}', "'my env/bin/python' -m pip install -r requirements.txt"),
        ("{}", "uv pip install --python 'my env/bin/python' -r requirements.txt"),
    ],
)
def test_what_installs_the_rest_can_be_typed(tmp_path: Path, installed: str, command: str) -> None:
    stand_in(tmp_path, f"""echo '{{"version": "3.12.1", "installed": {installed}}}'""")

    assert Interpreter(tmp_path, "my env").install_command() == command


@on_posix
def test_it_can_be_typed_in_a_folder_of_the_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path / ".venv", """echo '{"version": "3.12.1", "installed": {"pip": "26"}}'""")
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")

    command = Interpreter(tmp_path / ".venv", ".venv").install_command(root=tmp_path)

    assert command == "../.venv/bin/python -m pip install -r ../requirements.txt"


@on_posix
def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    stand_in(tmp_path / "old", """echo '{"version": "3.9.2", "installed": {}}'""")

    with pytest.raises(StacksyncError) as caught:
        Interpreter(tmp_path / "old", "/old").require_recent()
    assert str(caught.value) == "/old has Python 3.9.2: connectors need 3.10 or newer."
    assert caught.value.tip == "deactivate that environment: stacksync dev then makes .venv"


# --- requirements --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, lacking",
    [
        ("", []),
        ("# a comment\n\n--index-url https://example.invalid\n-e .\nhttps://example.invalid/x.whl\n", []),
        ("Flask>=3,<4\nmy_package\n", []),
        ("My.Package>=2 # newer\nhttpx[http2]>=0.27\n", ["My.Package>=2", "httpx>=0.27"]),
        ("sdk @ git+https://example.invalid/sdk.git\n", ["sdk"]),
        ("httpx \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\n", ["httpx"]),
        ("httpx; python_version < '3.9'\nother; python_version >= '3.9'\n", ["other"]),
        ("httpx\nhttpx\n-r more.txt\n", ["httpx", "deeper"]),
        ("betas>=1.0\n", []),
        ("\ufeffhttpx\n", ["httpx"]),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, text: str, lacking: list[str]) -> None:
    (tmp_path / "requirements.txt").write_text(text, "utf-8")
    (tmp_path / "more.txt").write_text("-r requirements.txt\ndeeper\n")
    environment = Environment("3.12.1", {"flask": "3.1.0", "my-package": "1.0", "betas": "2.0b1"})

    assert requirements.missing(tmp_path, environment) == lacking


def test_flask_is_needed_whoever_asks_for_it(tmp_path: Path) -> None:
    assert requirements.missing(tmp_path, Environment("3.12.1", {})) == ["flask"]
