"""What plain `copier update` does on a colleague's machine: no stacksync, no trust, another home."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ADDRESS, Stacksync, snapshot
from tests.test_source import origin
from tests.update.conftest import GUIDE, MOVED, Connector

COPIERS = [sys.executable, *filter(None, os.environ.get("STACKSYNC_TEST_COPIERS", "").split(os.pathsep))]


@pytest.fixture(params=COPIERS, ids=range(len(COPIERS)))
def colleague(connector: Connector, tmp_path: Path, request: pytest.FixtureRequest) -> Connector:
    """Return the connector on a machine where nothing but Copier and git is known."""
    home = tmp_path / "colleague"
    places = {"HOME": str(home), "USERPROFILE": str(home)}
    places |= {"XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / ".cache")}
    environment = {name: value for name, value in connector.environment.items() if name != "PYTHONPATH"} | places
    template = replace(connector.template, environment=environment)
    return Connector(connector.cwd, environment, template, request.param)


def test_a_release_reaches_an_edited_connector_and_conflicts_are_marked_once(colleague: Connector) -> None:
    modules = colleague.modules
    colleague.append("src/modules/create_contacts/v1/route.py", "# mine")
    (modules / "create_contacts/v1/README.md").unlink()
    colleague.append("src/modules/get_contacts/v1/route.py", "# mine")
    shutil.rmtree(modules / "new_empty_action")
    shutil.copytree(modules / "get_contacts", modules / "copied")
    (modules / "copied/v1/logo.png").write_bytes(bytes(range(256)))
    (colleague.cwd / "Dockerfile").unlink()
    write_first(colleague, "src/runtime/choice.py", "# mine")
    write_first(colleague, "README.md", "Mine.")
    write_first(colleague, MOVED[0], "# mine")
    guide, (old, new) = colleague.cwd / GUIDE, (colleague.cwd / name for name in MOVED)
    guide.write_text(guide.read_text().replace("# Upgrading\n", "# How we upgrade\n"))
    colleague.commit()
    before = snapshot(modules)

    done = colleague.copier("-r", "v0.2.0")

    assert (done.returncode, origin(colleague.cwd)) == (0, (ADDRESS, "v0.2.0")), done.stderr
    assert snapshot(modules) == before
    assert colleague.status() == [
        " M .copier-answers.yml",
        " M README.md",
        f"UU {GUIDE}",
        " M gunicorn.conf.py",
        *sorted((f"{'UU' if name == MOVED[0] else ' M'} {name}" for name in importers(colleague)), key=path_in),
        "?? SECURITY.md",
        f"?? {MOVED[1]}",
    ]
    assert ends(colleague, "src/runtime/choice.py") == ("# mine", "# v0.2.0 was here")
    assert ends(colleague, "README.md") == ("Mine.", "Kept by core.")
    assert "team: core" in (colleague.cwd / ".copier-answers.yml").read_text()
    assert guide.read_text().splitlines()[:5] == [
        "<<<<<<< before updating",
        "# How we upgrade",
        "=======",
        "# Upgrades",
        ">>>>>>> after updating",
    ]
    assert guide.read_text().count("<<<<<<< before updating") == 1
    assert new.read_bytes() == (colleague.template.checkout / "template" / MOVED[0]).read_bytes()
    assert "# mine" in old.read_text().splitlines()


def path_in(line: str) -> str:
    """Return the file that a line of `git status --porcelain` is about."""
    return line[3:]


def importers(connector: Connector) -> list[str]:
    """Return the files of the runtime that release v0.2.0 changes, but those of compatibility packages."""
    listed = connector.template.git(
        "diff", "--name-only", "--no-renames", "v0.1.0", "v0.2.0", "--", "template/src/runtime"
    )
    names = [name for name in listed.splitlines() if not name.endswith(MOVED[1]) and "/compat/" not in name]
    return [name.removeprefix("template/") for name in names]


def write_first(connector: Connector, name: str, line: str) -> None:
    path = connector.cwd / name
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


def ends(connector: Connector, name: str) -> tuple[str, str]:
    lines = (connector.cwd / name).read_text(encoding="utf-8").splitlines()
    return lines[0], lines[-1]


def test_two_releases_at_once_are_as_one_after_the_other(colleague: Connector, tmp_path: Path) -> None:
    other = colleague.twin(tmp_path / "other")

    assert colleague.copier().returncode == 0
    assert other.copier("-r", "v0.2.0").returncode == 0
    refuse_lost_names(other)
    other.commit()
    assert other.copier("-r", "v0.3.0").returncode == 0

    assert snapshot(colleague.cwd) == snapshot(other.cwd)


def refuse_lost_names(connector: Connector) -> None:
    """Fail unless a file that moved, and that nobody had edited, is at its new place and found at its old one."""
    old, new = (connector.cwd / name for name in MOVED)
    assert new.read_bytes() == (connector.template.checkout / "template" / MOVED[0]).read_bytes()
    assert f"UU {MOVED[0]}" not in connector.status()
    assert old.read_text() == '"""Moved to `text_of_json.py`."""\n\nfrom .text_of_json import *  # noqa: F403\n'
    code = "from src.runtime import strict_json, text_of_json as new; names = {n for n in vars(new) if n[0] != '_'}"
    code += "; assert names <= set(vars(strict_json)), names"
    subprocess.run([sys.executable, "-c", code], cwd=connector.cwd, check=True)


def test_what_is_left_of_a_moved_file_is_not_in_new_connectors(connector: Connector, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    made = Stacksync(tmp_path, connector.environment)("new", "new", "--defaults", "--quiet", "--ref", "v0.2.0")

    assert made.returncode == 0, made.stderr
    assert not (folder / MOVED[0]).exists()
    assert connector.template.copier("update", "--defaults", "-r", "v0.3.0", cwd=folder).returncode == 0
    assert not (folder / MOVED[0]).exists()
