"""Projects of the platform's present kit, stacksync-cdk: what is where in them, read without running anything.

`modules/<module>/v<N>/` holds one version: `schema.py`, `content.py` and `execute.py`, each with a function of its own
name, and `config.py` with what the platform lists. Settings are in `stacksync.yml`. The facts, with their sources, are
in the project's `tests/kit/FACTS.md`.
"""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..config import FILE as OWN_FILE
from ..config import Config, ConfigError, Section, make_config, read_section
from ..discovery import Layout
from ..yaml_file import YamlFileError, read_yaml

FILE = "stacksync.yml"
MODULES_DIR = "modules"
HANDLERS = ("schema", "content", "execute")
CONFIG_FILE = "config.py"
CONFIG = "CONFIG"
MODULE_CONFIG = "ModuleConfig"
# What the kit shows of an app that says nothing.
UNKNOWN_APP, UNNAMED_APP = "unknown_app", "Unnamed App"

logger = logging.getLogger("stacksync.discovery")

# What tools use that read a project without running it; nothing here needs Flask.
__all__ = [
    "CONFIG",
    "CONFIG_FILE",
    "FILE",
    "HANDLERS",
    "LAYOUT",
    "MODULE_CONFIG",
    "config_call",
    "handler_in",
    "is_kit_project",
    "literals",
]


def is_kit_project(root: Path) -> bool:
    """Say whether a folder is a project of the kit, adopted or not."""
    return (root / FILE).is_file() and not (root / OWN_FILE).is_file()


def read_config(root: Path) -> Config:
    """Read the settings of the project in `root`; the kit needs none of them, nor the file.

    Raises:
        ConfigError: The file is unusable.
    """
    file = root / FILE
    settings = _read_file(file)
    app, local = (read_section(file, settings, name) for name in ("app_settings", "local_development_settings"))
    config = make_config(file, settings, root / MODULES_DIR, _public_settings(app))
    has_origins = any(section.get("cors_origins") is not None for section in (app, local))
    return replace(
        config,
        app_type=app.text("app_type", UNKNOWN_APP),
        app_name=app.text("app_name", UNNAMED_APP),
        cors_origins=config.cors_origins if has_origins else (),  # the kit sends no CORS headers
    )


def read_settings(file: Path) -> dict[str, Any]:
    """Return what a config.py says of its module, as far as its text tells: `CONFIG = ModuleConfig(name="…")`."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        logger.warning("%s: %s; its defaults are used", file, error)
        return {}

    call = config_call(tree)
    return {} if call is None else {name: value.value for name, value in literals(call).items()}


def config_call(tree: ast.Module) -> ast.Call | None:
    """Return the call of ModuleConfig that a config.py assigns to CONFIG, where there is one."""
    node = next((node for node in reversed(tree.body) if CONFIG in _bound(node)), None)
    value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
    return value if isinstance(value, ast.Call) and _called(value) == MODULE_CONFIG else None


def literals(call: ast.Call) -> dict[str, ast.Constant]:
    """Return the keywords of a call whose values are written out."""
    return {word.arg: word.value for word in call.keywords if word.arg and isinstance(word.value, ast.Constant)}


def handler_in(tree: ast.Module, kind: str) -> ast.stmt | None:
    """Return what a handler file binds its function's name to last: a definition, an assignment or an import."""
    return next((node for node in reversed(tree.body) if kind in _bound(node)), None)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}

    # Also within `if` and `try`.
    inner = ast.walk(node)
    stored = {each.id for each in inner if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    below = (each for each in ast.iter_child_nodes(node) if isinstance(each, (ast.stmt, ast.ExceptHandler)))
    return stored.union(*map(_bound_below, below))


def _bound_below(node: ast.AST) -> set[str]:
    if isinstance(node, ast.stmt):
        return _bound(node)
    return set().union(*(_bound(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)))


def _is_route_file(name: str) -> bool:
    return name in {f"{kind}.py" for kind in HANDLERS}


def _read_file(file: Path) -> Mapping[str, Any]:
    try:
        settings = read_yaml(file)
    except FileNotFoundError:
        return {}
    except YamlFileError as error:
        raise ConfigError(f"{error}. Correct it and start again.") from None
    if settings and not isinstance(settings, dict):
        raise ConfigError(f"{file}:1: must hold sections such as `app_settings`, not a {type(settings).__name__}.")

    return settings or {}


def _public_settings(app: Section) -> dict[str, Any]:
    return {
        "app_name": app.text("app_name", UNNAMED_APP),
        "app_type": app.text("app_type", UNKNOWN_APP),
        "app_type_display": app.get("app_type_display") or app.get("app_type"),
        "app_icon_svg_url": app.text("app_icon_svg_url"),
        "app_description": app.text("app_description"),
        "options": app.get("options") or {},
    }


LAYOUT = Layout(
    file=FILE,
    read_config=read_config,
    directory_keys=(),
    modules_dir=MODULES_DIR,
    version=re.compile(r"v[0-9]\w*"),
    skipped=("_",),
    is_route_file=_is_route_file,
    by_name=True,
    schema_file="",
    config_file=CONFIG_FILE,
    read_settings=read_settings,
)
