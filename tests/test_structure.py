"""How the parts may depend on each other: no circles, and the runtime only through its faces."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from mypy import api as mypy

import src.runtime.compat.kit
import src.runtime.forms
import src.runtime.tooling
import stacksync.runtime
import stacksync.runtime.forms
import stacksync.runtime.kit
from tests.conftest import ROOT

FACES = {"", "compat", "forms", "http", "records", "testing", "tooling"}
READER = "stacksync.openapi.reader"
PACKAGES = {"stacksync": ROOT / "cli/stacksync", "src.runtime": ROOT / "template/src/runtime"}


def files_of(package: str) -> dict[str, Path]:
    """Return the files of a package by the name that they are imported under."""
    folder = PACKAGES[package]
    found = {}
    for file in folder.rglob("*.py"):
        parts = file.relative_to(folder).with_suffix("").parts
        found[".".join([package, *(part for part in parts if part != "__init__")])] = file
    return found


def imported(name: str, file: Path) -> Iterator[str]:
    """Yield what a file imports: anywhere in it, and for type checkers as well."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            origin = ".".join(filter(None, (above, node.module)))
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def imports_of(package: str) -> dict[str, set[str]]:
    """Return which files of a package each of them imports."""
    files = files_of(package)
    graph: dict[str, set[str]] = {}
    for name, file in files.items():
        known = (each if each in files else each.rpartition(".")[0] for each in imported(name, file))
        graph[name] = {each for each in known if each in files and each != name}
    return graph


def circle_in(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_imports_go_round_in_a_circle(package: str) -> None:
    graph = imports_of(package)

    assert len(graph) > 40
    assert circle_in(graph) == []


def test_a_circle_would_be_found() -> None:
    graph = imports_of("stacksync")
    graph["stacksync.errors"].add("stacksync.main")

    assert set(circle_in(graph)) >= {"stacksync.errors", "stacksync.main"}


def test_the_command_reaches_the_runtime_in_one_place() -> None:
    graph = {name: list(imported(name, file)) for name, file in files_of("stacksync").items()}
    # Carried for connectors into which an API is imported: the command loads of it what needs no runtime.
    carried = {f"{READER}.{name}" for name in ("operations", "records", "stand_in")}
    assert not [name for name, found in graph.items() if name not in carried and carried & {*found}]
    graph = {name: found for name, found in graph.items() if name not in carried}

    reaching = [name for name, found in graph.items() if any(re.match(r"(src|_stacksync_runtime)\b", f) for f in found)]
    naming = [name for name, file in files_of("stacksync").items() if "_stacksync_runtime" in file.read_text("utf-8")]

    assert (reaching, naming) == ([], ["stacksync.runtime.source"])


def test_what_a_connector_imports_of_its_runtime_are_the_faces() -> None:
    reader = PACKAGES["stacksync"].joinpath(*READER.split(".")[1:])
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in [*(ROOT / "template").rglob("*"), *reader.glob("*.py")]
        if re.search(r"\.(py|md|jinja)$", path.name) and not path.is_relative_to(PACKAGES["src.runtime"])
    }

    found = {
        (name, module or "")
        for name, text in texts.items()
        for module in re.findall(r"(?:from|import) src\.runtime(?:\.(\w+))?", text)
    }

    assert len(found) > 20
    assert {(name, module) for name, module in found if module not in FACES} == set()
    compat = {name.split("/")[1] for name, module in found if module == "compat"}
    assert compat == {"stacksync_cdk", "workflows_cdk"}


@pytest.mark.parametrize("face", ["tooling", "forms", "compat.kit"])
def test_the_stubs_stand_for_the_source(face: str) -> None:
    stub, link, source = {
        "tooling": ("__init__.pyi", stacksync.runtime, src.runtime.tooling),
        "forms": ("forms.pyi", stacksync.runtime.forms, src.runtime.forms),
        "compat.kit": ("kit.pyi", stacksync.runtime.kit, src.runtime.compat.kit),
    }[face]

    assert (ROOT / "cli/stacksync/runtime" / stub).read_text("utf-8") == f"from src.runtime.{face} import *\n"
    for name in source.__all__:
        here, there = getattr(link, name), getattr(source, name)
        assert type(here).__qualname__ == type(there).__qualname__
        assert getattr(here, "__qualname__", name) == getattr(there, "__qualname__", name)


def test_type_checkers_follow_the_link(tmp_path: Path) -> None:
    file = tmp_path / "use.py"
    file.write_text("from stacksync.runtime import nonsense, read_config\nreveal_type(read_config)\n")

    said, _, code = mypy.run([str(file), f"--config-file={ROOT / 'pyproject.toml'}", "--no-color-output"])

    assert code == 1
    assert 'Module "stacksync.runtime" has no attribute "nonsense"' in said
    assert "src.runtime.config.Config" in said


def test_reading_a_connector_needs_no_flask() -> None:
    code = (
        "import json, sys\n"
        "sys.modules['flask'] = None\n"
        "import stacksync.runtime, stacksync.runtime.forms\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(('src', 'werkzeug'))]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "cli")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    "section, package", [("## The command", "stacksync"), ("## A connector", "src.runtime")], ids=["command", "runtime"]
)
def test_the_map_names_every_file_once(section: str, package: str) -> None:
    page = (ROOT / "documentation/architecture.md").read_text("utf-8")
    rows = page.partition(section)[2].partition("\n## ")[0].splitlines()
    room, named = "", []
    for row in rows:
        found = re.match(r"\| \*\*`(.+)/`\*\* \|", row)
        room = found[1] if found else room
        first = "" if found else row.partition("|")[2].partition("|")[0]
        named += [str(Path(room, name)) for name in re.findall(r"`([\w.]+\.py)`", first)]

    folder = PACKAGES[package]
    files = [file.relative_to(folder).as_posix() for file in folder.rglob("*.py") if file.name != "__init__.py"]
    assert sorted(named) == sorted(files)
