"""A release is refused when its tag, version, changelog, files and wheel disagree."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import release

from stacksync import __version__
from stacksync.updates.releases import CHANGELOG
from tests.conftest import ROOT, Published, git_settings, isolated

NEXT = "9.0.0"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Published:
    """Return a repository of this project with one release and something new since; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("begun")
    place = folder / "checkout"
    shutil.copytree(project, place)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place)
    (place / "documentation").mkdir()
    (place / CHANGELOG).write_text(f"# Changelog\n\n## [Unreleased]\n\n- New.\n\n## {__version__}\n\n- Old.\n")
    identity = {"user.name": "Tester", "user.email": "tester@localhost"}
    repository = Published(place, isolated(folder / "home") | git_settings(identity))
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit("Begin")
    repository.git("tag", f"v{__version__}")
    repository.commit("New")
    repository.git("repack", "-a", "-d", "--quiet")
    return repository


@pytest.fixture(scope="module")
def prepared(begun: Published, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return it with the next release prepared; it is copied, never changed."""
    repository = twin(begun, tmp_path_factory.mktemp("prepared"))
    run(repository, "prepare", NEXT)
    return repository


@pytest.fixture
def checkout(begun: Published, tmp_path: Path) -> Published:
    """Return one of its own."""
    return twin(begun, tmp_path)


@pytest.fixture
def next_release(prepared: Published, tmp_path: Path) -> Published:
    """Return one of its own, prepared."""
    return twin(prepared, tmp_path)


def twin(repository: Published, folder: Path) -> Published:
    shutil.copytree(repository.checkout, folder / "checkout")
    return replace(repository, checkout=folder / "checkout")


def run(repository: Published, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "cli/release.py", *arguments]
    place = {"cwd": repository.checkout, "env": repository.environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, **place)  # type: ignore[call-overload,no-any-return]


def amend(repository: Published, name: str, change: Callable[[str], str]) -> None:
    """Change a file of the release after it was tagged, and move the tag along."""
    path = repository.checkout / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    repository.commit("Change")
    repository.git("tag", "--force", f"v{NEXT}")


def test_a_prepared_release_is_verified(checkout: Published) -> None:
    done = run(checkout, "prepare", NEXT)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Made the commit and the tag v{NEXT}. Next: git push origin HEAD v{NEXT}\n"
    text = (checkout.checkout / CHANGELOG).read_text()
    assert text.startswith(f"# Changelog\n\n## [Unreleased]\n\n## {NEXT}\n\n- New.\n\n## {__version__}\n")
    verified = run(checkout, "verify")
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize(
    "version, fault",
    [
        ("9", "9 is not a version: X.Y.Z."),
        ("0.0.1", f"v0.0.1 is not newer than v{__version__}."),
    ],
)
def test_a_wrong_number_is_not_prepared(checkout: Published, version: str, fault: str) -> None:
    done = run(checkout, "prepare", version)

    assert (done.returncode, done.stderr) == (1, f"Error: {fault}\n")
    assert checkout.git("status", "--porcelain") == ""
    assert checkout.git("tag", "--list").split() == [f"v{__version__}"]


def test_nothing_new_is_no_release(checkout: Published) -> None:
    path = checkout.checkout / CHANGELOG
    path.write_text(path.read_text().replace("- New.\n\n", ""))
    checkout.commit("Nothing new")

    done = run(checkout, "prepare", NEXT)

    assert (done.returncode, done.stderr) == (1, f"Error: {CHANGELOG} says nothing of {NEXT}.\n")


@pytest.mark.parametrize(
    "name, change, fault",
    [
        (
            release.VERSION_FILE,
            lambda text: text.replace(NEXT, "9.0.1"),
            f"{release.VERSION_FILE} says 9.0.1, the tag v{NEXT}.",
        ),
        (
            CHANGELOG,
            lambda text: text.replace(f"## {NEXT}", "## 9.0.1"),
            f"{CHANGELOG} begins with 9.0.1, not with {NEXT}.",
        ),
        (
            CHANGELOG,
            lambda text: text.replace("[Unreleased]\n", "[Unreleased]\n\n- Forgotten.\n"),
            f"{CHANGELOG} still has unreleased changes.",
        ),
        (
            "copier.yml",
            lambda text: f"{text}\n_tasks: [touch x]\n",
            "copier.yml has what makes `copier update` ask for trust: tasks, migrations or extensions.",
        ),
    ],
)
def test_parts_that_disagree_are_refused(
    next_release: Published, name: str, change: Callable[[str], str], fault: str
) -> None:
    amend(next_release, name, change)

    done = run(next_release, "verify")

    assert (done.returncode, done.stderr) == (1, f"Error: {fault}\n")


def test_a_commit_without_a_tag_is_no_release(checkout: Published) -> None:
    done = run(checkout, "verify")

    assert (done.returncode, done.stderr) == (1, "Error: The commit must have one release tag, and has none.\n")


def test_changes_in_no_commit_are_refused(next_release: Published) -> None:
    (next_release.checkout / "template/new.txt").touch()

    done = run(next_release, "verify")

    assert done.stderr == "Error: There are uncommitted changes.\n"


def test_a_file_that_vanishes_is_refused_unless_it_is_an_example(checkout: Published) -> None:
    (checkout.checkout / "template/src/runtime/choice.py").unlink()
    (checkout.checkout / "template/src/modules/create_contacts/v1/README.md").unlink()
    (checkout.checkout / "template/Dockerfile").rename(checkout.checkout / "template/Dockerfile.jinja")
    checkout.commit("Remove")

    done = run(checkout, "prepare", NEXT)

    assert done.stderr == (
        f"Error: template/src/runtime/choice.py was in v{__version__}: leave something at its place, "
        "an update would remove it with all edits.\n"
    )


def test_a_wheel_is_the_release_or_is_refused(next_release: Published, tmp_path: Path) -> None:
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "GIT_"))}
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path / "dist"), "."]
    subprocess.run(build, cwd=next_release.checkout, env=outer, capture_output=True, check=True)
    wheel = next((tmp_path / "dist").glob("*.whl"))
    changed = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"\n" if name.endswith("_template/copier.yml") else b""))

    right, wrong = run(next_release, "verify", str(wheel)), run(next_release, "verify", str(changed))
    next_release.git("tag", "--delete", f"v{__version__}")
    fewer = run(next_release, "verify", str(wheel))

    assert (right.returncode, right.stderr) == (0, "")
    assert (wrong.returncode, wrong.stderr) == (1, f"Error: {wheel.name} does not carry the template of v{NEXT}.\n")
    assert fewer.stderr == f"Error: {wheel.name} does not carry the releases of this repository.\n"
