"""What an update of an imported API may do, and what it does: files to write, and what is left to the user."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stacksync.openapi.lists import Proposal
from stacksync.openapi.operations import Operation


@dataclass(frozen=True)
class Allowed:
    """What an update may do besides what breaks nothing.

    Args:
        add_versions: Give a module whose operation changed in a breaking way a version of its own for it.
        in_place: Change its present version.
        accept_server: Take another server, another login, or another place to log in.
        selected: Operations to import too.
        accepted: The dropdowns of those, once they are confirmed.
    """

    add_versions: bool = False
    in_place: bool = False
    accept_server: bool = False
    selected: Sequence[Operation] = ()
    accepted: Sequence[tuple[Operation, Proposal]] = ()


@dataclass
class Renewal:
    """What an update writes.

    Attributes:
        files: Content by path, from the connector's root.
        removed: Files that go.
        written: Those of both that were not so already, once they are.
        findings: What is left to the user, with FILE:LINE.
        notes: What to know of the operations that are imported with it.
        renewed: Operations that are stored anew.
        imported: Operations that are imported with it, by address.
        left: Operations that stay as they are, since they changed in a breaking way.
        left_of_api: What of the API stays as it is until it is accepted.
        unread: Operations that stay as they are, since a form of theirs cannot be brought up to date.
        versions: New versions, as MODULE/VERSION.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    left_of_api: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)

    @property
    def is_left(self) -> bool:
        """Whether anything is left to the user."""
        return bool(self.findings or self.left or self.left_of_api or self.unread)

    def find(self, place: str, line: int, what: str) -> None:
        """Leave something to the user."""
        self.findings.append(f"{place}:{line}: {what}")
