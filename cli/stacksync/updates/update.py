"""Take a template release: the whole of it, from a clean tree to a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from stacksync.errors import StacksyncError
from stacksync.updates.applying import apply
from stacksync.updates.journal import read_journal
from stacksync.updates.rehearsal import Change, Rehearsal, UpdateOptions, rehearsed
from stacksync.updates.repository import Repository, find_repository, refuse_changes
from stacksync.updates.target import Target
from stacksync.updates.undoing import is_pending

Kind = Literal["added", "changed", "merged", "removed", "kept", "conflict"]


@dataclass(frozen=True)
class Updated:
    """A file that the update changed: from the connector's root, and how. Merged is what the user had edited too."""

    file: str
    kind: Kind


@dataclass(frozen=True)
class Done:
    """What an update did, and what is said of links that it went around."""

    files: list[Updated]
    links: list[str]


def update(target: Target, options: UpdateOptions) -> Done:
    """Take a release.

    Raises:
        StacksyncError: It cannot be taken; the project is as it was.
    """
    refuse_uncommitted(target.connector.root)
    with rehearsed(target, options) as rehearsal:
        refuse_uncommitted(target.connector.root)  # again: that took seconds, in which someone may have worked
        refuse_another_commit(rehearsal)
        apply(rehearsal, options.release)
        return Done(described(rehearsal), rehearsal.links)


def preview(target: Target, options: UpdateOptions) -> bytes:
    """Return the patch that `update` would make, conflicts and all; the project is not touched.

    Raises:
        StacksyncError: It cannot be taken.
    """
    refuse_uncommitted(target.connector.root)
    with rehearsed(target, options) as rehearsal:
        return rehearsal.patch()


def described(rehearsal: Rehearsal) -> list[Updated]:
    """Say how each file changed."""
    prefix = rehearsal.repository.prefix
    return [Updated(change.path.removeprefix(prefix), _kind(change)) for change in rehearsal.changes]


def names_of(updated: Sequence[Updated], *kinds: Kind) -> list[str]:
    """Return the files that changed in one of these ways."""
    return [each.file for each in updated if each.kind in kinds]


def refuse_uncommitted(root: Path) -> None:
    """Refuse a connector with changes that no commit holds.

    Raises:
        StacksyncError: It has some, or is in no repository.
    """
    repository = find_repository(root)
    refuse_changes(repository, _tip(repository))


def refuse_another_commit(rehearsal: Rehearsal) -> None:
    """Refuse what was rehearsed for another commit than the one that is there now.

    Raises:
        StacksyncError: It was.
    """
    if find_repository(rehearsal.repository.root).head != rehearsal.repository.head:
        raise StacksyncError("Something was committed meanwhile.", "try again; nothing was changed")


def _tip(repository: Repository) -> str:
    """Where the changes are an update's own, say so."""
    journal = read_journal(repository)
    if journal is None or not is_pending(repository, journal):
        return ""
    if not journal.finished:
        return f"{journal.title} was interrupted: {journal.undo_command}"
    return f"commit {journal.title}, or put everything back: {journal.undo_command}"


def _kind(change: Change) -> Kind:
    if change.conflict:
        # Without the release's own version there is nothing to merge: the user's file is as it was.
        return "conflict" if change.stages[-1] else "kept"
    if not change.after:
        return "removed"
    if not change.before:
        return "added"
    return "merged" if change.edited else "changed"
