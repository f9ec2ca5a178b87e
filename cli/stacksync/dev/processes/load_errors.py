"""What keeps a connector from being served, as it is told to everyone."""

from collections.abc import Mapping
from typing import Any

from stacksync.dev.environment.dot_env import FILE as DOT_ENV
from stacksync.dev.environment.dot_env import DotEnvError
from stacksync.errors import StacksyncError

Fault = Mapping[str, Any]


def fault(message: str, file: str | None = None, line: int | None = None) -> Fault:
    """Return a fault that belongs to no module."""
    return {"file": file, "line": line, "message": message, "module": None}


def fault_of(error: StacksyncError) -> Fault:
    """Return an error of ours as a fault."""
    return fault(error.fault, DOT_ENV, error.line) if isinstance(error, DotEnvError) else fault(str(error))


def in_one_line(found: Fault) -> str:
    """Return a fault as `file:line: what is wrong`."""
    place = ":".join(str(part) for part in (found["file"], found["line"]) if part)
    return f"{place}: {found['message']}" if place else str(found["message"])
