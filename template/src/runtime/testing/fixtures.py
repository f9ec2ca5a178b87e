"""The fixtures: what a connector's tests ask for by name. And cassettes of tests.

`@pytest.mark.cassette("name", mode="once")` records the calls of a test, or beside the example that a test runs for:

once    played back if it is there, else recorded
new     recorded anew
none    played back; without it the test fails. Always so where CI is set, and for examples.

What is recorded is written at the end, after it was shown and agreed to; without a terminal only with `--yes`.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ..cassettes.content import FOLDER, CassetteError, calls_of, fields_of, hosts_of, text_of
from ..cassettes.installing import tape_for, using
from ..cassettes.tapes import Player
from ..discovery import VersionFolder
from ..stand_in import RECORD, find_stand_in
from .clients import ROOT, ConnectorClient, ModuleClient, folders
from .examples import Example, cassette_beside, example_for
from .stand_in import StandIn, serving

MODES = ("once", "new", "none")
WAITING = pytest.StashKey[list[tuple[Path, dict[str, Any]]]]()


@dataclass(frozen=True)
class Cassette:
    """The cassette of a test."""

    file: Path
    mode: str

    @property
    def plays(self) -> bool:
        """Say whether it is played back."""
        return self.mode == "none" or (self.mode == "once" and self.file.is_file())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the mode for all tests, and the agreement to what is recorded."""
    group = parser.getgroup("cassettes", "Cassettes of the connector")
    group.addoption("--cassettes", choices=MODES, help="The mode for all tests, instead of their own.")
    group.addoption("--yes", action="store_true", help="Write what is recorded without asking.")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line("markers", "cassette(name, mode='once'): record the calls of a test, or play them back")
    config.stash[WAITING] = []


def cassette_of(request: pytest.FixtureRequest, folder: VersionFolder | None) -> Cassette | None:
    """Return the cassette of a test; None where it has none."""
    callspec, mark = getattr(request.node, "callspec", None), request.node.get_closest_marker("cassette")
    if mark is None:
        example: Path | None = callspec.params.get("example") if callspec else None
        beside = cassette_beside(example) if example else None
        return Cassette(beside, "none") if beside else None

    name = mark.args[0] if mark.args else getattr(request.node, "originalname", request.node.name)
    mode = request.config.getoption("--cassettes") or mark.kwargs.get("mode", "once")
    if mode not in MODES:
        pytest.fail(f"mode={mode!r} is none of {', '.join(MODES)}", pytrace=False)
    within = folder.path if folder else ROOT / "tests"
    return Cassette(within / FOLDER / f"{name}.json", "none" if os.environ.get("CI") else mode)


@contextmanager
def taped(config: pytest.Config, wanted: Cassette) -> Iterator[None]:
    """Record or play back while a test runs, which fails if its calls are not those of the cassette."""
    try:
        tape = tape_for(ROOT, str(wanted.file) if wanted.plays else RECORD)
    except CassetteError as error:
        pytest.fail(str(error), pytrace=False)
    with using(tape):
        yield
    if not isinstance(tape, Player):
        _keep(config, wanted.file, tape.content())
    elif faults := tape.faults():
        pytest.fail("\n".join(faults), pytrace=False)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show what was recorded, and write what is agreed to."""
    for file, content in config.stash[WAITING]:
        terminalreporter.section(f"recorded {_shown(file)}")
        terminalreporter.write_line("\n".join(summary(content)))
        if _agrees(config, file):
            _write(file, content)
        else:
            terminalreporter.write_line("Not written. Without a terminal, pass --yes to write it.")


def summary(content: dict[str, Any]) -> Iterator[str]:
    """Yield what a cassette holds: hosts, calls, and the fields with the first of their values."""
    yield f"Hosts: {', '.join(hosts_of(content))}"
    yield from (f"  {line}" for line in calls_of(content))
    yield "Fields:"
    yield from (f"  {path}: {str(values[0])[:60]}" for path, values in fields_of(content).items())


def _keep(config: pytest.Config, file: Path, content: dict[str, Any]) -> None:
    if config.getoption("--yes"):
        _write(file, content)
    elif hasattr(config, "workerinput"):
        warnings.warn(f"{_shown(file)} is not written: pass --yes, or run one process only", stacklevel=2)
    else:
        config.stash[WAITING].append((file, content))


def _agrees(config: pytest.Config, file: Path) -> bool:
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture:
        capture.suspend_global_capture(in_=True)
    return sys.stdin.isatty() and input(f"Write {_shown(file)}? [y/N] ").strip().lower() in ("y", "yes")


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text_of(content), "utf-8")


def _shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else str(file)


@pytest.fixture(scope="session")
def app() -> Flask:
    """Return the application of main.py."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    application: Flask = import_module("main").app
    return application


@pytest.fixture
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIn | None]:
    """Serve the API that a module's own tests/stand_in.py declares, else the connector's, and lead sessions there."""
    folder, wanted = _folder_of(request), cassette_of(request, _folder_of(request))
    declared = find_stand_in(ROOT, folder.path if folder else None)
    if declared is None or (wanted and wanted.plays):
        yield None
        return

    with serving(declared) as stand_in:
        yield stand_in


@pytest.fixture
def cassette(request: pytest.FixtureRequest, stand_in: StandIn | None) -> Iterator[None]:
    """Record or play back what is called, where the test or the example that it runs for has a cassette."""
    wanted = cassette_of(request, _folder_of(request))
    if wanted is None:
        yield
        return

    with taped(request.config, wanted):
        yield


@pytest.fixture
def connector(app: Flask, cassette: None, stand_in: StandIn | None) -> ConnectorClient:
    """Return the connector."""
    return ConnectorClient(app, stand_in and stand_in.connection)


@pytest.fixture
def module(request: pytest.FixtureRequest, app: Flask, cassette: None, stand_in: StandIn | None) -> ModuleClient:
    """Return the module that the test file lies in."""
    found = _folder_of(request)
    assert found, f"{request.path} does not lie in a module's folder"
    return ModuleClient(app, found, stand_in and stand_in.connection)


@pytest.fixture
def version(request: pytest.FixtureRequest, app: Flask, cassette: None, stand_in: StandIn | None) -> ModuleClient:
    """Return each version found, one after the other."""
    return ModuleClient(app, request.param, stand_in and stand_in.connection)


@pytest.fixture
def example(request: pytest.FixtureRequest, stand_in: StandIn | None) -> Example:
    """Return each example of `version`, its connection replaced by that of the stand-in."""
    return example_for(request.param, stand_in)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `version` or `example` for each one found."""
    names = metafunc.fixturenames
    if "example" in names:
        cases = [(folder, file) for folder in folders() for file in sorted(folder.path.glob("examples/*.json"))]
        ids = [f"{folder.module_path}-{file.stem}" for folder, file in cases]
        metafunc.parametrize("version,example", cases, indirect=True, ids=ids)
    elif "version" in names:
        ids = [folder.module_path for folder in folders()]
        metafunc.parametrize("version", folders(), indirect=True, ids=ids)


def _folder_of(request: pytest.FixtureRequest) -> VersionFolder | None:
    """Return the version that a test is about: the one it runs for, else the one that its file lies in."""
    callspec = getattr(request.node, "callspec", None)
    given: VersionFolder | None = callspec.params.get("version") if callspec else None
    return given or next((folder for folder in folders() if folder.path in request.path.parents), None)
