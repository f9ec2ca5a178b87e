"""The application of a project: its modules as the kit serves them, with all else that this runtime has."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask

from src.runtime import install
from src.runtime.compat import kit, siblings
from src.runtime.compat.kit_module import HandlerFile

from .errors import ManagedError
from .module_config import ModuleConfig
from .request import Request
from .responses import ContentResponse, ExecuteResponse, SchemaResponse

HANDLER = "__handler_file__"

logger = logging.getLogger("stacksync.discovery")


def create_app(root: str | os.PathLike[str] | None = None) -> Flask:
    """Make the application of the project in a folder, the current one by default."""
    folder = Path(root or Path.cwd()).absolute()
    app = Flask("connector", root_path=str(folder), static_folder=None)
    siblings.install()
    install(app, folder, replace(kit.LAYOUT, read_settings=read_settings, loader=HandlerLoader))
    return app


class HandlerLoader(siblings.SiblingLoader):
    """Load a handler file, and have the function that is called as the file answer its URL."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the file."""
        super().exec_module(module)
        kind = Path(self.path).stem
        handler = getattr(module, kind, None)
        if callable(handler):
            setattr(module, HANDLER, HandlerFile(module.__name__, kind, _answering(handler, BODIES[kind])))
        else:
            logger.warning("%s defines no function %s, and answers nothing", self.path, kind)


def read_settings(file: Path) -> dict[str, Any]:
    """Return what a config.py says of its module; the defaults where it fails, as in the kit."""
    name = f"{file.parent.parent.name}_{file.parent.name}_config"
    loader = SourceFileLoader(name, str(file))
    module = module_from_spec(spec_from_loader(name, loader))  # type: ignore[arg-type]
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a file of a user may do anything
        logger.warning("%s: %s: %s; its defaults are used", file, type(error).__name__, error)
        return {}

    config = getattr(module, kit.CONFIG, None)
    return asdict(config) if isinstance(config, ModuleConfig) else {}


def _answering(handler: Callable[[Request], Any], body: Callable[[Any], dict[str, Any]]) -> Any:
    return lambda payload: body(handler(Request(payload)))


def _schema_body(answer: Any) -> dict[str, Any]:
    form = answer.to_schema_dict() if isinstance(answer, SchemaResponse) else answer
    return {"data": {"schema": _mapping(form, "schema", "SchemaResponse")}}


def _content_body(answer: Any) -> dict[str, Any]:
    found = answer.to_wire() if isinstance(answer, ContentResponse) else answer
    return {"data": _mapping(found, "content", "ContentResponse")}


def _execute_body(answer: Any) -> dict[str, Any]:
    return answer.to_wire() if isinstance(answer, ExecuteResponse) else {"data": answer}


def _mapping(answer: Any, kind: str, wanted: str) -> dict[str, Any]:
    if isinstance(answer, dict):
        return answer

    raise ManagedError.server_error(f"{kind} must return a {wanted} or a dict, and returned a {type(answer).__name__}")


BODIES = {"schema": _schema_body, "content": _content_body, "execute": _execute_body}
