"""The fixtures: what a connector's tests ask for by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

import pytest
from flask import Flask

from ..discovery import VersionFolder
from ..stand_in import find_stand_in
from .clients import ROOT, ConnectorClient, ModuleClient, folders
from .examples import Example, example_for
from .recording import cassette_of, taped
from .stand_in import StandIn, serving


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
