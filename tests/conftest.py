"""What the tests share: the command as users run it, and a published repository of the template with releases."""

import compileall
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stacksync.file_lock import locked
from tests import warm_python
from tests.bytecode import compiled

TESTS = Path(__file__).parent
ROOT = TESTS.parent
ADDRESS = "https://example.invalid/stacksync.git"
# What starts servers, browsers, builds or environments, or tries cases by the thousand.
SLOW = (
    *("adopt/test_adopt.py", "comparison/test_property.py", "kit/", "openapi/"),
    *("attacks/test_dev_callers.py", "attacks/test_hangs.py", "attacks/test_patterns.py"),
    *("attacks/test_planted_secrets.py", "attacks/test_redaction.py", "attacks/test_slow_callers.py"),
    *("attacks/test_terminal.py", "check/test_robustness.py", "dev/", "forms/test_against_json_schema.py"),
    *(
        "guides/",
        "invoke/",
        "kit/test_served.py",
        "oauth/",
        "operations/",
        "production/",
        "studio/browser/",
        "studio/test_form_lossless.py",
    ),
    *("test_foreign_repositories.py", "test_installed_source.py", "test_interrupts.py", "test_new_here.py"),
    *("test_operations.py", "test_package.py", "test_readme.py", "test_release.py", "test_remove_module.py"),
    *("test_render_matrix.py", "test_source.py", "test_surroundings.py", "test_template.py", "test_test.py", "update/"),
)
# A connector's tests need nothing of what is installed beside pytest here, which takes half a second to load.
PLAIN_PYTEST = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
# The tests make half a million small files, and a disk takes longer for them than everything else together.
MEMORY = Path("/dev/shm")
ROOM = 6 << 30  # bytes: what is there at the same time takes less than half of it


def pytest_configure() -> None:
    """Keep compiled code, and temporary files in memory where there is room, unless a place for them is given."""
    # A container may tell Python to keep no compiled code: the tests and what they start would compile all of it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # workers and all that tests start have it from here
    sys.dont_write_bytecode = False
    given = {"TMPDIR", "TEMP", "TMP", "PYTEST_DEBUG_TEMPROOT"} & os.environ.keys()
    if not given and os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Return what `-n auto` means: tests wait for servers, browsers and git for half of their time."""
    processors = yield
    given = "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ
    return processors if given else 2 * processors


@pytest.hookimpl(tryfirst=True)  # before those that are not asked for are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow: `-m "not slow"` answers in a minute or so."""
    for item in items:
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Look for garbage in what the tests make, and not in the thousands of tests themselves."""
    gc.freeze()


@dataclass(frozen=True)
class Stacksync:
    """Runs `python -m stacksync` of one checkout in one folder."""

    cwd: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run to the end, with no terminal."""
        return warm_python.run("stacksync", arguments, self.cwd, self.environment | environment)

    def limited(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run to the end, with 2 GB of memory, and no longer than a minute."""
        return warm_python.run("stacksync", arguments, self.cwd, self.environment, warm_python.Limits(2 * 1024**3, 60))

    def process(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run in a Python begun anew, as users do."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.cwd,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        """Return the command line, for those who start it themselves."""
        return [sys.executable, "-m", "stacksync", *arguments]

    def json(self, *arguments: str) -> Any:
        """Run a command that must succeed and return its report."""
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def left(self) -> list[str]:
        """Return what is in the folder now."""
        return sorted(path.name for path in self.cwd.iterdir())


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty home folder: nobody's git identity, settings or caches."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment with nothing of the developer's in it but the path."""
    return isolated(home)


@pytest.fixture
def stacksync(tmp_path_factory: pytest.TempPathFactory, clean_environment: dict[str, str]) -> Stacksync:
    """Return the command of this checkout, in an empty folder."""
    return Stacksync(tmp_path_factory.mktemp("work"), clean_environment | {"PYTHONPATH": str(ROOT / "cli")})


def isolated(home: Path) -> dict[str, str]:
    """Return an environment of another user."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG") if name in os.environ
    }
    return kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONWARNINGS": "error",
    }


@dataclass(frozen=True)
class Published:
    """A copy of this project in a git repository, its origin a network address that leads to a folder."""

    checkout: Path
    environment: dict[str, str]

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run git, in the checkout unless told otherwise."""
        command = ["git", *arguments]
        place = cwd or self.checkout
        return subprocess.run(
            command, cwd=place, env=self.environment, capture_output=True, text=True, check=True
        ).stdout

    def release(self, tag: str) -> None:
        """Commit everything, tag it and publish it."""
        self.commit(f"Release {tag}")
        self.git("tag", tag)
        self.git("push", "--quiet", "origin", "main", tag)

    def commit(self, message: str) -> None:
        """Commit everything, here only."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def stacksync(self, cwd: Path) -> Stacksync:
        """Return the command of the checkout."""
        return Stacksync(cwd, self.environment | {"PYTHONPATH": str(self.checkout / "cli")})

    def copier(self, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Run the real Copier, as a colleague without stacksync would."""
        return warm_python.run("copier", arguments, cwd, self.environment)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the template and the command as they were when the tests began, uncommitted changes included."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("template", "cli", "hooks"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    shutil.copy(ROOT / "copier.yml", copy)
    (copy / ".gitignore").write_text("__pycache__/\n*.py[co]\n")
    compileall.compile_dir(copy / "cli", quiet=1)  # or each test that copies it would
    warm_python.keep(copy / "cli")
    return copy


@pytest.fixture(scope="session")
def first_release(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """Return a folder with the project published as release v0.1.0; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("first_release")
    shutil.copytree(project, folder / "checkout")
    repository = publish(folder, isolated(folder / "home"))
    repository.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "server.git"))
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("remote", "add", "origin", ADDRESS)
    repository.release("v0.1.0")
    for place in ("server.git", "checkout"):
        packed(folder / place)
    return folder


@pytest.fixture(scope="session")
def released_connector(tmp_path_factory: pytest.TempPathFactory, first_release: Path) -> Path:
    """Return a connector that was made from that release; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("released")
    publish(first_release, isolated(folder / "home")).stacksync(folder).json("new", "crm")
    return packed(folder / "crm")


@pytest.fixture
def published(
    tmp_path_factory: pytest.TempPathFactory, first_release: Path, clean_environment: dict[str, str]
) -> Published:
    """Publish the project as release v0.1.0."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(first_release, folder, dirs_exist_ok=True)
    return publish(folder, clean_environment)


def publish(folder: Path, environment: dict[str, str]) -> Published:
    """Return the checkout in a folder, with the way to the server beside it."""
    way = {f"url.{(folder / 'server.git').as_uri()}.insteadOf": ADDRESS}
    identity = {"user.name": "Tester", "user.email": "tester@localhost"}
    return Published(folder / "checkout", environment | git_settings(way | identity))


def git_settings(settings: dict[str, str]) -> dict[str, str]:
    """Return the environment that gives git these settings."""
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for index, (key, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return found


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and content of every file in a folder, git's own and Python's compiled code aside."""
    aside = {".git", "__pycache__"}
    files = (path for path in folder.rglob("*") if path.is_file() and aside.isdisjoint(path.relative_to(folder).parts))
    return {path.relative_to(folder).as_posix(): (path.stat().st_mode, path.read_bytes()) for path in files}


def packed(connector: Path) -> Path:
    """Put a connector's commit in one file, half of what there is to copy, and return the connector."""
    subprocess.run(["git", "repack", "-a", "-d", "--quiet"], cwd=connector, env=isolated(connector), check=True)
    return connector


@pytest.fixture(scope="session")
def made_connector(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a connector with the default answers and its first commit; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("made")
    command = Stacksync(folder, isolated(folder / "home") | {"PYTHONPATH": str(project / "cli")})
    done = command("new", "crm", "--defaults", "--quiet")
    assert done.returncode == 0, done.stderr
    return packed(folder / "crm")


@pytest.fixture(scope="session")
def compiled_connector(made_connector: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return it with its runtime compiled, for tests that start it; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("compiled") / "crm"
    return compiled(Path(shutil.copytree(made_connector, folder, symlinks=True)))


@pytest.fixture(scope="session")
def deployed_connector(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a connector with the files of every deployment; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("deployed")
    command = Stacksync(folder, isolated(folder / "home") | {"PYTHONPATH": str(project / "cli")})
    done = command("new", "crm", "--defaults", "--quiet", "--data", "deployment=kubernetes,cloud_run")
    assert done.returncode == 0, done.stderr
    return packed(folder / "crm")


@pytest.fixture(scope="session")
def made_sdk_connector(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a connector whose modules are written as for Stacksync's own SDK; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("made_sdk")
    command = Stacksync(folder, isolated(folder / "home") | {"PYTHONPATH": str(project / "cli")})
    done = command("new", "crm", "--defaults", "--quiet", "--no-git", "--data", "workflows_cdk_compat=true")
    assert done.returncode == 0, done.stderr
    return folder / "crm"


@pytest.fixture(scope="session")
def mypy_cache(made_connector: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where mypy keeps what it found out, for all connectors: they differ in a few files, by the same paths.

    It begins with what one worker has found out for all: mostly of Python's own library and Flask, for five seconds.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with locked(shared / "mypy.lock"):
        if not (shared / "mypy").exists():
            command = [sys.executable, "-m", "mypy", "--cache-dir", str(shared / "mypy")]
            subprocess.run(command, cwd=made_connector, env=isolated(shared), capture_output=True, check=False)
    return shutil.copytree(shared / "mypy", tmp_path_factory.mktemp("mypy") / "cache")


@pytest.fixture
def connector(
    made_connector: Path, project: Path, tmp_path_factory: pytest.TempPathFactory, clean_environment: dict[str, str]
) -> Stacksync:
    """Return the command, in a connector of its own."""
    folder = tmp_path_factory.mktemp("connector") / "crm"
    shutil.copytree(made_connector, folder, symlinks=True)
    identity = git_settings({"user.name": "Tester", "user.email": "tester@localhost"})
    return Stacksync(folder, clean_environment | identity | {"PYTHONPATH": str(project / "cli")})
