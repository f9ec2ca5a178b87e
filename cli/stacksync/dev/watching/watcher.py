"""Notice what is saved below the connector by looking at it ten times a second.

A look takes 2 ms in the largest public connector, so a library for this would be no faster; and it finds every kind of
save: in place, by renaming, by an editor inside a container, on a network drive.
"""

import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from threading import Event, Thread

from stacksync.connector import Connector
from stacksync.connector_files import own_files
from stacksync.runtime import layout_of

INTERVAL = 0.1
# How long it must be quiet after a change: editors write a file in several steps, and formatters write it again.
QUIET = 0.04
# How long such quiet is waited for, where something is written all the time.
PATIENCE = 1.0
# What a look may take of the time; of a huge folder it is then taken less often.
SHARE = 0.1

SUFFIXES = (".py", ".yaml", ".yml", ".json", ".toml", ".md", ".txt")

Stamp = tuple[int, int, int]


class Watcher:
    """Calls `changed`, which must be quick, with the paths from the root that were added, saved or removed."""

    def __init__(self, root: Path, changed: Callable[[list[str]], object]) -> None:
        self._root = root
        self._changed = changed
        self._over = Event()
        self._known = look(root)
        self._thread = Thread(target=self._watch, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin. What was saved since this was made counts as well."""
        self._thread.start()

    def stop(self) -> None:
        """End, and call no more."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        pause = INTERVAL
        while not self._over.wait(pause):
            started = time.perf_counter()
            seen = look(self._root)
            pause = max(INTERVAL, (time.perf_counter() - started) / SHARE)
            if seen != self._known:
                self._report(self._settled(seen))

    def _settled(self, seen: dict[str, Stamp]) -> dict[str, Stamp]:
        deadline = time.monotonic() + PATIENCE
        while not self._over.wait(QUIET) and time.monotonic() < deadline:
            again = look(self._root)
            if again == seen:
                break
            seen = again
        return seen

    def _report(self, seen: dict[str, Stamp]) -> None:
        paths = {path for path, _ in seen.items() ^ self._known.items()}
        self._known = seen
        if paths:
            self._changed(sorted(paths))


def look(root: Path) -> dict[str, Stamp]:
    """Return when each file of a connector was saved, and its size and number: one that is replaced has another."""
    connector = _connector(root, _stamp(root / layout_of(root).file))
    watched = ((name, entry) for name, entry in own_files(connector) if _is_watched(entry.name))
    return {name: stamp for name, entry in watched if (stamp := _stamp(entry))}


@lru_cache(maxsize=4)
def _connector(root: Path, _saved: Stamp | None) -> Connector:
    """Return the connector, read once for each time that its configuration was saved."""
    return Connector(root)


def _is_watched(name: str) -> bool:
    return name == ".env" or (name.endswith(SUFFIXES) and not name.startswith("."))


def _stamp(entry: "Path | os.DirEntry[str]") -> Stamp | None:
    try:
        status = entry.stat()
    except OSError:
        return None

    return status.st_mtime_ns, status.st_size, status.st_ino
