"""After a render, before the connector is moved into place: a git repository with one commit."""

import os
import subprocess
from pathlib import Path

from stacksync.checkout import environment
from stacksync.staging import is_script

# The user's signing and hooks are for the user's own commits: here they could fail, or wait for a passphrase.
_PLAIN = ["core.fsmonitor=false", f"core.hooksPath={os.devnull}", "commit.gpgSign=false", "user.useConfigOnly=true"]
_NOBODY = ["user.name=stacksync", "user.email=stacksync@localhost"]


def run(project: Path) -> list[str]:
    """Commit everything in the folder, and return what the user should know about it."""
    try:
        _init(project)
        _git(project, "add", "--all", "--force")
        scripts = [str(path) for path in project.rglob("*") if path.is_file() and is_script(path)]
        _git(project, "update-index", "--chmod=+x", "--", *scripts)
        return _commit(project)
    except (OSError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        return [f"git did not make the first commit, make it yourself: {reason}"]


def _init(project: Path) -> None:
    own = subprocess.run(["git", "config", "init.defaultBranch"], cwd=project, capture_output=True, check=False)
    branch = [] if own.returncode == 0 else ["-c", "init.defaultBranch=main"]
    _git(project, *branch, "init", "--quiet", "--template=")


def _commit(project: Path) -> list[str]:
    message = "Make the connector from the stacksync template"
    try:
        _git(project, "commit", "--quiet", "--message", message)
    except subprocess.CalledProcessError:  # most likely git does not know the user yet
        _git(project, *_settings(_NOBODY), "commit", "--quiet", "--message", message)
        return ["git does not know your name, so the first commit is by `stacksync` (git config --global user.name)"]
    return []


def _git(project: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *_settings(_PLAIN), *arguments],
        cwd=project,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def _settings(values: list[str]) -> list[str]:
    return [part for value in values for part in ("-c", value)]
