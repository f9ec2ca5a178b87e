"""What keeps a connector from being served, as it is told to everyone."""

from collections.abc import Mapping
from typing import Any

from stacksync.dev.environment.dot_env import FILE as DOT_ENV
from stacksync.dev.environment.dot_env import DotEnvError
from stacksync.errors import StacksyncError

LoadError = Mapping[str, Any]


def load_error(message: str, file: str | None = None, line: int | None = None) -> LoadError:
    """Return an error that belongs to no module."""
    return {"file": file, "line": line, "message": message, "module": None}


def as_load_error(error: StacksyncError) -> LoadError:
    """Return an error of ours in the form that workers report."""
    return load_error(error.fault, DOT_ENV, error.line) if isinstance(error, DotEnvError) else load_error(str(error))


def in_one_line(found: LoadError) -> str:
    """Return an error as `file:line: what is wrong`."""
    place = ":".join(str(part) for part in (found["file"], found["line"]) if part)
    return f"{place}: {found['message']}" if place else str(found["message"])
