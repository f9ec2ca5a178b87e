"""What a change of files means: a restart, a form to draw again, or nothing for the process that serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from stacksync.connector import Connector
from stacksync.dev.environment.dot_env import FILE as DOT_ENV
from stacksync.runtime import STAND_IN_FILE

RESTARTING = (".py", ".yaml", ".yml")
# Data that code reads lies beside it; elsewhere, it is often the connector itself that writes such a file.
SOURCE = "src"
FORM = "schema.json"
# Beside a connector's code, and never part of it.
ASIDE = {"tests", "examples", "cassettes", "documentation", "docs"}
# It stands among the tests, and is part of what serves under `stacksync dev --stand-in`.
STAND_IN = PurePosixPath(STAND_IN_FILE).name


@dataclass(frozen=True)
class Changes:
    """Files that were added, saved or removed.

    Args:
        forms: The forms among them, with their module and version.
        code: Those of which a running process knows nothing: its code, configuration and environment.
    """

    forms: Mapping[str, tuple[str, str]]
    code: tuple[str, ...]


def sort_changes(connector: Connector, paths: Sequence[str]) -> Changes:
    """Return what the changes of these files, given from the connector's root, amount to."""
    forms = {path: form for path in paths if (form := _form(connector, path))}
    return Changes(forms, tuple(path for path in paths if path not in forms and _is_code(path)))


def changed(paths: Sequence[str]) -> str:
    """Return the reason that such changes are for being loaded again."""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"changed: {paths[0]}{more}"


def _form(connector: Connector, path: str) -> tuple[str, str] | None:
    file = connector.root / path
    if file.name != FORM or file.parents[2] != connector.modules_dir:
        return None

    return file.parents[1].name, file.parent.name


def _is_code(path: str) -> bool:
    file = PurePosixPath(path)
    if file.name == STAND_IN:
        return True
    if ASIDE & set(file.parts[:-1]) or file.name == "conftest.py" or file.name.startswith("test_"):
        return False

    return path == DOT_ENV or file.suffix in RESTARTING or (file.suffix == ".json" and file.parts[0] == SOURCE)
