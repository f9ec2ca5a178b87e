"""The connector as it was on disk at one moment, in the process that loaded it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from stacksync.connector import Connector
from stacksync.dev.worker import Worker


@dataclass(frozen=True)
class Content:
    """What is on disk: the file that each module is loaded from, and which modules and versions have a form."""

    route_files: Mapping[str, str] = field(default_factory=dict)
    forms: frozenset[tuple[str, str]] = frozenset()


@dataclass(eq=False)
class Generation:
    """A worker, what it was started for, and what came of it.

    Args:
        reason: Why there is a new generation.
        is_loaded: Whether it could serve.
        errors: What keeps some of its modules from being served.
        rereads_forms: Whether it serves a saved form without being loaded again.
        modules: The installed modules that it imported.
    """

    worker: Worker
    content: Content
    reason: str
    begun: float = field(default_factory=monotonic)
    is_loaded: bool = False
    errors: list[Mapping[str, Any]] = field(default_factory=list)
    rereads_forms: bool = True
    modules: tuple[str, ...] = ()

    @property
    def age(self) -> float:
        """The seconds since it was begun or, when it serves, since it began to."""
        return monotonic() - self.begun

    def begin_to_serve(self) -> None:
        """Count its age from now on."""
        self.begun = monotonic()

    def breaks(self, other: "Generation") -> bool:
        """Say whether a module that `other` serves would be served no more, though it is on disk."""
        return any(error["module"] in other.served for error in self.errors)

    @property
    def served(self) -> frozenset[str]:
        """The modules that can be called."""
        return frozenset(self.content.route_files) - {str(error["module"]) for error in self.errors}


def read_content(connector: Connector) -> Content:
    """Look at what is on disk now, which may be in the middle of a change."""
    with suppress(OSError):
        versions = Connector(connector.root).versions
        return Content(
            {
                folder.module_path: connector.relative(folder.route_files[0])
                for folder in versions
                if folder.route_files
            },
            frozenset((folder.module, folder.version) for folder in versions if folder.has_schema),
        )
    return Content()
