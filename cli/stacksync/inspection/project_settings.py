"""What a connector's pyproject.toml says to stacksync: one table for each command that rates what it finds."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stacksync.errors import StacksyncError

FILE = "pyproject.toml"


def table_name(command: str) -> str:
    """Return what the table of a command is called."""
    return f"tool.stacksync.{command}"


def read_table(root: Path, command: str, known: Iterable[str]) -> dict[str, Any]:
    """Return what is set for a command; nothing where nothing is.

    Args:
        root: The connector's folder.
        command: Whose settings.
        known: The keys that there are.

    Raises:
        StacksyncError: The file is not TOML, or the table holds another key.
    """
    file, name = root / FILE, table_name(command)
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    if "stacksync" not in text:
        return {}

    found = _parsed(text)
    for key in ("tool", "stacksync", command):
        found = found.get(key, {})
        if not isinstance(found, dict):
            raise StacksyncError(f"{FILE}: {name} must be a table.", f"[{name}]")
    for key in found:
        if key not in known:
            raise StacksyncError(f"{FILE}: {name}.{key} is not known.", f"known are {' and '.join(known)}")
    return found


def _parsed(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StacksyncError(f"{FILE} is not TOML: {error}.") from None
