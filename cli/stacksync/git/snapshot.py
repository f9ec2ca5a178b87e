"""Files of a commit, written beside the repository: only read, by nothing that the repository could name."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stacksync.errors import StacksyncError, UsageError
from stacksync.git.command import GitError, git

_FILE, _LINK = "100", "120"  # how the modes begin: https://git-scm.com/docs/gitformat-index


@dataclass(frozen=True)
class Commit:
    """A commit, as far as one folder of its repository is concerned.

    Args:
        top: The folder of the repository.
        ref: How the user named it.
        id: The commit.
        prefix: The folder, from `top`: empty, or it ends with a slash.
        files: The files below the folder, each with git's name of its content.
        links: The symbolic links there, which are not followed.
    """

    top: Path
    ref: str
    id: str
    prefix: str
    files: dict[str, str]
    links: tuple[str, ...]

    def write(self, target: Path, wanted: Callable[[str], bool]) -> None:
        """Write files into a folder, byte for byte as the commit has them.

        Args:
            target: The folder.
            wanted: Says of each name, from the commit's folder, whether it is.

        Raises:
            StacksyncError: A content is not on this machine.
        """
        names = [name for name in self.files if wanted(name)]
        for name, content in zip(names, self._contents(self.files[name] for name in names), strict=True):
            file = target / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def _contents(self, ids: Iterable[str]) -> Iterator[bytes]:
        asked = list(ids)
        said = git(self.top, "cat-file", "--batch", given="".join(f"{each}\n" for each in asked).encode())
        at = 0
        for each in asked:
            end = said.index(b"\n", at)
            head = said[at:end].split()
            if head[1:2] != [b"blob"]:
                tip = "git fetch --refetch brings what a partial clone left out"
                raise StacksyncError(f"The repository lacks {each[:12]}, a file of {self.ref}.", tip)
            at = end + 1 + int(head[2])
            yield said[end + 1 : at]
            at += 1


def find_commit(folder: Path, ref: str) -> Commit:
    """Find the commit that a name stands for, in the repository that a folder lies in.

    Raises:
        UsageError: There is no such commit.
        StacksyncError: The folder is in no repository.
    """
    try:
        places = git(folder, "rev-parse", "--show-toplevel", "--show-prefix")
    except GitError as error:
        if "not a git repository" not in str(error):
            raise
        raise UsageError(f"{folder} is in no git repository, so there is no {ref} to compare with.") from error

    top, prefix = os.fsdecode(places).split("\n")[:2]
    commit = _id_of(folder, ref)
    files, links = _entries(Path(top), commit, prefix)
    return Commit(Path(top), ref, commit, prefix, files, links)


def _id_of(folder: Path, ref: str) -> str:
    fault = f"--against: {ref!r} is no commit of this repository."
    tip = "a branch, tag or commit; in CI fetch it first: git fetch origin BRANCH, or a checkout with all its history"
    if not ref or ref.startswith("-"):  # an option to git
        raise UsageError(fault, tip)
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except GitError as error:
        raise UsageError(fault, tip) from error


def _entries(top: Path, commit: str, prefix: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the files and links below a folder of a commit, by their names from it."""
    command = ["ls-tree", "-r", "-z", "--full-tree", commit, *(["--", prefix] if prefix else [])]
    files, links = {}, []
    for entry in git(top, *command, variables={"GIT_LITERAL_PATHSPECS": "1"}).split(b"\0"):
        facts, _, full = entry.partition(b"\t")
        name = os.fsdecode(full).removeprefix(prefix)
        if not name or not _is_inside(name):
            continue
        mode, _, content = facts.decode().split()
        if mode.startswith(_FILE):
            files[name] = content
        elif mode.startswith(_LINK):
            links.append(name)
    return files, tuple(links)


def _is_inside(name: str) -> bool:
    """Say whether a name stays inside the folder it is written into: a tree can be made by anybody."""
    path = PurePosixPath(name)
    parts = name.replace("\\", "/").split("/")
    return not path.is_absolute() and ":" not in parts[0] and not {"..", ".", "", ".git"} & set(parts)
