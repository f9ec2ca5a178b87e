"""A pytest plugin: call the modules of this connector as the platform does, without a server.

    def test_greets(module):                    # in src/modules/<module>/<version>/tests/
        reply = module.execute({"name": "Ada"})
        assert reply.json == {"data": {"greeting": "Hello Ada"}}

Fixtures: `connector` reaches every module by name, `module` is the one that the test file belongs to, `version` is
each version found in turn, `example` is each file of their `examples/`, `upstream` is what the module's
`tests/upstream.py` offers while it stands in for a third party.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location

import pytest
from flask import Flask

from .calling import ROOT, ConnectorClient, ModuleClient, folders
from .discovery import VersionFolder
from .examples import Example, difference, read_example

__all__ = ["ConnectorClient", "Example", "ModuleClient", "difference"]


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
    with _upstream_of(client.folder) as values:
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


def _upstream_of(folder: VersionFolder) -> AbstractContextManager[dict[str, str]]:
    file = folder.path / "tests" / "upstream.py"
    spec = spec_from_file_location(f"{folder.package}.tests.upstream", file)
    if not file.is_file() or spec is None or spec.loader is None:
        return nullcontext({})

    stand_in = module_from_spec(spec)
    spec.loader.exec_module(stand_in)
    started: AbstractContextManager[dict[str, str]] = stand_in.upstream()
    return started
