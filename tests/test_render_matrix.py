"""Every connector that can be made passes its own tests, ruff and mypy on the day it is made."""

import itertools
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.bytecode import lend_bytecode
from tests.conftest import ROOT, snapshot

AUTHS = ["none", "api_key", "bearer", "basic", "oauth2", "custom"]
# Where both answers are something else, no file is its own: each is checked with one of them.
TOGETHER = AUTHS[2:]
COMBINATIONS = [each for each in itertools.product(AUTHS, [False, True]) if not (each[0] in TOGETHER and each[1])]
# Modules are made with credentials or without: their own tests, most of a connector's, run for each of the two once.
WHOLE = [("none", False), ("api_key", True)]
# What the answers change besides modules. `tests` covers it, with the forms and examples of every module.
CHANGED = (".copier-answers.yml", "main.py", "src/api_client.py", "tests/", "src/runtime/compat/", "workflows_cdk/")
CHECKS = {
    "pytest": ["pytest", "-q", "-p", "no:cacheprovider"],
    "pytest tests": ["pytest", "-q", "-p", "no:cacheprovider", "tests"],
    "ruff": ["ruff", "check", "--no-cache"],
    "mypy": ["mypy"],
}
Files = dict[str, tuple[int, bytes]]
ANSWERS = ".copier-answers.yml"


def made(folder: Path, auth: str, compat: bool) -> dict[str, Any]:
    """Make a connector, as test_source.py shows that Copier does, and return the answers that it records."""
    given = gather(ROOT, "acme", None, [f"auth={auth}", f"workflows_cdk_compat={str(compat).lower()}"])
    return render(TemplateSource(ROOT, None, None), folder, given)


@cache
def files_of(auth: str, compat: bool) -> Files:
    """Return the files of a connector."""
    with TemporaryDirectory() as folder:
        made(Path(folder, "acme"), auth, compat)
        return snapshot(Path(folder, "acme"))


def unchanged(files: Files) -> Files:
    """Return the files that are the same for all answers, and the modules."""
    return {name: entry for name, entry in files.items() if not name.startswith(CHANGED)}


@pytest.mark.parametrize("auth, compat", COMBINATIONS)
def test_a_connector_passes_its_own_checks(
    tmp_path: Path, compiled_connector: Path, mypy_cache: Path, auth: str, compat: bool
) -> None:
    answers = made(tmp_path / "acme", auth, compat)

    assert (answers["auth"], answers["workflows_cdk_compat"]) == (auth, compat)
    wholly_tested = next(files_of(*each) for each in WHOLE if (each[0] == "none") == (auth == "none"))
    assert unchanged(snapshot(tmp_path / "acme")) == unchanged(wholly_tested)
    lend_bytecode(compiled_connector, tmp_path / "acme")
    for name in ("pytest" if (auth, compat) in WHOLE else "pytest tests", "ruff", "mypy"):
        assert check(name, sys.executable, tmp_path / "acme", mypy_cache) == ""


@pytest.mark.parametrize("auth", TOGETHER)
def test_a_connector_of_both_answers_is_put_together_of_files_that_passed(auth: str) -> None:
    one, both = dict(files_of(auth, False)), dict(files_of(auth, True))
    neither, other = files_of("api_key", False), files_of("api_key", True)
    of_compat = {name: entry for name, entry in other.items() if neither.get(name) != entry}

    recorded = both.pop(ANSWERS), one.pop(ANSWERS), of_compat.pop(ANSWERS)
    assert both == one | of_compat
    assert len(set(recorded)) == 3
    assert neither.keys() <= other.keys()


@pytest.mark.parametrize("python", ["python3.10", "python3.13"])
def test_a_connector_passes_with_only_its_own_requirements(tmp_path: Path, python: str) -> None:
    interpreter = found(python)
    if interpreter is None:
        pytest.skip(f"there is no {python} here")
    connector, environment = tmp_path / "acme", tmp_path / "venv"
    made(connector, "oauth2", True)

    subprocess.run([interpreter, "-m", "venv", "--without-pip", str(environment)], check=True)
    own = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
    # Compiling takes as long as installing, and little of it would be used.
    install = [sys.executable, "-m", "pip", "--python", own, "install", "--quiet", "--no-compile"]
    subprocess.run([*install, "-r", "requirements-dev.txt"], cwd=connector, check=True)

    for name in ("pytest", "ruff", "mypy"):
        assert check(name, own, connector, tmp_path / "mypy") == ""


def check(name: str, python: str, connector: Path, mypy_cache: Path) -> str:
    """Run one check as a developer in the connector would; return what it says when it fails."""
    if name == "mypy":  # which leaves out a file whose name has a dot in it
        shutil.copy(connector / "gunicorn.conf.py", connector / "gunicorn_conf.py")
    command = [python, "-m", *CHECKS[name], *(["--cache-dir", str(mypy_cache)] if name == "mypy" else [])]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # a connector has none of the plugins of this environment
    done = subprocess.run(command, cwd=connector, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{name}: {done.stdout}{done.stderr}"


@cache
def found(python: str) -> str | None:
    """Return an interpreter that runs: one of STACKSYNC_TEST_PYTHONS, or one on the path."""
    version = python.removeprefix("python")
    named = os.environ.get("STACKSYNC_TEST_PYTHONS", "").split(os.pathsep)
    for candidate in filter(None, [*named, shutil.which(python)]):
        command = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() == version:
            return candidate
    return None
