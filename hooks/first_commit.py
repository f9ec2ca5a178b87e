"""After a render: a git repository, unless there is one, with one commit, unless there are some."""

import os
from pathlib import Path

from stacksync import interrupts
from stacksync.git.command import GitError, ask, git
from stacksync.staging import PREFIX, is_script

_MESSAGE = "Make the connector from the stacksync template"
_NOBODY = ["user.name=stacksync", "user.email=stacksync@localhost"]


def run(project: Path) -> list[str]:
    """Commit everything in the folder, and return what the user should know about it."""
    try:
        if not os.path.lexists(project / ".git"):
            _init(project)
        elif ask(project, "rev-parse", "--verify", "--quiet", "HEAD"):
            return ["this repository has commits already, so nothing was committed: look at `git status`"]
        return _commit(project)
    except GitError as error:
        return [f"git did not make the first commit, make it yourself: {error.reason}"]


def _init(project: Path) -> None:
    named = ask(project, "config", "init.defaultBranch") is not None
    git(project, "init", "--quiet", "--template=", *([] if named else ["--initial-branch=main"]))


def _commit(project: Path) -> list[str]:
    """Commit by steps that change nothing the user sees until the last one: an index of our own, a tree, a commit.

    None of them signs, which is for the user's own commits, and could fail or wait for a passphrase.
    """
    index = _path_of(project, "index")
    draft = index.with_name("stacksync-index")
    variables = {"GIT_INDEX_FILE": str(draft)}
    entries = sorted(path for path in project.iterdir() if path.name != ".git" and not path.name.startswith(PREFIX))
    try:
        added = [f":(literal){entry.name}" for entry in entries]
        git(project, "add", "--all", "--force", "--", *added, variables=variables)
        files = (path for entry in entries for path in [entry, *entry.rglob("*")])
        scripts = [path.relative_to(project).as_posix() for path in files if _is_script(path)]
        git(project, "update-index", "--chmod=+x", "--", *scripts, variables=variables)
        tree = git(project, "write-tree", variables=variables).decode().strip()
        commit, notes = _commit_of(project, tree)
        interrupts.end_or_hold()
        # Nobody else may have made a first commit meanwhile: git takes forty zeros for "there is none".
        git(project, "update-ref", "-m", f"commit (initial): {_MESSAGE}", "HEAD", commit, "0" * len(commit))
        try:
            draft.replace(index)
        except OSError:
            git(project, "update-ref", "-d", "HEAD", commit)
            raise
    finally:
        draft.unlink(missing_ok=True)
    return notes


def _commit_of(project: Path, tree: str) -> tuple[str, list[str]]:
    command = ["commit-tree", tree, "-m", _MESSAGE]
    try:
        return git(project, *command, settings=["user.useConfigOnly=true"]).decode().strip(), []
    except GitError:  # most likely git does not know the user yet
        note = "git does not know your name, so the first commit is by `stacksync` (git config --global user.name)"
        return git(project, *command, settings=_NOBODY).decode().strip(), [note]


def _path_of(project: Path, name: str) -> Path:
    """Return where a file of the repository is, which in a linked work tree is elsewhere."""
    return project / os.fsdecode(git(project, "rev-parse", "--git-path", name)).rstrip("\n")


def _is_script(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and is_script(path)
