"""An update, made in a copy of the connector: what it would do is known before anything is done."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.source import Source
from stacksync.updates.repository import Repository, find_repository, git
from stacksync.updates.target import Target

_AS_WRITTEN = ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/"]


@dataclass(frozen=True)
class Change:
    """A file that the update changes.

    Args:
        path: Its name from the top of the repository.
        before: Whether it is there now.
        after: Whether it is there afterwards.
        conflict: The user and the release changed the same lines.
    """

    path: str
    before: bool
    after: bool
    conflict: bool


@dataclass(frozen=True)
class Rehearsal:
    """An update that was made in a copy.

    Args:
        repository: The real one.
        copy: The copy's top.
        tree: What git would call the result as a commit's content.
        changes: The files that differ.
    """

    repository: Repository
    copy: Path
    tree: str
    changes: list[Change]

    def patch(self) -> bytes:
        """Return what `git apply` needs to do the same."""
        options = ["--binary", "--full-index", *_AS_WRITTEN]
        return git(self.copy, "diff", *options, self.repository.head, self.tree)

    def stages(self) -> bytes:
        """Return the index entries of the files in conflict, as `git update-index --index-info` reads them."""
        return git(self.copy, "ls-files", "--unmerged", "-z")


@contextmanager
def rehearsed(target: Target, release: str) -> Iterator[Rehearsal]:
    """Update a copy of what is committed, outside the project and as plain `copier update` would do it.

    Raises:
        StacksyncError: It cannot be updated.
    """
    from stacksync.template import update  # Copier takes half a second to import

    repository = find_repository(target.connector.root)
    with TemporaryDirectory(prefix="stacksync-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / repository.top.name
        _check_out(repository, copy)
        source = Source(None, target.origin, release)
        update(copy / repository.prefix, target.answers_file, source, target.connector.root)
        tree = _tree(copy)
        yield Rehearsal(repository, copy, tree, _changes(repository, copy, tree))


def _check_out(repository: Repository, copy: Path) -> None:
    """Make a repository of the same commit, which borrows the objects of the real one and writes none to it."""
    git(repository.top, "init", "--quiet", "--template=", str(copy))
    objects = git(repository.top, "rev-parse", "--path-format=absolute", "--git-path", "objects").decode().rstrip("\n")
    store = copy / ".git"
    (store / "objects/info/alternates").parent.mkdir(exist_ok=True)
    (store / "objects/info/alternates").write_text(f"{objects}\n", encoding="utf-8")
    shallow = git(repository.top, "rev-parse", "--path-format=absolute", "--git-path", "shallow").decode().rstrip("\n")
    if Path(shallow).is_file():
        shutil.copy(shallow, store / "shallow")
    for key, value in _settings(repository):
        git(copy, "config", key, value)
    git(copy, "update-ref", "HEAD", repository.head)
    git(copy, "read-tree", "--reset", "-u", "HEAD")


def _settings(repository: Repository) -> Iterator[tuple[str, str]]:
    """Yield what the repository itself says of how files are written."""
    listed = git(repository.top, "config", "--local", "--list", "-z").decode()
    for entry in listed.split("\0"):
        key, _, value = entry.partition("\n")
        if key.startswith(("filter.", "core.autocrlf", "core.eol", "core.symlinks", "core.filemode")):
            yield key, value


def _tree(copy: Path) -> str:
    """Return the tree of everything in the copy, ignored files too: there is nothing of the user's among those."""
    index = copy / ".git" / "result"
    shutil.copy(copy / ".git" / "index", index)
    git(copy, "add", "--all", "--force", "--", ".", GIT_INDEX_FILE=str(index))
    return git(copy, "write-tree", GIT_INDEX_FILE=str(index)).decode().strip()


def _changes(repository: Repository, copy: Path, tree: str) -> list[Change]:
    conflicts = {entry.partition("\t")[2] for entry in _split(git(copy, "ls-files", "--unmerged", "-z"))}
    fields = _split(git(copy, "diff-tree", "-r", "-z", "--name-status", "--no-renames", repository.head, tree))
    pairs = zip(fields[::2], fields[1::2], strict=True)
    return [Change(path, state != "A", state != "D", path in conflicts) for state, path in pairs]


def _split(listed: bytes) -> list[str]:
    return [os.fsdecode(entry) for entry in listed.split(b"\0") if entry]
