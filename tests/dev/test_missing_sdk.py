"""A connector whose SDK is nowhere: every command that would run it says so before it installs anything."""

import sys
from pathlib import Path

import pytest

from stacksync.dev.environment.interpreter import Interpreter
from stacksync.dev.environment.sdk import require_sdk
from stacksync.errors import StacksyncError
from tests.conftest import Stacksync

MAIN = "from flask import Flask\nfrom workflows_cdk import Router\n\napp = Flask(__name__)\nrouter = Router(app)\n"
ROUTE = "from main import router\nfrom workflows_cdk import Response\n"
ADOPT = "run stacksync adopt, which replaces the SDK"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a connector as the first template made it."""
    files = {
        "main.py": MAIN,
        "app_config.yaml": "app_settings:\n  app_type: crm\n  routes_directory: src/modules\n",
        "requirements.txt": "flask\n",
        "src/modules/get/v1/route.py": ROUTE,
        "Dockerfile": "FROM python:3.12\nRUN pip install git+https://user:secret@example.invalid/workflows-cdk.git@prod\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "command", [("dev", "--port", "0", "--no-studio"), ("invoke", "get"), ("test",), ("list", "--load")]
)
def test_commands_that_run_it_say_what_to_do(root: Path, stacksync: Stacksync, command: tuple[str, ...]) -> None:
    before = sorted(root.rglob("*"))
    done = Stacksync(root, {**stacksync.environment, "VIRTUAL_ENV": ""})(*command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: main.py:2: imports workflows_cdk, but requirements.txt does not install it.\n"
        f"TIP: {ADOPT}; or add to requirements.txt what Dockerfile:2 installs:"
        " git+https://example.invalid/workflows-cdk.git@prod\n"
    )
    assert sorted(root.rglob("*")) == before


def fault(root: Path, interpreter: Interpreter | None = None) -> str:
    """Return what a connector is refused for; empty where it is not."""
    try:
        require_sdk(root, interpreter)
    except StacksyncError as error:
        return f"{error} TIP: {error.tip}"
    return ""


def test_an_environment_is_asked(root: Path) -> None:
    own = Interpreter(Path(sys.prefix), ".venv")

    assert fault(root, own).startswith("main.py:2: imports workflows_cdk, but .venv does not have it.")
    assert " -m pip install -r " in fault(root, own) or "uv pip install" in fault(root, own)
    assert fault(root, Interpreter(root / "gone", ".venv")) == ""

    (root / "requirements.txt").write_text("workflows-cdk\n")
    assert f"{ADOPT}; or install it: " in fault(root, own)


@pytest.mark.parametrize(
    "name,text",
    [
        ("requirements.txt", "flask\n-r more.txt\n"),
        ("requirements.txt", "git+https://example.invalid/workflows-cdk.git@prod\n"),
        ("workflows_cdk/__init__.py", ""),
        ("workflows_cdk.py", ""),
        ("main.py", "try:\n    import workflows_cdk\nexcept ImportError:\n    workflows_cdk = None\n"),
        ("main.py", "# from workflows_cdk import Router\n"),
        ("main.py", "from .workflows_cdk import Router\n"),
        ("main.py", "import workflows_cdk (\n"),
    ],
)
def test_a_connector_that_has_it_or_needs_none(root: Path, name: str, text: str) -> None:
    (root / "more.txt").write_text("Workflows_CDK==0.1.0\n")
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text(text)
    if name == "main.py":
        (root / "src/modules/get/v1/route.py").write_text("")

    assert fault(root) == ""


def test_route_files_are_asked_where_there_is_no_runtime(root: Path) -> None:
    (root / "main.py").write_text("import importlib\n")
    (root / "Dockerfile").unlink()
    told = fault(root)
    (root / "src/runtime").mkdir()
    (root / "src/runtime/__init__.py").touch()

    expected = "src/modules/get/v1/route.py:2: imports workflows_cdk, but requirements.txt does not install it."
    assert told == f"{expected} TIP: {ADOPT}; or add the SDK to requirements.txt"
    assert fault(root) == ""  # it runs, without that module


def test_the_present_kit_is_another_sdk(root: Path) -> None:
    (root / "main.py").write_text("import stacksync_cdk as kit\n")

    assert fault(root).startswith("main.py:1: imports stacksync_cdk, but requirements.txt does not install it.")
