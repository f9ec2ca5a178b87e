"""Before a render: can the connector be made here, and can it be a git repository?"""

import os
import shutil
from pathlib import Path

from stacksync.errors import UsageError
from stacksync.staging import existing_parent


def run(target: Path, *, git: bool) -> tuple[bool, list[str]]:
    """Return whether to make a git repository, and notes on why not.

    Raises:
        UsageError: The folder cannot be made.
    """
    home = target if target.exists() else existing_parent(target)
    if not home.is_dir():
        raise UsageError(f"{home} is not a folder.", "choose another place")
    if not os.access(home, os.W_OK | os.X_OK):
        raise UsageError(f"{home} is not writable.", "choose another place")
    if not git:
        return False, []

    return _repository(home, target)


def _repository(home: Path, target: Path) -> tuple[bool, list[str]]:
    folders = [home, *home.parents] if not (target / ".git").exists() else []
    around = next((folder for folder in folders if (folder / ".git").exists()), None)
    if around:
        return False, [f"inside the git repository {around}: commit the connector there"]
    if not shutil.which("git"):
        return False, ["git was not found: without a repository, `copier update` cannot bring newer releases"]
    return True, []
