"""Apply a rehearsed update or adoption so that it can be undone at any moment, whatever ends the process.

The journal is complete before the first file is touched, and each file is replaced in one step.
"""

import os
from pathlib import Path

from stacksync import interrupts
from stacksync.errors import StacksyncError
from stacksync.git.command import git
from stacksync.updates.journal import Action, Journal, begin, remove_empty
from stacksync.updates.line_ends import fitted, same_but_for_line_ends
from stacksync.updates.rehearsal import Rehearsal
from stacksync.updates.undoing import listed, restore, write_index


def apply(rehearsal: Rehearsal, release: str, action: Action = "update") -> None:
    """Make the rehearsed changes in the project.

    Raises:
        StacksyncError: Something is in the way; nothing was changed.
    """
    _refuse_obstacles(rehearsal)
    for path in rehearsal.written.paths:
        _keep_line_ends(rehearsal, path)
    interrupts.end_or_hold()
    journal = begin(rehearsal, release, action)
    try:
        _replace_files(journal, rehearsal)
        _tell_git(journal, rehearsal)
    except BaseException:
        restore(rehearsal.repository, journal)
        raise

    (journal.folder / "finished").touch()


def _refuse_obstacles(rehearsal: Rehearsal) -> None:
    """What git ignores is not committed, so nothing may be put in its place."""
    top = rehearsal.repository.top
    gone = {change.path for change in rehearsal.changes if not change.after}
    for change in rehearsal.changes:
        above = [Path(change.path), *Path(change.path).parents][:-1]
        blocked = [path for path in above[1:] if os.path.lexists(top / path) and not _is_folder(top / path)]
        blocked += above[:1] if not change.before and os.path.lexists(top / change.path) else []
        for path in blocked:
            if path.as_posix() not in gone:
                fault = f"{path} is in the way: the release adds {change.path}, and yours is not committed"
                raise StacksyncError(f"{fault}.", "move it elsewhere, then try again; nothing was changed")


def _keep_line_ends(rehearsal: Rehearsal, path: str) -> None:
    """Give a file the line ends that it has now, which may be others than in its commit.

    What differs otherwise is not committed: git was told not to look, or a filter hides it.
    """
    present, written = rehearsal.repository.top / path, rehearsal.written
    before, after = written.before / path, written.after / path
    if not present.is_file() or present.read_bytes() == before.read_bytes():
        return
    if not same_but_for_line_ends(present.read_bytes(), before.read_bytes()):
        name = path.removeprefix(rehearsal.repository.prefix)
        tip = f"commit it; if git was told to assume it unchanged: git update-index --no-assume-unchanged {name}"
        raise StacksyncError(f"{name} is not as its commit has it, though git reports no change.", tip)

    after.write_bytes(fitted(after.read_bytes(), present.read_bytes()))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _replace_files(journal: Journal, rehearsal: Rehearsal) -> None:
    top = rehearsal.repository.top
    for entry in journal.entries:  # first, because a folder may come where a file was
        if entry.written is None:
            (top / entry.path).unlink(missing_ok=True)
            remove_empty((top / entry.path).parent, rehearsal.repository.root)
    for number, entry in enumerate(journal.entries):
        if journal.result(number).exists():
            (top / entry.path).parent.mkdir(parents=True, exist_ok=True)
            journal.result(number).replace(top / entry.path)


def _tell_git(journal: Journal, rehearsal: Rehearsal) -> None:
    """Tell git of the files in conflict, which it then shows until they are resolved, and of those it would ignore."""
    top, store = rehearsal.repository.top, rehearsal.store
    sparse = [entry.path for entry in journal.entries if entry.sparse]
    if sparse:  # now they are there, and git is to look at them
        git(top, "update-index", "--no-skip-worktree", "-z", "--stdin", given=listed(sparse))
    conflicts = [change for change in rehearsal.changes if change.conflict]
    contents = store.read(stage.id for change in conflicts for stage in change.stages if stage and stage.is_file)
    for content in contents.values():
        git(top, "hash-object", "-w", "--stdin", given=content)
    lines = [(change.path, "") for change in conflicts]
    for change in conflicts:
        stages = enumerate(change.stages, start=1)
        lines += [(change.path, f"{stage.mode} {stage.id} {number}") for number, stage in stages if stage]
    write_index(rehearsal.repository, lines)
    if rehearsal.staged:
        git(top, "add", "--force", "--", *rehearsal.staged, variables={"GIT_LITERAL_PATHSPECS": "1"})
