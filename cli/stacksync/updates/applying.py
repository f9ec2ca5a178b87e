"""Apply a rehearsed update so that it can be undone at any moment, whatever ends the process.

The journal is complete before the first file is touched, and each file is replaced in one step.
"""

import os
from pathlib import Path

from stacksync import interrupts
from stacksync.errors import StacksyncError
from stacksync.updates.journal import Journal, begin, remove_empty
from stacksync.updates.rehearsal import Rehearsal
from stacksync.updates.repository import git
from stacksync.updates.undoing import restore


def apply(rehearsal: Rehearsal, release: str) -> None:
    """Make the rehearsed changes in the project.

    Raises:
        StacksyncError: Something is in the way; nothing was changed.
    """
    _refuse_obstacles(rehearsal)
    interrupts.hold()
    journal = begin(rehearsal, release)
    try:
        _replace_files(journal, rehearsal)
        _mark_conflicts(rehearsal)
    except BaseException:
        restore(rehearsal.repository, journal)
        raise

    (journal.folder / "finished").touch()


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
