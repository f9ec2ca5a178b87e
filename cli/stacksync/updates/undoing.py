"""Put everything back as it was before an update that is not committed yet."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from stacksync.errors import StacksyncError
from stacksync.updates.journal import Journal, digest, forget, read_journal, remove_empty
from stacksync.updates.repository import Repository, git

KEPT = "refs/stacksync/undone"

_IDENTITY = ["-c", "user.name=stacksync", "-c", "user.email=stacksync@localhost", "-c", "commit.gpgSign=false"]


@dataclass(frozen=True)
class Undone:
    """What was put back: files from the top of the repository, and those that had been edited since the update."""

    release: str
    files: list[str]
    edited: list[str]


def undo(repository: Repository) -> Undone:
    """Undo the last update, finished or not. What was edited in its files since is kept in a commit of its own.

    Raises:
        StacksyncError: There is none, or it is committed.
    """
    journal = read_journal(repository)
    if journal is None:
        raise StacksyncError("There is no update to undo.", "a committed one is undone by git: git revert COMMIT")
    if _is_committed(repository, journal):
        fault = f"The update to {journal.release} is committed, so it is git that undoes it."
        raise StacksyncError(fault, "git log -- .copier-answers.yml shows the commit; git revert COMMIT")

    edited = _edited(repository, journal)
    if edited:
        _keep(repository, journal, edited)
    restore(repository, journal)
    return Undone(journal.release, [entry.path for entry in journal.entries], edited)


def restore(repository: Repository, journal: Journal) -> None:
    """Put back each file of the journal, and then forget it: interrupted, this can be done again."""
    top = repository.top
    added = [entry.path for entry in journal.entries if not entry.existed]
    git(top, "update-index", "-z", "--force-remove", "--stdin", given=_listed(added))
    for path in added:
        (top / path).unlink(missing_ok=True)
        remove_empty((top / path).parent, repository.root)
    existed = [entry.path for entry in journal.entries if entry.existed]
    if existed:
        _check_out(repository, journal, existed)
    forget(journal)


def is_pending(repository: Repository, journal: Journal) -> bool:
    """Tell whether any file of an update is not yet as a commit has it."""
    return bool(_changed(repository, journal, "HEAD")) and not _is_committed(repository, journal)


def _is_committed(repository: Repository, journal: Journal) -> bool:
    return repository.head != journal.head and bool(_changed(repository, journal, journal.head, "HEAD"))


def _changed(repository: Repository, journal: Journal, *between: str) -> set[str]:
    """Return the files of the journal that differ between two commits, or between one and what is there."""
    paths = [entry.path for entry in journal.entries]
    options = ["--name-only", "-z", "--no-renames", *between, "--", *paths]
    listed = git(repository.top, "diff", *options, GIT_LITERAL_PATHSPECS="1")
    return {os.fsdecode(name) for name in listed.split(b"\0") if name}


def _check_out(repository: Repository, journal: Journal, paths: Iterable[str]) -> None:
    options = ["--pathspec-from-file=-", "--pathspec-file-nul"]
    given = _listed(paths)
    git(repository.top, "checkout", "--quiet", *options, journal.head, given=given, GIT_LITERAL_PATHSPECS="1")


def _edited(repository: Repository, journal: Journal) -> list[str]:
    """Return the files that are neither as they were nor as the update wrote them."""
    names = _changed(repository, journal, journal.head) | {entry.path for entry in journal.entries if not entry.existed}
    present = {entry.path: digest(repository.top / entry.path) for entry in journal.entries if entry.path in names}
    return [entry.path for entry in journal.entries if present.get(entry.path) not in (None, entry.written)]


def _keep(repository: Repository, journal: Journal, edited: list[str]) -> None:
    index, top = str(journal.folder / "kept"), repository.top
    git(top, "read-tree", journal.head, GIT_INDEX_FILE=index)
    git(top, "update-index", "-z", "--add", "--stdin", given=_listed(edited), GIT_INDEX_FILE=index)
    tree = git(top, "write-tree", GIT_INDEX_FILE=index).decode().strip()
    message = f"Edits after the update to {journal.release}, which was undone"
    commit = git(top, *_IDENTITY, "commit-tree", tree, "-p", journal.head, "-m", message).decode().strip()
    git(top, "update-ref", KEPT, commit)


def _listed(paths: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(path) + b"\0" for path in paths)
