"""The connector as it was on disk at one moment, in the process that loaded it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from stacksync.connector import Connector
from stacksync.dev.processes.worker import Worker
from stacksync.modules.states import FAULT, OK


@dataclass(frozen=True)
class Snapshot:
    """What is on disk: the files that each version is loaded from, and which versions have a form.

    Args:
        is_guarded: Whether app_config.yaml does not say of which origins pages may call the connector.
    """

    route_files: Mapping[str, list[str]] = field(default_factory=dict)
    forms: frozenset[tuple[str, str]] = frozenset()
    is_guarded: bool = True


@dataclass(eq=False)
class Revision:
    """A worker, what it was started for, and what came of it.

    Args:
        reason: Why there is a new revision.
        is_loaded: Whether it could serve.
        errors: What keeps some of its modules from being served.
        rereads_forms: Whether it serves a saved form without being loaded again.
        imported: The installed packages' modules that it imported.
        loaded: The versions that it serves, or would.
    """

    worker: Worker
    snapshot: Snapshot
    reason: str
    begun: float = field(default_factory=monotonic)
    is_loaded: bool = False
    errors: list[Mapping[str, Any]] = field(default_factory=list)
    rereads_forms: bool = True
    imported: tuple[str, ...] = ()
    loaded: frozenset[str] = frozenset()

    @property
    def age(self) -> float:
        """The seconds since it was begun or, when it serves, since it began to."""
        return monotonic() - self.begun

    def take_report(self, report: Mapping[str, Any]) -> None:
        """Take over what the worker reported when it had loaded the connector."""
        self.errors, self.imported = report["errors"], tuple(report["imported"])
        self.rereads_forms, self.loaded = report["rereads_forms"], frozenset(report["modules"])

    def begin_to_serve(self) -> None:
        """Count its age from now on."""
        self.begun = monotonic()

    def breaks(self, other: "Revision") -> bool:
        """Say whether a module that `other` serves would be served no more, though it is on disk."""
        return any(error["module"] in other.loaded for error in self.errors)

    def shows(self, form: tuple[str, str], snapshot: Snapshot) -> bool:
        """Say whether a form is served as it is in `snapshot`, without the connector being loaded again."""
        is_there_still = (form in self.snapshot.forms) == (form in snapshot.forms)
        return is_there_still and self.rereads_forms and "/".join(form) not in self.broken

    @property
    def broken(self) -> frozenset[str]:
        """The modules that are on disk and cannot be called."""
        return frozenset(str(error["module"]) for error in self.errors)

    @property
    def states(self) -> dict[str, str]:
        """The state of each version."""
        return {name: OK if name in self.loaded else FAULT for name in {*self.snapshot.route_files, *self.loaded}}


def read_snapshot(root: Path) -> Snapshot:
    """Look at what is on disk now, which may be in the middle of a change."""
    with suppress(OSError):
        connector = Connector(root)
        versions = connector.versions
        return Snapshot(
            {folder.module_path: list(map(connector.relative, folder.route_files)) for folder in versions},
            frozenset((folder.module, folder.version) for folder in versions if folder.has_schema),
            is_guarded=not _names_origins(connector.settings),
        )
    return Snapshot()


def _names_origins(settings: Mapping[str, Any]) -> bool:
    sections = (settings.get(name) for name in ("local_development_settings", "app_settings"))
    return any(isinstance(section, dict) and section.get("cors_origins") is not None for section in sections)
