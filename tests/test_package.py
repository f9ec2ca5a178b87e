"""The wheel and the sdist carry everything, and the wheel works in an empty environment with no checkout about."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from stacksync import __version__
from tests.conftest import ADDRESS, ROOT, Published, Stacksync, git_settings, isolated, snapshot
from tests.test_new import answers_of
from tests.test_source import origin

REPOSITORY_FILES = ["pyproject.toml", "README.md", "LICENSE"]


@dataclass(frozen=True)
class Built:
    """Archives of one release."""

    repository: Published
    sdist: Path
    wheel: Path
    wheel_of_sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Built:
    """Build the archives from a tagged, published checkout; the second wheel from the sdist, where there is no git."""
    folder = tmp_path_factory.mktemp("built")
    checkout, server = folder / "checkout", folder / "server.git"
    shutil.copytree(project, checkout)
    for name in REPOSITORY_FILES:
        shutil.copy(ROOT / name, checkout)
    identity = {"user.name": "Tester", "user.email": "tester@localhost"}
    environment = isolated(folder / "home") | git_settings({f"url.{server.as_uri()}.insteadOf": ADDRESS} | identity)
    repository = Published(checkout, environment)
    repository.git("init", "--quiet", "--bare", "--initial-branch=main", str(server))
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("remote", "add", "origin", "https://user:secret@" + ADDRESS.removeprefix("https://"))
    repository.commit("Release")
    repository.git("tag", f"v{__version__}")

    build(checkout, folder / "dist", "--sdist", "--wheel")
    sdist = next((folder / "dist").glob("*.tar.gz"))
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    build(next((folder / "unpacked").iterdir()), folder / "again", "--wheel")
    return Built(repository, sdist, next((folder / "dist").glob("*.whl")), next((folder / "again").glob("*.whl")))


def build(source: Path, into: Path, *what: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", str(into), str(source)]
    subprocess.run(command, env=outer_environment(), capture_output=True, check=True)


def outer_environment() -> dict[str, str]:
    """Return the environment with the settings of pip, and nothing of Python or of the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "GIT_"))}


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment, and return its folder of programs."""
    environment = tmp_path_factory.mktemp("environment")
    programs = empty_environment(environment)
    install = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet"]
    subprocess.run([*install, str(built.wheel)], env=outer_environment(), check=True)
    return programs


def empty_environment(folder: Path) -> Path:
    """Make an environment without pip, which takes longer than all the rest, and return its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def template_files(root: Path) -> dict[str, tuple[bool, bytes]]:
    files = snapshot(root / "template").items()
    # The command compiles the runtime where it reads it.
    return {name: (bool(mode & stat.S_IXUSR), content) for name, (mode, content) in files if "__pycache__" not in name}


def test_the_wheel_carries_the_template_byte_for_byte(built: Built, project: Path) -> None:
    prefix = "stacksync/_template/template/"
    with zipfile.ZipFile(built.wheel) as archive:
        found = {
            entry.filename.removeprefix(prefix): (bool(entry.external_attr >> 16 & stat.S_IXUSR), archive.read(entry))
            for entry in archive.infolist()
            if entry.filename.startswith(prefix)
        }
        names = archive.namelist()

    assert found == template_files(project)
    assert {".env.example", ".gitignore", ".dockerignore", "run_dev.sh"} <= set(found)
    hooks = {f"stacksync/_hooks/{path.name}" for path in (project / "hooks").glob("*.py")}
    assert hooks | {"stacksync/_template/copier.yml", "stacksync/_source.json", "stacksync/py.typed"} <= set(names)
    assert [name for name in names if name.startswith(("tests/", "cli/")) or "hatch_build" in name] == []


def test_the_wheel_knows_its_origin_without_credentials(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        facts = json.loads(archive.read("stacksync/_source.json"))

    assert facts == {"ref": f"v{__version__}", "exact": True, "dirty": False, "url": ADDRESS}


def test_a_wheel_of_the_sdist_is_the_same_wheel(built: Built) -> None:
    def entries(wheel: Path) -> dict[str, bytes]:
        with zipfile.ZipFile(wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}

    assert entries(built.wheel_of_sdist) == entries(built.wheel)


def test_the_sdist_carries_what_builds_it(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"pyproject.toml", "copier.yml", "cli/hatch_build.py", "README.md", "LICENSE"} <= names
    assert {"template/.env.example", "template/.gitignore", "hooks/preflight.py"} <= names


def test_the_installed_command_makes_the_connector_of_its_release(
    built: Built, installed: Path, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    environment = built.repository.environment | {"PATH": clean_environment["PATH"]}
    command = [str(installed / "stacksync"), "new", "ours", "--defaults", "--data", "app_type=crm"]

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "note: the app type is crm\n")
    assert origin(tmp_path / "ours") == (ADDRESS, f"v{__version__}")
    source = ["-r", f"v{__version__}", "--defaults", "--data", "app_type=crm", str(built.repository.checkout), "theirs"]
    assert built.repository.copier("copy", *source, cwd=tmp_path).returncode == 0
    ours, theirs = snapshot(tmp_path / "ours"), snapshot(tmp_path / "theirs")
    del ours[".copier-answers.yml"], theirs[".copier-answers.yml"]
    assert ours == theirs


def test_the_installed_module_runs_too(installed: Path, tmp_path: Path, clean_environment: dict[str, str]) -> None:
    command = [str(installed / "python"), "-m", "stacksync", "--version"]

    done = subprocess.run(command, cwd=tmp_path, env=clean_environment, capture_output=True, text=True, check=True)

    assert done.stdout == f"stacksync {__version__}\n"


def test_the_bundle_in_the_wheel_is_a_template_without_a_network(
    built: Built, installed: Path, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    bundle = next(installed.parent.rglob("_template.bundle"))
    run = Stacksync(tmp_path, clean_environment | {"PYTHONPATH": str(ROOT / "cli")})

    report = run.json("new", "crm", "--template", str(bundle))

    assert report["template"] == {"src": str(bundle), "ref": f"v{__version__}"}


def test_an_editable_install_renders_the_checkout(
    built: Built, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(built.repository.checkout, checkout)
    programs = empty_environment(tmp_path / "venv")
    paths = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--editable", str(checkout)]
    install = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", *options]
    subprocess.run(install, env=outer_environment() | {"PYTHONPATH": paths}, check=True)
    (checkout / "template/run_dev.sh").write_text("#!/bin/sh\n# edited here\n")

    command = [str(programs / "python"), "-m", "stacksync", "new", "crm", "--defaults"]
    environment = clean_environment | {"PYTHONPATH": paths}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "# edited here" in (tmp_path / "crm/run_dev.sh").read_text()
    assert answers_of(tmp_path / "crm")["_commit"] == f"v{__version__}"
    assert list(programs.parent.rglob("_template")) == []
