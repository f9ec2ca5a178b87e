"""Decide what becomes of each file: what Copier made of it, unless that would lose something of the user's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.errors import StacksyncError
from stacksync.updates.evidence import Edits, Sides, has_conflict, missing_edits, missing_lines, read_edits
from stacksync.updates.store import Store, Tree, TreeEntry

LABELS = ("before updating", "last update", "after updating")

_LOOKED_AT = 8000  # bytes at the beginning by which git tells what is no text (buffer_is_binary in xdiff-interface.c)
_MOST_CONFLICTS = 127  # git merge-file ends with how many there are, and with 255 when it fails
_SHOWN = 60


@dataclass(frozen=True)
class Trees:
    """The files of the four sides.

    Args:
        base: As the release that was there made them.
        user: As the user has them.
        release: As the new release makes them.
        merged: As Copier leaves them.
        disputed: Those that Copier says are in conflict.
    """

    base: Tree
    user: Tree
    release: Tree
    merged: Tree
    disputed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What becomes of a file: its entry, or None where it goes; and whether both sides want something else."""

    entry: TreeEntry | None
    conflict: bool = False


@dataclass(frozen=True)
class File:
    """One file on the four sides; None where it is not there."""

    path: str
    base: TreeEntry | None
    user: TreeEntry | None
    release: TreeEntry | None
    merged: TreeEntry | None
    disputed: bool

    @property
    def entries(self) -> list[TreeEntry]:
        """Those that are there."""
        return [entry for entry in (self.base, self.user, self.release, self.merged) if entry]

    @property
    def is_merged(self) -> bool:
        """Whether the user and the release each have another content of it than was there, and both have one."""
        if self.user is None or self.release is None or self.release in (self.base, self.user):
            return False
        return all(entry.is_file for entry in (self.base, self.user, self.release) if entry)

    @property
    def mode(self) -> str:
        """The mode that it gets: the user's, where they changed it."""
        if self.user and self.base and self.user.mode != self.base.mode:
            return self.user.mode
        return (self.merged or self.release or self.entries[0]).mode


def decide(store: Store, trees: Trees, written_by_copier: str) -> dict[str, Outcome]:
    """Return what becomes of each file.

    Args:
        store: Where the contents are.
        trees: The four sides.
        written_by_copier: The answers file, of which every line is Copier's.

    Raises:
        StacksyncError: An edit would be lost.
    """
    paths = sorted({*trees.base, *trees.user, *trees.release, *trees.merged})
    files = [_file(trees, path) for path in paths]
    mine = [each for each in files if each.user != each.base and each.path != written_by_copier]
    contents = store.read(entry.id for each in mine if each.is_merged for entry in each.entries if entry.is_file)
    merger = _Merger(store, contents)
    judged = {each.path: merger.outcome(each) for each in mine}
    return {each.path: judged.get(each.path) or Outcome(each.merged, each.disputed) for each in files}


def _file(trees: Trees, path: str) -> File:
    base, user, release, merged = (tree.get(path) for tree in (trees.base, trees.user, trees.release, trees.merged))
    return File(path, base, user, release, merged, disputed=path in trees.disputed)


class _Merger:
    """Judges files whose contents were read."""

    def __init__(self, store: Store, contents: Mapping[str, bytes]) -> None:
        self.store = store
        self.contents = contents

    def outcome(self, file: File) -> Outcome:
        """Say what becomes of a file that the user wrote, edited or removed."""
        if file.is_merged:
            return self._merged(file)
        if file.user is None or file.release in (file.base, file.user):
            return Outcome(file.user)  # what is removed stays removed, also where a release changes it
        return Outcome(file.user, conflict=True)  # the release removes it, or one side is no file

    def _merged(self, file: File) -> Outcome:
        sides = Sides(self._content(file.base), self._content(file.user), self._content(file.release))
        ours = self._merge(sides)
        if file.merged and file.merged.is_file:
            theirs = self._content(file.merged)
            if theirs == ours or not self._lost(sides, theirs):
                return Outcome(TreeEntry(file.mode, file.merged.id), file.disputed or has_conflict(theirs))
        if ours is None:  # no text, of which nobody can take a part
            return Outcome(file.user, conflict=True)

        lost = self._lost(sides, ours)
        if lost:
            raise _would_lose(file.path, lost)
        return Outcome(TreeEntry(file.mode, self.store.add(ours)), has_conflict(ours))

    def _content(self, entry: TreeEntry | None) -> bytes:
        return self.contents[entry.id] if entry else b""

    def _lost(self, sides: Sides, result: bytes) -> list[bytes]:
        """Count first: it costs nothing, and is enough for nearly every file."""
        if result != sides.release and not missing_lines(sides, result):
            return []

        user, release = self._edits(sides.base, sides.user), self._edits(sides.base, sides.release)
        return missing_edits(sides, result, user, release)

    def _edits(self, base: bytes, side: bytes) -> Edits:
        names = [self.store.add(content) for content in (base, side)]
        return read_edits(self.store.git("diff", "--text", "--unified=0", "--no-color", *names))

    def _merge(self, sides: Sides) -> bytes | None:
        """Merge lines as bytes; None where one of the three is no text."""
        if any(b"\0" in side[:_LOOKED_AT] for side in (sides.base, sides.user, sides.release)):
            return None

        with TemporaryDirectory(prefix="stacksync-") as folder:
            places = [Path(folder, name) for name in ("user", "base", "release")]
            for place, content in zip(places, (sides.user, sides.base, sides.release), strict=True):
                place.write_bytes(content)
            labels = [part for label in LABELS for part in ("-L", label)]
            command = ["merge-file", "--stdout", *labels, *map(str, places)]
            return self.store.git(*command, fine=range(_MOST_CONFLICTS + 1))


def _would_lose(path: str, lost: list[bytes]) -> StacksyncError:
    line = lost[0].decode(errors="replace").strip()
    fault = f"The update would lose an edit in {path}: {line[:_SHOWN]!r}, so nothing was changed."
    return StacksyncError(fault, "this is a fault of stacksync: report it; `copier update` may lose the edit too")
