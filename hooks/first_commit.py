"""After a render, before the connector is moved into place: a git repository with one commit."""

from pathlib import Path

from stacksync.git.command import GitError, ask, git
from stacksync.staging import is_script

# Signing is for the user's own commits: here it could fail, or wait for a passphrase.
_PLAIN = ["commit.gpgSign=false", "user.useConfigOnly=true"]
_NOBODY = ["user.name=stacksync", "user.email=stacksync@localhost"]


def run(project: Path) -> list[str]:
    """Commit everything in the folder, and return what the user should know about it."""
    try:
        _init(project)
        git(project, "add", "--all", "--force")
        scripts = [str(path) for path in project.rglob("*") if path.is_file() and is_script(path)]
        git(project, "update-index", "--chmod=+x", "--", *scripts)
        return _commit(project)
    except GitError as error:
        return [f"git did not make the first commit, make it yourself: {error.reason}"]


def _init(project: Path) -> None:
    named = ask(project, "config", "init.defaultBranch") is not None
    git(project, "init", "--quiet", "--template=", *([] if named else ["--initial-branch=main"]))


def _commit(project: Path) -> list[str]:
    message = "Make the connector from the stacksync template"
    try:
        git(project, "commit", "--quiet", "--message", message, settings=_PLAIN)
    except GitError:  # most likely git does not know the user yet
        git(project, "commit", "--quiet", "--message", message, settings=[*_PLAIN, *_NOBODY])
        return ["git does not know your name, so the first commit is by `stacksync` (git config --global user.name)"]
    return []
