"""Command lines to copy: as the user's shell takes them, and with a name that reaches this command."""

import filecmp
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

NAME = "stacksync"


def quoted(words: Sequence[str]) -> str:
    """Return a command line of these words, to copy into the user's shell."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def this_command() -> str:
    """Return what to type for this command: its name, unless that is not on the path or another program there.

    Stacksync's own command line has the same name; `python -m stacksync` always reaches this one.
    """
    found = next(programs(), None)
    return NAME if found and is_ours(found) else quoted([sys.executable, "-m", NAME])


def programs() -> Iterator[Path]:
    """Yield the programs of this command's name, in the order of the path. None of them is started."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(NAME, path=folder) if folder else None
        if found:
            yield Path(found)


def is_ours(program: Path) -> bool:
    """Tell whether a program starts this installation: it is its script, a link to that or, on Windows, a copy."""
    own = Path(sysconfig.get_path("scripts"), program.name)
    try:
        return own.samefile(program) or (os.name == "nt" and filecmp.cmp(own, program, shallow=False))
    except OSError:
        return False
