"""What git knows of a connector's files, asked with one process."""

import os
from dataclasses import dataclass
from pathlib import Path

from stacksync.git.command import GitError, git


@dataclass(frozen=True)
class Tracked:
    """Names of files from the connector's root.

    Args:
        tracked: Those in the index.
        untracked: Those that are in nothing yet, and that no `.gitignore` keeps out.
    """

    tracked: frozenset[str]
    untracked: frozenset[str]

    def ignores(self, name: str) -> bool:
        """Say whether a file that is there will not reach whoever clones the repository."""
        return name not in self.tracked and name not in self.untracked


def ask_git(root: Path) -> Tracked | None:
    """Return what git says; None where the connector is in no repository, or there is no git."""
    if not any(os.path.lexists(folder / ".git") for folder in (root, *root.parents)):
        return None

    try:
        said = git(root, "ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
    except GitError:
        return None

    entries = [entry.partition(" ") for entry in os.fsdecode(said).split("\0") if entry]
    untracked = frozenset(name for tag, _, name in entries if tag == "?")
    return Tracked(frozenset(name for tag, _, name in entries if tag != "?"), untracked)


def ignored_though_tracked(root: Path) -> frozenset[str]:
    """Return the files that are in git although a `.gitignore` keeps such out: the next one of them will not be."""
    try:
        said = git(root, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
    except GitError:
        return frozenset()

    return frozenset(os.fsdecode(name) for name in said.split(b"\0") if name)
