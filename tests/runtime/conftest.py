"""Connectors of a few files, made and loaded in this process."""

import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from src.runtime import create_app

APP_CONFIG = "app_settings:\n  app_type: shop\n  app_name: Shop\n  routes_directory: src/modules\n"
MODULE = "from src.runtime import *\nmodule = Module(__name__)\n"
SDK = (
    "from flask import request as flask_request\n"
    "from workflows_cdk import Request, Response, ManagedError\n"
    "from main import router, app\n"
)
SDK_MAIN = "from flask import Flask\nfrom workflows_cdk import Router\napp = Flask(__name__)\nrouter = Router(app)\n"

Files = Mapping[str, str]
Write = Callable[[Files], Path]
# Any, because `.json` of a reply is whatever was sent.
Build = Callable[..., Any]


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what loading a connector changes in the process."""
    for name in ("ENVIRONMENT", "REGION", "API_KEY", "SENTRY_DSN", "CONNECTOR_TOKEN", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    modules, path, finders = dict(sys.modules), list(sys.path), list(sys.meta_path)
    root = logging.getLogger()
    handlers = list(root.handlers)
    yield
    sys.path[:], sys.meta_path[:], root.handlers[:] = path, finders, handlers
    for name in set(sys.modules) - set(modules):
        if name == "main" or (name.startswith("src.") and not name.startswith("src.runtime")):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a connector's files; those of modules are named from the modules directory."""

    def write(files: Files) -> Path:
        root = tmp_path / "connector"
        (root / "src" / "modules").mkdir(parents=True, exist_ok=True)
        for name, text in {"/app_config.yaml": APP_CONFIG, **files}.items():
            file = root / name[1:] if name.startswith("/") else root / "src" / "modules" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return root

    return write


@pytest.fixture
def build(write: Write) -> Build:
    """Make a connector of files and return a client of it."""

    def build(files: Files) -> Any:
        return create_app(write(files)).test_client()

    return build


@pytest.fixture
def one(build: Build) -> Build:
    """Make a connector of one module `m/v1`, given the code after its `module = Module(__name__)`."""

    def one(code: str, **files: str) -> Any:
        named = {
            f"m/v1/{name.replace('_json', '.json').replace('_yaml', '.yaml')}": text for name, text in files.items()
        }
        return build({"m/v1/route.py": MODULE + code, **named})

    return one


@pytest.fixture
def build_sdk(write: Write) -> Build:
    """Make a connector written for the SDK, through a main.py of the SDK's shape."""

    def build_sdk(files: Files, main: str = SDK_MAIN) -> Any:
        marked = {name: text.replace("@sdk\n", SDK) for name, text in files.items()}
        root = write({**marked, "/main.py": main})
        spec = importlib.util.spec_from_file_location("main", root / "main.py")
        assert spec is not None
        assert spec.loader is not None
        module: Any = importlib.util.module_from_spec(spec)
        sys.modules["main"] = module
        spec.loader.exec_module(module)
        app: Flask = module.app
        return app.test_client()

    return build_sdk
