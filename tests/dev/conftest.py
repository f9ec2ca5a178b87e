"""Connectors to develop."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Stacksync
from tests.dev.developed import PROBE, Developed, developed
from tests.dev.stand_ins import StandIns

PROBE_ROUTE = """\
import os

from src.runtime import Module, Request, Response

module = Module(__name__)
ANSWER = "one"


@module.execute
def execute(request: Request) -> Response:
    return Response(data={"answer": ANSWER, "pid": os.getpid(), "greeting": os.environ.get("GREETING")})
"""
PROBE_FORM = '{"fields": [{"id": "name", "type": "string", "label": "Name"}], "ui_options": {"ui_order": ["name"]}}'
SDK_ROUTE = """\
import os

from workflows_cdk import Response

from main import router

ANSWER = "one"


@router.route("/execute", methods=["POST"])
def execute():
    return Response(data={"answer": ANSWER, "pid": os.getpid()})


@router.route("/fail", methods=["POST"])
def fail():
    return Response(data={}["missing"])
"""


@pytest.fixture(autouse=True)
def strict_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the connectors' processes fail where they would warn."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("ENVIRONMENT", raising=False)


@pytest.fixture
def root(compiled_connector: Path, tmp_path: Path) -> Path:
    """Return a connector with a module that says which process answers, and what that one loaded."""
    return copy_with_probe(compiled_connector, tmp_path / "crm", PROBE_ROUTE)


@pytest.fixture
def crm(root: Path) -> Iterator[Developed]:
    """Return it while it is being served."""
    with developed(root) as connector:
        yield connector


@pytest.fixture
def sdk_root(made_sdk_connector: Path, tmp_path: Path) -> Path:
    """Return a connector for the SDK with such a module."""
    return copy_with_probe(made_sdk_connector, tmp_path / "sdk", SDK_ROUTE)


def copy_with_probe(made: Path, root: Path, route: str) -> Path:
    """Copy a connector without the modules that these tests do not need, and add the probe."""
    shutil.copytree(made, root, ignore=shutil.ignore_patterns("create_contacts", ".git"))
    (root / PROBE).mkdir(parents=True)
    (root / PROBE / "route.py").write_text(route)
    (root / PROBE / "schema.json").write_text(PROBE_FORM)
    return root


@pytest.fixture
def developer(connector: Stacksync, compiled_connector: Path) -> Stacksync:
    """Return the command in a connector whose requirements are in the active environment."""
    shutil.copytree(compiled_connector / "src/runtime", connector.cwd / "src/runtime", dirs_exist_ok=True)
    return Stacksync(connector.cwd, connector.environment | {"VIRTUAL_ENV": sys.prefix})


@pytest.fixture
def programs(tmp_path: Path, developer: Stacksync) -> StandIns:
    """Return stand-ins that go first on the path of the developer."""
    developer.environment["PATH"] = f"{tmp_path}{os.pathsep}{developer.environment['PATH']}"
    return StandIns(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port that this process has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found: int = server.getsockname()[1]
        yield found
