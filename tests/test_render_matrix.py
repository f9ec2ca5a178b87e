"""Every connector that can be made passes its own tests, ruff and mypy on the day it is made."""

import itertools
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.bytecode import lend_bytecode
from tests.conftest import ROOT, snapshot

AUTHS = ["none", "api_key", "bearer", "basic", "oauth2", "custom"]
COMBINATIONS = list(itertools.product(AUTHS, [False, True]))
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


def copied(copie_session: Any, auth: str, compat: bool) -> Any:
    """Make a connector."""
    return copie_session.copy(extra_answers={"app_type": "acme", "auth": auth, "workflows_cdk_compat": compat})


def unchanged(connector: Path) -> Files:
    """Return the files that are the same for all answers, and the modules."""
    return {name: entry for name, entry in snapshot(connector).items() if not name.startswith(CHANGED)}


@pytest.fixture(scope="module")
def wholly_tested(copie_session: Any) -> dict[bool, Files]:
    """Return these files of the connectors whose tests all run, by whether they have credentials."""
    return {auth != "none": unchanged(copied(copie_session, auth, compat).project_dir) for auth, compat in WHOLE}


@pytest.mark.parametrize("auth, compat", COMBINATIONS)
def test_a_connector_passes_its_own_checks(
    copie_session: Any,
    compiled_connector: Path,
    mypy_cache: Path,
    wholly_tested: dict[bool, Files],
    auth: str,
    compat: bool,
) -> None:
    result = copied(copie_session, auth, compat)

    assert result.exception is None
    assert (result.answers["auth"], result.answers["workflows_cdk_compat"]) == (auth, compat)
    assert unchanged(result.project_dir) == wholly_tested[auth != "none"]
    lend_bytecode(compiled_connector, result.project_dir)
    for name in ("pytest" if (auth, compat) in WHOLE else "pytest tests", "ruff", "mypy"):
        assert check(name, sys.executable, result.project_dir, mypy_cache) == ""


@pytest.mark.parametrize("python", ["python3.10", "python3.13"])
def test_a_connector_passes_with_only_its_own_requirements(tmp_path: Path, python: str) -> None:
    interpreter = found(python)
    if interpreter is None:
        pytest.skip(f"there is no {python} here")
    connector, environment = tmp_path / "acme", tmp_path / "venv"
    answers = gather(ROOT, "acme", None, ["auth=oauth2", "workflows_cdk_compat=true"])
    render(TemplateSource(ROOT, None, None), connector, answers)

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
