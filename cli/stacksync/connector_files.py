"""Which files are a connector's own: all below its root but what tools made or installed, and versions behind links."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from stacksync.connector import Connector
from stacksync.runtime import version_paths

TOOL_FOLDERS = {"__pycache__", "node_modules", "site-packages"}
# In the folder of a virtual environment, whatever that is called.
ENVIRONMENT_MARK = "pyvenv.cfg"

Found = Iterator[tuple[str, "os.DirEntry[str]"]]


def own_files(connector: Connector) -> Found:
    """Yield every file of a connector by its name from the root, with forward slashes."""
    yield from _walk(str(connector.root), "")
    for folder in _apart(connector):
        yield from _walk(str(folder), f"{connector.relative(folder)}/")


def _apart(connector: Connector) -> list[Path]:
    """Return the folders of versions that a walk from the root does not reach: behind links, or named as tools'.

    The runtime looks for versions there too, so what is in them is served.
    """
    modules_dir = connector.modules_dir
    found = [modules_dir] if connector.link_to(modules_dir) else []
    with suppress(OSError):  # it was removed meanwhile
        versions = list(version_paths(modules_dir, connector.layout)) if connector.has_modules_dir else []
        folders = dict.fromkeys(folder for version in versions for folder in (version.parent, version))
        found += [folder for folder in folders if folder.name in TOOL_FOLDERS or folder.is_symlink()]
    return found


def _walk(folder: str, prefix: str) -> Found:
    entries = _entries(folder)
    if any(entry.name == ENVIRONMENT_MARK for entry in entries):
        return

    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name[0] != "." and entry.name not in TOOL_FOLDERS:
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
        elif not (entry.is_symlink() and entry.is_dir()):
            yield prefix + entry.name, entry


def _entries(folder: str) -> "list[os.DirEntry[str]]":
    with suppress(OSError):  # it was removed meanwhile, or is not ours to read
        return list(os.scandir(folder))
    return []
