"""What is kept inside `.git` of an update that is not committed yet: its files, and the commit to go back to."""

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from stacksync.updates.rehearsal import Rehearsal
from stacksync.updates.repository import Repository

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


def begin(rehearsal: Rehearsal, release: str) -> Journal:
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
