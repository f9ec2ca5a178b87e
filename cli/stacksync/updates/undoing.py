"""Put everything back as it was before an update, or an adoption, that is not committed yet."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stacksync.errors import StacksyncError
from stacksync.git.command import git
from stacksync.updates.journal import Action, Journal, digest, forget, name_of, read_journal, remove_empty
from stacksync.updates.repository import Repository

KEPT = "refs/stacksync/undone"

_CALLED: dict[Action, str] = {"update": "update", "adopt": "adoption", "import": "update of an API"}
_NOBODY = {"NAME": "stacksync", "EMAIL": "stacksync@localhost"}
_IDENTITY = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _NOBODY.items()}


@dataclass(frozen=True)
class Undone:
    """What was undone, the files put back, those edited since, and where the edits are kept.

    Files are named from the top of the repository.
    """

    title: str
    release: str
    files: list[str]
    edited: list[str]
    kept: str | None


def undo(repository: Repository, action: Action = "update") -> Undone:
    """Undo the last update or adoption, finished or not; later edits of its files are kept in a commit of their own.

    Raises:
        StacksyncError: There is none, or it is committed.
    """
    journal = read_journal(repository)
    if journal is None or journal.action != action:
        fault = f"There is no {_CALLED[action]} to undo."
        pending = journal is not None and is_pending(repository, journal)
        tip = journal.undo_command if journal and pending else "a committed one is undone by git: git revert COMMIT"
        raise StacksyncError(fault, tip)
    if _is_committed(repository, journal):
        fault = f"{journal.title[0].upper()}{journal.title[1:]} is committed, so it is git that undoes it."
        raise StacksyncError(fault, "git log -- .copier-answers.yml shows the commit; git revert COMMIT")

    edited = _edited(repository, journal)
    kept = _keep(repository, journal, edited) if edited else None
    restore(repository, journal)
    files = [entry.path for entry in journal.entries]
    return Undone(journal.title, journal.release, files, edited, kept)


def restore(repository: Repository, journal: Journal) -> None:
    """Put back each file of the journal, and then forget it: interrupted, this can be done again."""
    top = repository.top
    write_index(repository, [(entry.path, line) for entry in journal.entries for line in ("", entry.index)])
    sparse = [entry.path for entry in journal.entries if entry.sparse]
    if sparse:
        git(top, "update-index", "--skip-worktree", "-z", "--stdin", given=listed(sparse))
    for entry in journal.entries:  # first, because a file may have been where a folder came
        if entry.original is None:
            (top / entry.path).unlink(missing_ok=True)
            remove_empty((top / entry.path).parent, repository.root)
    for number, entry in enumerate(journal.entries):
        if entry.original is not None and digest(top / entry.path) != entry.original:
            _put_back(repository, journal, number)
    forget(journal)


def write_index(repository: Repository, lines: "Iterable[tuple[str, str]]") -> None:
    """Change git's index: for each file what it is to say of it; without a word it forgets the file."""
    absent = f"0 {'0' * len(repository.head)}"
    given = b"".join(f"{line or absent}\t".encode() + os.fsencode(path) + b"\0" for path, line in lines)
    if given:
        git(repository.top, "update-index", "-z", "--index-info", given=given)


def listed(paths: Iterable[str]) -> bytes:
    """Return names as git reads them from its input."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def _put_back(repository: Repository, journal: Journal, number: int) -> None:
    """Replace a file in one step; what it is made from stays, in case this has to be done again."""
    entry, original, copy = journal.entries[number], journal.original(number), journal.folder / f"{number}.copy"
    if original.exists():
        shutil.copy2(original, copy)
    else:
        mode, name = entry.index.split()
        copy.write_bytes(git(repository.top, "cat-file", "blob", name))
        readable = copy.stat().st_mode
        copy.chmod(readable | (readable & 0o444) >> 2 if mode.endswith("755") else readable)  # as git does
    place = repository.top / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    copy.replace(place)


def is_pending(repository: Repository, journal: Journal) -> bool:
    """Tell whether any file of an update is not yet as a commit has it."""
    return bool(_changed(repository, journal, "HEAD")) and not _is_committed(repository, journal)


def _is_committed(repository: Repository, journal: Journal) -> bool:
    return repository.head != journal.head and bool(_changed(repository, journal, journal.head, "HEAD"))


def _changed(repository: Repository, journal: Journal, *between: str) -> set[str]:
    """Return the files of the journal that differ between two commits, or between one and what is there."""
    paths = [entry.path for entry in journal.entries]
    options = ["--name-only", "-z", "--no-renames", *between, "--", *paths]
    listed = git(repository.top, "diff", *options, variables={"GIT_LITERAL_PATHSPECS": "1"})
    return {os.fsdecode(name) for name in listed.split(b"\0") if name}


def _edited(repository: Repository, journal: Journal) -> list[str]:
    """Return the files that are neither as they were nor as the update wrote them."""
    present = {entry.path: digest(repository.top / entry.path) for entry in journal.entries}
    return [e.path for e in journal.entries if present[e.path] not in (None, e.original, e.written)]


def _keep(repository: Repository, journal: Journal, edited: list[str]) -> str:
    """Commit what was edited beside everything else, and return the name by which git knows it."""
    index, top = str(journal.folder / "kept"), repository.top
    git(top, "read-tree", journal.head, variables={"GIT_INDEX_FILE": index})
    lines = [f"{_mode(top / path)} {_stored(top, path)}\t".encode() + os.fsencode(path) + b"\0" for path in edited]
    git(top, "update-index", "-z", "--add", "--index-info", given=b"".join(lines), variables={"GIT_INDEX_FILE": index})
    tree = git(top, "write-tree", variables={"GIT_INDEX_FILE": index}).decode().strip()
    message = f"Edits after {journal.title}, which was undone"
    commit = git(top, "commit-tree", tree, "-p", journal.head, "-m", message, variables=_IDENTITY).decode().strip()
    name = f"{KEPT}{name_of(repository)}"
    git(top, "update-ref", "--create-reflog", "-m", message, name, commit, variables=_IDENTITY)
    return name


def _stored(top: Path, path: str) -> str:
    content = os.fsencode((top / path).readlink()) if (top / path).is_symlink() else (top / path).read_bytes()
    return git(top, "hash-object", "-w", "--stdin", given=content).decode().strip()


def _mode(path: Path) -> str:
    if path.is_symlink():
        return "120000"
    return "100755" if os.access(path, os.X_OK) else "100644"
