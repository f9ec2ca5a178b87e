"""What is kept inside `.git` of an update, or an adoption, that is not committed yet: its files, before and after."""

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain_text
from stacksync.updates.rehearsal import Change, Rehearsal
from stacksync.updates.repository import Repository, holds

Action = Literal["update", "adopt", "import"]

_PLACE = "stacksync-update"


@dataclass(frozen=True)
class JournalEntry:
    """A file of the update.

    Args:
        path: Its name from the top of the repository.
        original: The digest of what it held; None where it was not there.
        written: The digest of what it is to hold; None where it goes.
        index: What git's index said of it, as `update-index --index-info` reads it.
        sparse: It is in a commit, and was not checked out.
    """

    path: str
    original: str | None
    written: str | None
    index: str
    sparse: bool


@dataclass(frozen=True)
class Journal:
    """An update or an adoption that was begun.

    Args:
        folder: Where the journal is kept.
        head: The commit that it began from.
        release: The release that it goes to.
        entries: The files.
        finished: Whether it came to its end.
        action: The command that began it, and undoes it.
    """

    folder: Path
    head: str
    release: str
    entries: list[JournalEntry]
    finished: bool
    action: Action = "update"

    @property
    def title(self) -> str:
        """What it is called in messages."""
        titles = {"adopt": "the adoption", "import": f"the update of the API {self.release}"}
        return titles.get(self.action, f"the update to {self.release}")

    @property
    def undo_command(self) -> str:
        """What to type to put everything back."""
        return f"stacksync {self.action} --undo"

    def original(self, number: int) -> Path:
        """Return where the content is kept that a file had, if it was not byte for byte the committed one."""
        return self.folder / f"{number}.original"

    def result(self, number: int) -> Path:
        """Return where the content is kept that a file gets."""
        return self.folder / f"{number}.result"


def begin(rehearsal: Rehearsal, release: str, action: Action = "update") -> Journal:
    """Write the journal, what is there and what is to be put in its place; the last step is what makes it count."""
    repository = rehearsal.repository
    place = _place(repository)
    for rest in [place, *place.parent.glob(f"{place.name}~*")]:
        shutil.rmtree(rest, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{place.name}~", dir=place.parent))
    entries = [_entry(rehearsal, each) for each in rehearsal.changes]
    journal = Journal(draft, repository.head, release, entries, finished=False, action=action)
    for number, entry in enumerate(journal.entries):
        if entry.original and not holds(repository.top / entry.path, entry.index.split()[1]):
            shutil.copy2(repository.top / entry.path, journal.original(number))
        if (rehearsal.written.after / entry.path).is_file():  # it may be a folder, where a file was
            shutil.copy2(rehearsal.written.after / entry.path, journal.result(number))
    facts = {"head": repository.head, "release": release, "action": action, "entries": list(map(asdict, entries))}
    with (draft / "journal.json").open("w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
        file.flush()
        os.fsync(file.fileno())

    draft.rename(place)
    return replace(journal, folder=place)


def read_journal(repository: Repository) -> Journal | None:
    """Return the journal of the connector's last update; None where there was none, or it was undone.

    Raises:
        StacksyncError: Somebody else wrote in it.
    """
    folder = _place(repository)
    if not folder.is_dir():
        return None

    file = folder / "journal.json"
    try:
        facts = json.loads(read_plain_text(file))
        entries = [JournalEntry(**entry) for entry in facts["entries"]]
        action: Action = next((each for each in get_args(Action) if each == facts.get("action")), "update")
        finished = (folder / "finished").exists()
        return Journal(folder, str(facts["head"]), str(facts["release"]), entries, finished, action)
    except (OSError, ValueError, KeyError, TypeError) as error:
        fault = f"{file}: The journal of the last update cannot be read ({type(error).__name__})."
        raise StacksyncError(fault, f"restore what you need with git, then remove {folder}") from error


def forget(journal: Journal) -> None:
    """Remove the journal, in one step as others see it."""
    trash = Path(tempfile.mkdtemp(prefix=f"{journal.folder.name}~", dir=journal.folder.parent))
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


def name_of(repository: Repository) -> str:
    """Return what tells the connectors of one repository apart: nothing at its top, else a word."""
    return f".{hashlib.sha256(os.fsencode(repository.prefix)).hexdigest()[:12]}" if repository.prefix else ""


def _place(repository: Repository) -> Path:
    return repository.git_dir / f"{_PLACE}{name_of(repository)}"


def _entry(rehearsal: Rehearsal, change: Change) -> JournalEntry:
    before, stays = change.before, change.before == change.after
    removed = "0" * len(rehearsal.repository.head)
    index = f"{before.mode} {before.id}" if before else f"0 {removed}"
    present = digest(rehearsal.repository.top / change.path)
    written = digest(rehearsal.written.after / change.path) if change.after and not stays else None
    sparse = before is not None and present is None and not stays
    return JournalEntry(change.path, present, present if stays else written, index, sparse)
