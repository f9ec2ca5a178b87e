"""What git knows about a checkout of this project. The build of the package reads it too, so: standard library only."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

RELEASES = "v[0-9]*"


@dataclass(frozen=True)
class Checkout:
    """One commit of the project, and where others can fetch it.

    Args:
        ref: The release tag, or what `git describe` calls a commit after it, as Copier records it.
        exact: The commit is the release itself.
        dirty: There are changes that no commit holds.
        published: A branch of a remote has the commit, as far as this clone knows.
        url: The network address of `origin`, without credentials.
    """

    ref: str
    exact: bool
    dirty: bool
    published: bool
    url: str | None


def read_checkout(root: Path) -> Checkout | None:
    """Describe the commit checked out in `root`; None where there is no git, or no commit, or not this repository."""
    top = git(root, "rev-parse", "--show-toplevel")
    ref = git(root, "describe", "--tags", "--always", "--match", RELEASES)
    if not top or not ref or Path(top).resolve() != root.resolve():
        return None

    return Checkout(
        ref=ref,
        exact=git(root, "describe", "--tags", "--exact-match", "--match", RELEASES) is not None,
        dirty=bool(git(root, "status", "--porcelain")),
        published=bool(git(root, "for-each-ref", "--count=1", "--contains=HEAD", "refs/remotes")),
        url=network_url(git(root, "config", "--get", "remote.origin.url") or ""),
    )


def network_url(url: str) -> str | None:
    """Return a git address as others can use it: no credentials in it; None for a path of this machine."""
    if re.match(r"[\w.-]+@[\w.-]+:", url):
        return url

    parts = urlsplit(url.removeprefix("git+"))
    if parts.scheme not in {"https", "http", "ssh", "git"} or not parts.hostname:
        return None
    user = f"{parts.username}@" if parts.scheme == "ssh" and parts.username else ""
    return urlunsplit(parts._replace(netloc=user + parts.netloc.rpartition("@")[2]))


def git(root: Path, *arguments: str) -> str | None:
    """Return what a git command prints; None when it fails or git is not there."""
    command = ["git", "-C", str(root), *arguments]
    try:
        run = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None

    return run.stdout.strip()


def environment() -> dict[str, str]:
    """Return this process's environment without what ties git to another repository, as inside a git hook."""
    tied = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
    return {name: value for name, value in os.environ.items() if name not in tied}
