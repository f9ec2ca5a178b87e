"""The git repository that a connector lies in: an update needs one, and what it goes back to is a commit of it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from stacksync.checkout import environment
from stacksync.errors import StacksyncError

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
    except StacksyncError as error:
        raise StacksyncError(f"{root} is in no git repository.", f"git init, then {_COMMIT}") from error

    top, git_dir, prefix = places.decode().split("\n")[:3]
    try:
        head = git(root, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    except StacksyncError as error:
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


def git(folder: Path, *arguments: str, given: bytes = b"", **variables: str) -> bytes:
    """Run git in a folder and return what it prints.

    Raises:
        StacksyncError: It failed, in its own words.
    """
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(
            command, input=given, env=environment() | variables, capture_output=True, check=True
        ).stdout
    except FileNotFoundError as error:
        raise StacksyncError("git was not found.", "install git: an update is merged by it") from error
    except subprocess.CalledProcessError as error:
        raise StacksyncError(f"git {arguments[0]} failed: {_reason(error.stderr, error.returncode)}") from error


def _reason(said: bytes, code: int) -> str:
    """Return the line that says what is wrong; advice may follow it."""
    lines = said.decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
    return next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1])
