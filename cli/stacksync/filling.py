"""Fill the current folder with a new connector: `stacksync new .`, as in a repository that was made a minute ago."""

import difflib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stacksync import interrupts
from stacksync.errors import StacksyncError, UsageError
from stacksync.staging import PREFIX, remove_box

# What code hosts put into a new repository. It is the user's, and stays as it is.
_OF_REPOSITORY = re.compile(r"(?i)\.git|\.gitignore|(readme|license).*")
_SHOWN = 5


@dataclass(frozen=True)
class Kept:
    """A file of the user that stays where the template has another.

    Args:
        file: Its name.
        diff: What the template's would change, as a patch.
        lacking: The template's lines that it does not have.
    """

    file: str
    diff: str
    lacking: list[str]


@dataclass
class Filling:
    """A folder that is being filled, and what of it is ours.

    Args:
        folder: The folder.
        draft: Where to build what goes into it.
    """

    folder: Path
    draft: Path
    _ours: list[str] = field(default_factory=list)

    def move(self) -> None:
        """Move what was built into the folder, entry by entry; what the user has there already stays.

        Raises:
            StacksyncError: Something appeared meanwhile.
        """
        if not os.path.lexists(self.folder / ".git"):
            self._ours.append(".git")  # made later, if at all, and undone like the rest
        for entry in sorted(self.draft.iterdir()):
            if not _is_of_repository(self.folder / entry.name):
                self._put(entry)

    def _put(self, entry: Path) -> None:
        place = self.folder / entry.name
        if os.path.lexists(place):  # a rename would replace it
            raise StacksyncError(f"{place} appeared meanwhile.", "move it elsewhere, then run stacksync new . again")

        self._ours.append(entry.name)  # before it is there, so that no signal comes between
        entry.rename(place)

    def undo(self) -> None:
        """Take everything out again."""
        for name in self._ours:
            if os.path.lexists(self.folder / name) and not os.path.lexists(self.draft / name):
                (self.folder / name).rename(self.draft / name)


@contextmanager
def filled(folder: Path) -> Iterator[Filling]:
    """Yield what fills a folder; whatever ends the block before its end leaves the folder as it was.

    The draft is in the folder itself: a rename works only within one file system, and this folder may be where
    another one is mounted.
    """
    box = folder / f"{PREFIX}{secrets.token_hex(4)}"  # named before it is made, so no signal can come between
    filling = Filling(folder, box / folder.name)
    try:
        box.mkdir()
        yield filling
        interrupts.end_or_hold()
    except BaseException:
        interrupts.hold()
        filling.undo()
        raise
    finally:
        interrupts.hold()
        remove_box(box)


def refuse_occupied(folder: Path) -> None:
    """Refuse a folder that holds more than a new repository does.

    Raises:
        UsageError: It does.
    """
    others = sorted(entry.name for entry in folder.iterdir() if not _is_of_repository(entry))
    if not others:
        return

    left = next((name for name in others if name.startswith(PREFIX)), None)
    if left:
        tip = f"remove {left}, and what else is not yours (git status), then run stacksync new . again"
        raise UsageError(f"{left} is left of a run that was killed.", tip)
    names = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else "")
    tip = "stacksync new . needs a folder with nothing but .git, README*, LICENSE* and .gitignore"
    raise UsageError(f"{folder} is not empty: it holds {names}.", f"{tip}; stacksync new NAME makes a new folder")


def find_kept(folder: Path, draft: Path) -> list[Kept]:
    """Return what stays as it is, with how the template's files differ from it."""
    kept = []
    for file in sorted(draft.iterdir()):
        mine = folder / file.name
        if file.is_file() and _is_of_repository(mine) and mine.is_file():
            kept.append(_compared(file.name, _lines(mine), _lines(file)))
    return [each for each in kept if each.diff]


def _compared(name: str, mine: list[str], theirs: list[str]) -> Kept:
    diff = difflib.unified_diff(mine, theirs, f"{name} (yours)", f"{name} (the template's)", lineterm="")
    present = {"", *(line.strip() for line in mine)}
    lacking = [line.strip() for line in theirs if line.strip() not in present]
    return Kept(name, "\n".join(diff), lacking)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8", errors="replace").splitlines()


def _is_of_repository(path: Path) -> bool:
    if not _OF_REPOSITORY.fullmatch(path.name) or not os.path.lexists(path):
        return False

    return path.name == ".git" or path.is_symlink() or not path.is_dir()
