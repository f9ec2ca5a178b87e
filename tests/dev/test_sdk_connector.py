"""Connectors written for Stacksync's own SDK, on our runtime and on a router that passes over what fails to load."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.dev.conftest import SDK_ROUTE
from tests.dev.developed import PROBE, ROUTE, developed

# What matters here of that SDK: it imports each route file itself, with a `main` of its own making, prints what goes
# wrong, and goes on without the module.
SDK = """\
import importlib.util
import os
import sys
import types
from pathlib import Path

from flask import jsonify


def Response(data):
    return jsonify({"data": data})


class Router:
    def __init__(self, app):
        self.app, self.base = app, ""
        root, main = Path.cwd(), sys.modules["main"]
        sys.modules["main"] = types.ModuleType("main")
        sys.modules["main"].router = self
        for file in sorted((root / "src/modules").rglob("*.py")):
            self.base = "/" + file.parent.relative_to(root / "src/modules").as_posix()
            try:
                spec = importlib.util.spec_from_file_location(f"routes.{file.parent.parent.name}.{file.stem}", file)
                spec.loader.exec_module(importlib.util.module_from_spec(spec))
            except Exception as error:
                print(f"passed over {file}: {error}")
        sys.modules["main"] = main

    def route(self, rule, methods):
        return lambda view: self.app.add_url_rule(self.base + rule, self.base + rule, view, methods=methods) or view
"""
MAIN = """\
from flask import Flask

from workflows_cdk import Router

app = Flask(__name__)
router = Router(app)
"""


@pytest.fixture
def plain_root(tmp_path: Path) -> Path:
    """Return a connector without our runtime."""
    root = tmp_path / "plain"
    (root / PROBE).mkdir(parents=True)
    (root / ROUTE).write_text(SDK_ROUTE)
    (root / "workflows_cdk").mkdir()
    (root / "workflows_cdk" / "__init__.py").write_text(SDK)
    (root / "main.py").write_text(MAIN)
    (root / "app_config.yaml").write_text("app_settings:\n  app_type: plain\n  routes_directory: src/modules\n")
    return root


@pytest.mark.parametrize("kind", ["sdk_root", "plain_root"])
def test_is_reloaded_and_kept_as_any_connector(kind: str, request: pytest.FixtureRequest):
    root: Path = request.getfixturevalue(kind)
    with developed(root) as connector:
        assert connector.session.state["errors"] == []
        before = connector.probe()
        with connector.next_state("ready"):
            connector.edit(ROUTE, '"one"', '"two"')
        after = connector.probe()
        assert (before["answer"], after["answer"]) == ("one", "two")

        with suppress(ValueError):  # Flask's own page is no JSON
            connector.call("/probe/v1/fail", {}, run="studio-1")
        (failure,) = connector.session.failures.of("studio-1")
        (error,) = failure["errors"]
        own = [(frame["file"], frame["function"], frame["source"]) for frame in error["frames"] if frame["own"]]
        assert (error["type"], error["message"]) == ("KeyError", "'missing'")
        assert own == [(ROUTE, "fail", 'return Response(data={}["missing"])')]

        with connector.next_state("failed") as state:
            connector.save(ROUTE, SDK_ROUTE + "import nothing_of_that_name\n")
        line = len((root / ROUTE).read_text().splitlines())
        assert state["errors"] == [
            {
                "file": ROUTE,
                "line": line,
                "message": "ModuleNotFoundError: No module named 'nothing_of_that_name'",
                "module": "probe/v1",
                "kept": True,
            }
        ]
        assert connector.probe() == after


def test_a_module_without_a_route_is_told(plain_root: Path):
    (plain_root / ROUTE).write_text("# nothing yet\n")
    with developed(plain_root) as connector:
        assert connector.session.errors == {
            "probe/v1": {
                "file": ROUTE,
                "line": 1,
                "message": "none of its routes is served: does it use the `router` of main.py?",
                "module": "probe/v1",
                "kept": False,
            }
        }
