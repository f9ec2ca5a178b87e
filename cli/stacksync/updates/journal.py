"""Apply a rehearsed update so that it can be undone at any moment, whatever ends the process.

A journal inside `.git` names the files and the commit to go back to. It is complete before the first file is touched,
and each file is replaced in one step.
"""

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from stacksync import interrupts
from stacksync.errors import StacksyncError
from stacksync.updates.rehearsal import Rehearsal
from stacksync.updates.repository import Repository, git

_PLACE = "stacksync-update"


@dataclass(frozen=True)
class Entry:
    """A file of the update: its name from the top of the repository, and its content's digest before and after."""

    path: str
    existed: bool
    written: str | None


@dataclass(frozen=True)
class Journal:
    """An update that was begun.

    Args:
        folder: Where the journal is kept.
        head: The commit that the update began from.
        release: Where it goes.
        entries: The files.
        finished: Whether it came to its end.
    """

    folder: Path
    head: str
    release: str
    entries: list[Entry]
    finished: bool


def apply(rehearsal: Rehearsal, release: str) -> None:
    """Make the rehearsed changes in the project.

    Raises:
        StacksyncError: Something is in the way; nothing was changed.
    """
    _refuse_obstacles(rehearsal)
    interrupts.hold()
    journal = _begin(rehearsal, release)
    try:
        _replace_files(journal, rehearsal)
        _mark_conflicts(rehearsal)
    except BaseException:
        from stacksync.updates.undoing import restore

        restore(rehearsal.repository, journal)
        raise

    (journal.folder / "finished").touch()


def read_journal(repository: Repository) -> Journal | None:
    """Return the journal of the last update; None where there was none, or it was undone."""
    folder = repository.git_dir / _PLACE
    if not folder.is_dir():
        return None

    facts = json.loads((folder / "journal.json").read_text(encoding="utf-8"))
    entries = [Entry(**entry) for entry in facts["entries"]]
    return Journal(folder, facts["head"], facts["release"], entries, (folder / "finished").exists())


def forget(journal: Journal) -> None:
    """Remove the journal, in one step as others see it."""
    trash = Path(tempfile.mkdtemp(prefix=f"{_PLACE}-", dir=journal.folder.parent))
    journal.folder.rename(trash / "journal")
    shutil.rmtree(trash, ignore_errors=True)


def digest(path: Path) -> str | None:
    """Return what tells one content of a file from another; None where there is no file."""
    if path.is_symlink():
        return hashlib.sha256(os.fsencode(path.readlink())).hexdigest()

    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder, and those above it, as far as they hold nothing."""
    with suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _refuse_obstacles(rehearsal: Rehearsal) -> None:
    """What git ignores is in no commit, so nothing may be put in its place."""
    top = rehearsal.repository.top
    gone = {change.path for change in rehearsal.changes if not change.after}
    for change in rehearsal.changes:
        above = [Path(change.path), *Path(change.path).parents][:-1]
        blocked = [path for path in above[1:] if os.path.lexists(top / path) and not _is_folder(top / path)]
        blocked += above[:1] if not change.before and os.path.lexists(top / change.path) else []
        for path in blocked:
            if path.as_posix() not in gone:
                fault = f"{path} is in the way: the release adds {change.path}, and yours is in no commit"
                raise StacksyncError(f"{fault}.", "move it elsewhere, then update again; nothing was changed")


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _begin(rehearsal: Rehearsal, release: str) -> Journal:
    """Write the journal and what is to be put in place; the last step is what makes it count."""
    repository = rehearsal.repository
    for rest in repository.git_dir.glob(f"{_PLACE}*"):
        shutil.rmtree(rest, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{_PLACE}-", dir=repository.git_dir))
    written = [digest(rehearsal.copy / change.path) if change.after else None for change in rehearsal.changes]
    entries = [Entry(change.path, change.before, mark) for change, mark in zip(rehearsal.changes, written, strict=True)]
    for number, entry in enumerate(entries):
        if entry.written:
            shutil.copy2(rehearsal.copy / entry.path, draft / str(number), follow_symlinks=False)
    facts = {"head": repository.head, "release": release, "entries": [asdict(entry) for entry in entries]}
    with (draft / "journal.json").open("w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
        file.flush()
        os.fsync(file.fileno())

    place = repository.git_dir / _PLACE
    draft.rename(place)
    return Journal(place, repository.head, release, entries, finished=False)


def _replace_files(journal: Journal, rehearsal: Rehearsal) -> None:
    top = rehearsal.repository.top
    for entry in journal.entries:  # first, because a folder may come where a file was
        if entry.written is None:
            (top / entry.path).unlink(missing_ok=True)
            remove_empty((top / entry.path).parent, rehearsal.repository.root)
    for number, entry in enumerate(journal.entries):
        if entry.written:
            (top / entry.path).parent.mkdir(parents=True, exist_ok=True)
            (journal.folder / str(number)).replace(top / entry.path)


def _mark_conflicts(rehearsal: Rehearsal) -> None:
    """Tell git of the files in conflict, so that it shows them as such until they are resolved."""
    stages = rehearsal.stages()
    if not stages:
        return

    top = rehearsal.repository.top
    entries = [entry.split(b"\t", 1) for entry in stages.split(b"\0") if entry]
    for facts, _ in entries:
        content = git(rehearsal.copy, "cat-file", "blob", facts.split()[1].decode())
        git(top, "hash-object", "-w", "--stdin", given=content)
    lines = [b"0 " + b"0" * 40 + b"\t" + path for path in dict.fromkeys(path for _, path in entries)]
    lines += [b"\t".join(entry) for entry in entries]
    git(top, "update-index", "-z", "--index-info", given=b"".join(line + b"\0" for line in lines))
