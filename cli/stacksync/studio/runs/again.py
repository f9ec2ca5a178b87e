"""Sending the last run of a module again when its code was saved: for which modules, and only once for each save."""

import os
from collections.abc import Mapping
from threading import Lock
from typing import Any

from stacksync.runtime import STAND_IN_SWITCH
from stacksync.studio.runs.history import History, HistoryEntry


class Again:
    """Which modules are sent again, from this start of `stacksync dev` on.

    Against a real API a run does things: there it is off until somebody switches it on, for each module.
    """

    def __init__(self) -> None:
        self._chosen: dict[str, bool] = {}
        self._sent: dict[str, Mapping[str, Any]] = {}
        self._lock = Lock()

    def is_on(self, module_path: str) -> bool:
        """Say whether a module is sent again."""
        return self._chosen.get(module_path, has_no_real_api())

    def switch(self, module_path: str, *, on: bool) -> None:
        """Switch it on or off for one module."""
        self._chosen[module_path] = on

    def take(self, module_path: str, state: Mapping[str, Any]) -> bool:
        """Say whether a module is to be sent for this state of the connector: once, however many pages show it."""
        with self._lock:
            if not self.is_on(module_path) or state["state"] != "ready" or self._sent.get(module_path) is state:
                return False

            self._sent[module_path] = state
            return True


def has_no_real_api() -> bool:
    """Say whether what modules call is made up, so that a run does nothing anywhere."""
    return bool(os.environ.get(STAND_IN_SWITCH))


def last_run(history: History, module_path: str) -> HistoryEntry | None:
    """Return the run that is sent again: the newest, unless its secrets are gone or somebody cancelled it."""
    entry = next((each for each in history.of(module_path) if each.endpoint == "execute"), None)
    return None if entry is None or entry.lacks_secrets or entry.answer.is_cancelled else entry
