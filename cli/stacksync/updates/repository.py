"""The git repository that a connector lies in: an update needs one, and what it goes back to is a commit of it."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stacksync.errors import StacksyncError
from stacksync.git.command import GitError, git

_SHOWN = 5
_COMMIT = 'commit your work: git add --all && git commit -m "..."'


@dataclass(frozen=True)
class Repository:
    """A repository, as far as one connector is concerned.

    Args:
        top: The folder of the whole repository.
        git_dir: Where git keeps this working tree's own state.
        head: The commit checked out.
        prefix: The connector's folder from `top`: empty, or it ends with a slash.
    """

    top: Path
    git_dir: Path
    head: str
    prefix: str

    @property
    def root(self) -> Path:
        """The connector's folder."""
        return self.top / self.prefix


def find_repository(root: Path) -> Repository:
    """Describe the repository of the connector in `root`.

    Raises:
        StacksyncError: It is in none, or has no commit.
    """
    try:
        places = git(root, "rev-parse", "--show-toplevel", "--absolute-git-dir", "--show-prefix")
    except GitError as error:
        if "not a git repository" not in str(error):
            raise
        raise StacksyncError(f"{root} is in no git repository.", f"git init, then {_COMMIT}") from error

    top, git_dir, prefix = os.fsdecode(places).split("\n")[:3]
    try:
        head = git(root, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    except GitError as error:
        raise StacksyncError(f"The git repository {top} has no commit yet.", _COMMIT) from error
    return Repository(Path(top), Path(git_dir), head, prefix)


def refuse_changes(repository: Repository, tip: str = "") -> None:
    """Refuse a connector that holds what no commit holds: an update could not be told from it, nor be undone.

    Raises:
        StacksyncError: It does.
    """
    changed = _changed(repository)
    if not changed:
        return

    names = [path.removeprefix(repository.prefix) for path in changed]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    hidden = [path.removeprefix(repository.prefix) for path in filtered(repository, changed)]
    if hidden and not tip:
        tip = f"{hidden[0]} has a filter, which stacksync does not run: `git status` settles whether it changed"
    fault = f"There are uncommitted changes: {', '.join(names[:_SHOWN])}{more}."
    raise StacksyncError(fault, tip or "commit them, or set them aside: git stash --include-untracked")


def filtered(repository: Repository, paths: Iterable[str]) -> list[str]:
    """Return the files that a filter changes on the way to a commit, such as those of git-lfs and git-crypt."""
    names = b"".join(os.fsencode(path) + b"\0" for path in paths)
    said = git(repository.top, "check-attr", "-z", "--stdin", "filter", given=names).split(b"\0")
    pairs = zip(said[::3], said[2::3], strict=False)
    found = [os.fsdecode(path) for path, value in pairs if value not in (b"unspecified", b"unset", b"")]
    return [path for path in found if (repository.top / path).is_file()]


def holds(path: Path, name: str) -> bool:
    """Tell whether a file has the content of a name: git's name of a content is the digest of that."""
    content = path.read_bytes()
    hashed = hashlib.sha256 if len(name) == 64 else hashlib.sha1
    return hashed(b"blob %d\0" % len(content) + content).hexdigest() == name


def _changed(repository: Repository) -> list[str]:
    said = git(repository.root, "status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames", "--", ".")
    entries = [(entry[:2], entry[3:]) for entry in os.fsdecode(said).split("\0") if entry]
    edited = [path for state, path in entries if state == " M"]
    same = _as_committed(repository, edited) if edited else set()
    return [path for _, path in entries if path not in same]


def _as_committed(repository: Repository, paths: list[str]) -> set[str]:
    """Return the files that are byte for byte as their commit has them, whatever an attribute makes git say."""
    command = ["ls-tree", "-z", "--full-tree", repository.head, "--", *paths]
    found = set()
    for line in git(repository.top, *command, variables={"GIT_LITERAL_PATHSPECS": "1"}).split(b"\0"):
        facts, _, name = line.partition(b"\t")
        path = repository.top / os.fsdecode(name)
        if facts.startswith(b"100") and path.is_file() and not path.is_symlink():
            mode, _, blob = facts.decode().split()
            if holds(path, blob) and os.access(path, os.X_OK) == (mode == "100755"):
                found.add(os.fsdecode(name))
    return found
