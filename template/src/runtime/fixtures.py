"""The fixtures of a connector's tests.

`connector` reaches every module by name, `module` is the one that the test file belongs to, `version` is each version
found in turn, `example` is each file of their `examples/`, `upstream` is what the module's `tests/upstream.py` offers
while it stands in for a third party.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

import pytest
from flask import Flask

from .testing import ROOT, ConnectorClient, Example, ModuleClient, folders, read_example, upstream_of


@pytest.fixture(scope="session")
def app() -> Flask:
    """Return the application of main.py."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    application: Flask = import_module("main").app
    return application


@pytest.fixture
def connector(app: Flask) -> ConnectorClient:
    """Return the connector."""
    return ConnectorClient(app)


@pytest.fixture
def module(request: pytest.FixtureRequest, app: Flask) -> ModuleClient:
    """Return the module that the test file lies in."""
    found = [folder for folder in folders() if folder.path in request.path.parents]
    assert found, f"{request.path} does not lie in a module's folder"
    return ModuleClient(app, found[0])


@pytest.fixture
def version(request: pytest.FixtureRequest, app: Flask) -> ModuleClient:
    """Return each version found, one after the other."""
    return ModuleClient(app, request.param)


@pytest.fixture
def example(request: pytest.FixtureRequest, upstream: dict[str, str]) -> Example:
    """Return each example of `version`."""
    return read_example(request.param, upstream)


@pytest.fixture
def upstream(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Start what the module's `tests/upstream.py` offers, if there is one, for as long as the test runs."""
    client = request.getfixturevalue("version" if "version" in request.fixturenames else "module")
    with upstream_of(client.folder) as values:
        yield values


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
