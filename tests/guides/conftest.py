"""A reader with a new connector."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Published, Stacksync, isolated
from tests.guides.programs import install_programs
from tests.guides.reader import Reader
from tests.ports import free_port


@pytest.fixture(scope="session")
def made_connector(deployed_connector: Path) -> Path:
    """Return a connector with every guide; it is copied, never changed."""
    return deployed_connector


# Half of the time of a `stacksync test`, which pages say a dozen times. tests/test_render_matrix.py runs them.
LONG_TESTS = "src/modules/create_contacts/v1/tests/test_create.py"


def reader_of(connector: Stacksync, mypy_cache: Path) -> Reader:
    """Return a reader in a connector: with the tools of this environment, and no network."""
    (connector.cwd / LONG_TESTS).unlink()
    settings = settings_of(connector.cwd.parent, connector.environment["PATH"], mypy_cache)
    # What `stacksync test` and `run` use: it has all that is required, and stand-ins of what would ask the internet.
    python = connector.cwd.parent / "programs/python3"
    subprocess.run([str(python), "-m", "venv", str(connector.cwd / ".venv")], check=True)
    (Path(connector.environment["HOME"]) / ".curlrc").write_text("silent\nshow-error\n")
    shutil.copy(connector.cwd / ".env.example", connector.cwd / ".env")
    port = free_port()
    config = connector.cwd / "app_config.yaml"
    config.write_text(config.read_text("utf-8").replace("port: 2003", f"port: {port}"), "utf-8")
    return Reader(connector.cwd, connector.environment | settings, port)


def settings_of(folder: Path, path: str, mypy_cache: Path) -> dict[str, str]:
    """Return what a reader's environment has besides a user's; the programs of guides are written into the folder."""
    programs = install_programs(folder / "programs")
    return {
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), path]),
        "VIRTUAL_ENV": sys.prefix,
        "BROWSER": "true",
        "MYPY_CACHE_DIR": str(mypy_cache),
        # A connector has none of the plugins that this environment has.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


@pytest.fixture
def reader(connector: Stacksync, mypy_cache: Path) -> Reader:
    """Return a reader whose connector has the default answers."""
    return reader_of(replace(connector, environment=without_warnings(connector.environment)), mypy_cache)


@pytest.fixture(scope="module")
def shared_reader(
    made_connector: Path, project: Path, mypy_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Reader:
    """Return a reader for all tests of a file, whose connector has the default answers."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(made_connector, folder / "crm", symlinks=True)
    environment = without_warnings(isolated(folder / "home")) | {"PYTHONPATH": str(project / "cli")}
    (folder / "home").mkdir()
    return reader_of(Stacksync(folder / "crm", environment), mypy_cache)


@pytest.fixture
def upgrading_reader(published: Published, tmp_path: Path, mypy_cache: Path) -> Reader:
    """Return a reader whose connector is a release behind its template, with everything committed."""
    published.stacksync(tmp_path).json("new", "crm")
    with (published.checkout / "template/documentation/getting_started.md").open("a", encoding="utf-8") as page:
        page.write("\nSince v0.2.0.\n")
    published.release("v0.2.0")
    crm = replace(published.stacksync(tmp_path / "crm"), environment=without_warnings(published.environment))
    reader = reader_of(crm, mypy_cache)
    published.git("commit", "--quiet", "--all", "--message", "Another port", cwd=reader.folder)
    return reader


def without_warnings(environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of a user: warnings of tools are no errors there."""
    return {name: value for name, value in environment.items() if name != "PYTHONWARNINGS"}
