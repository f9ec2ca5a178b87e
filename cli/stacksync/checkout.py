"""What git knows about a checkout of this project. The build of the package reads it too, so: standard library only."""

from dataclasses import dataclass
from pathlib import Path

from stacksync.git.addresses import network_url
from stacksync.git.command import ask

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
    top = ask(root, "rev-parse", "--show-toplevel")
    ref = ask(root, "describe", "--tags", "--always", "--match", RELEASES)
    if not top or not ref or Path(top).resolve() != root.resolve():
        return None

    return Checkout(
        ref=ref,
        exact=ask(root, "describe", "--tags", "--exact-match", "--match", RELEASES) is not None,
        dirty=bool(ask(root, "status", "--porcelain")),
        published=bool(ask(root, "for-each-ref", "--count=1", "--contains=HEAD", "refs/remotes")),
        url=network_url(ask(root, "config", "--get", "remote.origin.url") or ""),
    )
