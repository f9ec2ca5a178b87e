"""The git repository that a connector lies in: an update needs one, and what it goes back to is a commit of it."""

import os
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
        places = git(root, "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-dir", "--show-prefix")
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
    said = git(repository.root, "status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames", "--", ".")
    changed = [line[3:].removeprefix(repository.prefix) for line in said.decode(errors="replace").split("\0") if line]
    if not changed:
        return

    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    fault = f"There are changes in no commit: {', '.join(changed[:_SHOWN])}{more}."
    raise StacksyncError(fault, tip or "commit them, or set them aside: git stash --include-untracked")
