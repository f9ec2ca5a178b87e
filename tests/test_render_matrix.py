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
from tests.conftest import ROOT

AUTHS = ["none", "api_key", "bearer", "basic", "oauth2", "custom"]
COMBINATIONS = list(itertools.product(AUTHS, [False, True]))
CHECKS = {
    "pytest": ["pytest", "-q", "-p", "no:cacheprovider"],
    "ruff": ["ruff", "check", "--no-cache"],
    "mypy": ["mypy"],
}


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one cache for all: the connectors differ in a few files."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("auth, compat", COMBINATIONS)
def test_a_connector_passes_its_own_checks(copie_session: Any, mypy_cache: Path, auth: str, compat: bool) -> None:
    result = copie_session.copy(extra_answers={"app_type": "acme", "auth": auth, "workflows_cdk_compat": compat})

    assert result.exception is None
    assert (result.answers["auth"], result.answers["workflows_cdk_compat"]) == (auth, compat)
    for name in CHECKS:
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
    install = [sys.executable, "-m", "pip", "--python", own, "install", "--quiet", "-r", "requirements-dev.txt"]
    subprocess.run(install, cwd=connector, check=True)

    for name in CHECKS:
        assert check(name, own, connector, tmp_path / "mypy") == ""


def check(name: str, python: str, connector: Path, mypy_cache: Path) -> str:
    """Run one check as a developer in the connector would; return what it says when it fails."""
    if name == "mypy":  # which leaves out a file whose name has a dot in it
        shutil.copy(connector / "gunicorn.conf.py", connector / "gunicorn_conf.py")
    command = [python, "-m", *CHECKS[name], *(["--cache-dir", str(mypy_cache)] if name == "mypy" else [])]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
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
