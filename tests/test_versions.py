"""What a version is, is the same for everybody: the runtime, `list`, `check` and `dev`."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from src.runtime.config import read_config
from src.runtime.discovery import scan
from stacksync.connector import Connector
from stacksync.dev.processes.revision import read_snapshot
from stacksync.dev.watching.watcher import look
from stacksync.inspection.inspection import inspect
from stacksync.inspection.selection import Selection
from stacksync.inspection.survey import Survey
from stacksync.modules.listing import list_modules
from tests.check.sample import CODE, CONFIG, MODULE_CONFIG, ROUTE, SCHEMA, found, write

MODULES = "src/modules"
MODULE = {"route.py": CODE, "schema.json": "{}", "module_config.yaml": MODULE_CONFIG}


def module(folder: str) -> dict[str, str | None]:
    return {f"{MODULES}/{folder}/{name}": text for name, text in MODULE.items()}


def of_the_runtime(root: Path) -> list[str]:
    return [folder.module_path for folder in scan(read_config(root)).versions]


def of_list(root: Path) -> list[str]:
    return [f"{entry.module}/{entry.version}" for entry in list_modules(Connector(root))]


def of_check(root: Path) -> list[str]:
    return [version.folder.module_path for version in Survey(Connector(root)).versions]


def of_dev(root: Path) -> list[str]:
    return list(read_snapshot(root).route_files)


def of_watching(root: Path) -> list[str]:
    files = (re.fullmatch(rf"{MODULES}/([^/]+/v\w+)/(?!__init__)[^/]+\.py", name) for name in look(root))
    return list(dict.fromkeys(sorted(file[1] for file in files if file)))


EVERYBODY = [of_the_runtime, of_list, of_check, of_dev, of_watching]
FOLDERS: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "a plain one": ({}, ["get_contacts/v1"]),
    "a module called as environments are": (module("venv/v1"), ["get_contacts/v1", "venv/v1"]),
    "a module called as a tool's folder": (module("node_modules/v1"), ["get_contacts/v1", "node_modules/v1"]),
    "a version whose name only begins with v": (module("shared/vendor"), ["get_contacts/v1", "shared/vendor"]),
    "only a configuration": ({f"{MODULES}/lone/v1/module_config.yaml": MODULE_CONFIG}, ["get_contacts/v1"]),
    "only a form": ({f"{MODULES}/lone/v1/schema.json": "{}"}, ["get_contacts/v1"]),
    "only code that is no route file": ({f"{MODULES}/lone/v1/__init__.py": "", ROUTE: CODE}, ["get_contacts/v1"]),
    "too deep": (module("crm/lone/v1"), ["get_contacts/v1"]),
    "a draft": (module(".stacksync-1/v1"), ["get_contacts/v1"]),
}


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("files,versions", FOLDERS.values(), ids=FOLDERS.keys())
def test_everybody_finds_the_same(
    tmp_path: Path, who: Callable[[Path], list[str]], files: dict[str, str | None], versions: list[str]
):
    root = write(tmp_path, files)

    assert sorted(who(root)) == versions


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("linked", ["module", "version", "modules"])
def test_everybody_follows_links(tmp_path: Path, who: Callable[[Path], list[str]], linked: str):
    root, elsewhere = write(tmp_path / "crm", {}), tmp_path / "elsewhere"
    folder = {"module": "get_contacts", "version": "get_contacts/v1", "modules": ""}[linked]
    shutil.move(root / MODULES / folder, elsewhere)
    (root / MODULES / folder).symlink_to(elsewhere, target_is_directory=True)

    assert who(root) == ["get_contacts/v1"]
    assert inspect(root).modules == 1


def test_a_save_behind_a_link_is_noticed(tmp_path: Path):
    root, elsewhere = write(tmp_path / "crm", {}), tmp_path / "elsewhere"
    shutil.move(root / MODULES, elsewhere)
    (root / MODULES).symlink_to(elsewhere, target_is_directory=True)
    before = look(root)

    (elsewhere / "get_contacts/v1/route.py").write_text("# another\n")

    assert {name for name, _ in look(root).items() ^ before.items()} == {ROUTE}


@pytest.mark.parametrize("kept", [SCHEMA, CONFIG])
def test_what_only_looks_like_a_version_is_one_finding(tmp_path: Path, kept: str):
    root = write(tmp_path, {name: None for name in (ROUTE, SCHEMA, CONFIG) if name != kept})

    findings = [each for each in inspect(root, Selection()).findings if each.file.startswith(MODULES)]

    assert [(each.code, each.file) for each in findings] == [("MOD006", kept)]


def test_a_real_environment_among_the_modules_is_nothing_to_check(tmp_path: Path):
    files: dict[str, str | None] = {f"{MODULES}/venv/pyvenv.cfg": "home = /usr\n"}
    root = write(tmp_path, files | {f"{MODULES}/venv/lib/v1/broken.py": "def broken(:\n"})

    assert (of_list(root), found(root)) == (["get_contacts/v1"], [])
