"""From the NAME of a new connector to its folder and its app type."""

import os
import re
from pathlib import Path

from stacksync.errors import UsageError

APP_TYPE = re.compile(r"[a-z][a-z0-9_]{0,62}")

# Not usable as file names on Windows, whatever their extension:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")


def folder_for(name: str) -> Path:
    """Return the absolute path of a new connector's folder.

    Raises:
        UsageError: There is something at that path, or it could not be checked out on Windows.
    """
    if not name.strip():
        raise UsageError("NAME is empty.", "stacksync new my_connector")

    path = Path(os.path.abspath(name))  # noqa: PTH100 - resolve() would follow a dangling link
    if os.path.lexists(path):
        raise UsageError(f"{name} exists already.", "choose another name, or remove it first")
    if _DEVICE.fullmatch(path.name):
        raise UsageError(f"{path.name} is the name of a device on Windows.", "choose another name for the folder")

    return path


def app_type_from(folder: str) -> str:
    """Turn a folder's name into an app type: `my-connector` and `My Connector` become `my_connector`.

    Raises:
        UsageError: No app type can be made of it.
    """
    app_type = re.sub(r"[\s._-]+", "_", folder.lower()).strip("_")
    if APP_TYPE.fullmatch(app_type):
        return app_type

    raise UsageError(f"{folder!r} cannot be an app type: {_fault(app_type)}.", f"stacksync new {_nearest(app_type)}")


def _fault(app_type: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]*", app_type):
        return "only letters from a to z, digits and underscores"
    if len(app_type) > 63:
        return "at most 63 characters"
    return "it must begin with a letter"


def _nearest(app_type: str) -> str:
    plain = re.sub(r"[^a-z0-9_]+", "_", app_type)[:60].strip("_")
    return plain if APP_TYPE.fullmatch(plain) else f"my_{plain}".rstrip("_") if plain else "my_connector"
