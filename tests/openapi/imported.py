"""A connector that imported the library, and descriptions of it that say something else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PLAIN_PYTEST, Stacksync, git_settings, isolated
from tests.openapi.conftest import LIBRARY
from tests.openapi.test_drift import changed, library_document
from tests.test_add_module import without_python_path

STORE = "src/api/library"
MODULES = "src/modules"
IDENTITY = {"user.name": "T", "user.email": "t@localhost"}
ORDER = "paths /shelves/order put requestBody content application/json schema items properties"
NOTE = "paths /members/{member_id}/notes post requestBody content multipart/form-data schema properties"

Describe = Callable[..., str]


def git(connector: Stacksync, *arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(
        command, cwd=connector.cwd, env=connector.environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(connector: Stacksync) -> None:
    git(connector, "add", "--all")
    git(connector, "commit", "--quiet", "--allow-empty", "--message", "Work")


@pytest.fixture(scope="session")
def once_imported(made_connector: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Stacksync:
    """Return a connector that imported the library; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("once") / "crm"
    shutil.copytree(made_connector, folder, symlinks=True)
    environment = isolated(folder.parent / "home") | git_settings(IDENTITY)
    command = Stacksync(folder, environment | {"PYTHONPATH": str(project / "cli")})
    if not (folder / ".git").exists():
        git(command, "init", "--quiet", "--initial-branch=main")
    command.json("import", "openapi", str(LIBRARY), "--yes")
    commit(command)
    return command


@pytest.fixture
def imported(once_imported: Stacksync, tmp_path: Path) -> Stacksync:
    folder = tmp_path / "crm"
    shutil.copytree(once_imported.cwd, folder, symlinks=True)
    return Stacksync(folder, once_imported.environment)


@pytest.fixture
def described(tmp_path: Path) -> Describe:
    """Return a file with the library's description, in which places say something else."""

    def made(*changes: tuple[str, Any]) -> str:
        document = library_document()
        for place, value in changes:
            document = changed(document, place, value)
        file = tmp_path / "library.json"
        file.write_text(json.dumps(document))
        return str(file)

    return made


def read(connector: Stacksync, name: str) -> Any:
    return json.loads((connector.cwd / name).read_text("utf-8"))


def check_tests(connector: Stacksync, *modules: str) -> None:
    """Run the tests of modules, as they are in the connector."""
    tests = [f"{MODULES}/{each}" for each in modules]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    environment = without_python_path(connector.environment) | PLAIN_PYTEST
    ran = subprocess.run(command, cwd=connector.cwd, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
