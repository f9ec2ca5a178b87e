"""Links in a connector: what writes or removes never follows them, and what is served behind them is seen."""

import shutil
import stat
from pathlib import Path

import pytest

from stacksync.dev.watching.watcher import look
from tests.conftest import Stacksync

MODULES = "src/modules"


@pytest.fixture
def shared(connector: Stacksync, tmp_path: Path) -> Path:
    """Return a module outside of the connector, to which `src/modules/shared` is a link."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(connector.cwd / MODULES / "new_empty_action", folder)
    (connector.cwd / MODULES / "shared").symlink_to(folder, target_is_directory=True)
    return folder


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return the mode and the content of all that is in a folder."""
    found = [folder, *folder.rglob("*")]
    content = {path: path.read_bytes() if path.is_file() else b"" for path in found}
    return {str(path): (stat.S_IMODE(path.lstat().st_mode), content[path]) for path in found}


def left_over(connector: Stacksync) -> list[str]:
    return [path.name for path in connector.cwd.rglob(".stacksync-*")]


@pytest.mark.parametrize("name", ["shared", "mixed"])
def test_removing_a_linked_module_removes_the_link(connector: Stacksync, shared: Path, name: str) -> None:
    if name == "mixed":  # a real module with a linked version
        (connector.cwd / MODULES / name).mkdir()
        (connector.cwd / MODULES / name / "v1").symlink_to(shared / "v1", target_is_directory=True)
    before = snapshot(shared)
    assert connector("remove-module", name).returncode == 1
    done = connector("remove-module", name, "--force")

    assert done.returncode == 0, done.stderr
    assert not (connector.cwd / MODULES / name).is_symlink()
    assert not (connector.cwd / MODULES / name).exists()
    assert snapshot(shared) == before
    assert left_over(connector) == []


def test_one_linked_version_is_removed_as_a_link(connector: Stacksync, shared: Path) -> None:
    (connector.cwd / MODULES / "new_empty_action/v2").symlink_to(shared / "v1", target_is_directory=True)
    before = snapshot(shared)
    done = connector("remove-module", "new_empty_action", "--version", "v2", "--force")

    assert done.returncode == 0, done.stderr
    assert [path.name for path in (connector.cwd / MODULES / "new_empty_action").glob("v*")] == ["v1"]
    assert snapshot(shared) == before


WRITING = [
    ("add-version", "shared"),
    ("remove-module", "shared", "--version", "v1", "--force"),
]


@pytest.mark.parametrize("arguments", WRITING)
def test_nothing_is_written_or_removed_behind_a_link(
    connector: Stacksync, shared: Path, arguments: tuple[str, ...]
) -> None:
    shutil.copytree(shared / "v1", shared / "v2")
    before = snapshot(shared)
    done = connector(*arguments)

    said = f"Error: src/modules/shared is a link to {shared}, and nothing is written or removed there.\n"
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert snapshot(shared) == before


def test_no_module_is_added_behind_a_linked_folder_of_modules(connector: Stacksync, tmp_path: Path) -> None:
    target = tmp_path / "modules"
    (connector.cwd / MODULES).rename(target)
    (connector.cwd / MODULES).symlink_to(target, target_is_directory=True)
    before = snapshot(target)
    for arguments in (
        ("add-module", "more"),
        ("add-version", "new_empty_action"),
        ("remove-module", "new_empty_action", "--force"),
    ):
        assert connector(*arguments).returncode == 1
    assert snapshot(target) == before


def test_a_version_is_copied_from_behind_a_link(connector: Stacksync, shared: Path) -> None:
    (connector.cwd / MODULES / "new_empty_action/v2").symlink_to(shared / "v1", target_is_directory=True)
    before = snapshot(shared)
    done = connector("add-version", "new_empty_action")

    assert done.returncode == 0, done.stderr
    made = connector.cwd / MODULES / "new_empty_action/v3"
    assert made.is_dir()
    assert not made.is_symlink()
    assert snapshot(shared) == before


def test_check_does_not_mend_behind_a_link(connector: Stacksync, shared: Path) -> None:
    schema = shared / "v1/schema.json"
    schema.write_text(schema.read_text().replace('"ui_order": [', '"ui_order": ["nowhere", ', 1))
    before = snapshot(shared)
    done = connector("check", "--fix")

    assert "src/modules/shared/v1/schema.json" in done.stdout
    assert snapshot(shared) == before


def test_what_is_served_behind_a_link_is_listed_as_such(connector: Stacksync, shared: Path) -> None:
    listed = {entry["module"]: entry for entry in connector.json("list")["modules"]}
    assert listed["shared"]["link"] == f"src/modules/shared is a link to {shared}"
    assert "link" not in listed["new_empty_action"]
    assert f"not loaded, src/modules/shared is a link to {shared}" in connector("list").stdout


def test_what_is_served_behind_a_link_is_checked(connector: Stacksync, shared: Path) -> None:
    (shared / "v1/route.py").write_text("def broken(:\n")
    done = connector("check")
    assert done.returncode == 1
    assert "src/modules/shared/v1/route.py:1:" in done.stdout


def test_what_is_served_behind_a_link_is_watched(connector: Stacksync, shared: Path) -> None:
    before = look(connector.cwd)
    (shared / "v1/route.py").write_text("# another\n")
    changed = {path for path, _ in look(connector.cwd).items() ^ before.items()}
    assert changed == {"src/modules/shared/v1/route.py"}


def test_a_link_to_itself_is_no_way_without_end(connector: Stacksync) -> None:
    (connector.cwd / MODULES / "loop").symlink_to(connector.cwd / MODULES, target_is_directory=True)
    (connector.cwd / MODULES / "new_empty_action/v1/v1").symlink_to("..", target_is_directory=True)
    assert connector("list").returncode == 0
    assert connector("check").returncode in (0, 1)
    assert look(connector.cwd)
