"""From the NAME of a new connector to its folder and its app type, and what a module may be called."""

import os
import re
import shlex
from keyword import iskeyword
from pathlib import Path

from stacksync.errors import UsageError
from stacksync.filling import refuse_occupied

APP_TYPE = re.compile(r"[a-z][a-z0-9_]{0,62}")

# Not usable as file names on Windows, whatever their extension:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")


def folder_for(name: str) -> Path:
    """Return the absolute path of a new connector's folder: one that is not there, or the current one.

    Raises:
        UsageError: There is something at that path, or it could not be checked out on Windows.
    """
    if not name.strip():
        raise UsageError("NAME is empty.", "stacksync new my_connector")

    path = Path(os.path.abspath(name))  # noqa: PTH100 - resolve() would follow a dangling link
    if os.path.lexists(path) and (path != Path.cwd() or not path.name):
        tip = "choose another name, or remove it first"
        here = f"; to fill a new repository: cd {shlex.quote(name)}, then stacksync new ."
        raise UsageError(f"{name} exists already.", tip + (here if _is_repository(path) else ""))
    if path.exists():
        refuse_occupied(path)
    if _DEVICE.fullmatch(path.name):
        raise UsageError(f"{path.name} is the name of a device on Windows.", "choose another name for the folder")

    return path


def _is_repository(path: Path) -> bool:
    return not path.is_symlink() and (path / ".git").exists()


def app_type_from(folder: str, *, here: bool = False) -> str:
    """Turn a folder's name into an app type: `my-connector` and `My Connector` become `my_connector`.

    Args:
        folder: The name.
        here: The folder is there, so that it cannot have another name.

    Raises:
        UsageError: No app type can be made of it.
    """
    app_type = re.sub(r"[\s._-]+", "_", folder.lower()).strip("_")
    if APP_TYPE.fullmatch(app_type):
        return app_type

    nearest = _nearest(app_type)
    tip = f"stacksync new . --data app_type={nearest}" if here else f"stacksync new {nearest}"
    raise UsageError(f"{folder!r} cannot be an app type: {_fault(app_type)}.", tip)


def nearest_app_type(folder: str) -> str:
    """Return the app type for a folder of any name, the default of the template's question where it takes that."""
    plain = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")
    return plain if APP_TYPE.fullmatch(plain) else _nearest(plain)


def check_module_name(name: str) -> None:
    """Refuse what cannot be the folder, the URL and the Python package of a module.

    Raises:
        UsageError: It cannot; the tip has the name to use.
    """
    if APP_TYPE.fullmatch(name) and not _is_taken(name):
        return

    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s._-]+", "_", name).lower().strip("_")
    nearest = _nearest(words, "my_module")
    nearest += "_action" if _is_taken(nearest) else ""
    raise UsageError(f"{name!r} cannot be a module's name: {_module_fault(name)}.", f"stacksync add-module {nearest}")


def _module_fault(name: str) -> str:
    if iskeyword(name):
        return "it is a word of Python"
    if _DEVICE.fullmatch(name):
        return "it is the name of a device on Windows"
    return _fault(name).replace("only letters", "only lowercase letters")


def _is_taken(name: str) -> bool:
    return iskeyword(name) or _DEVICE.fullmatch(name) is not None


def _fault(app_type: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]*", app_type):
        return "only letters from a to z, digits and underscores"
    if len(app_type) > 63:
        return "at most 63 characters"
    return "it must begin with a letter"


def _nearest(name: str, default: str = "my_connector") -> str:
    plain = re.sub(r"[^a-z0-9_]+", "_", name)[:60].strip("_")
    return plain if APP_TYPE.fullmatch(plain) else f"my_{plain}".rstrip("_") if plain else default
