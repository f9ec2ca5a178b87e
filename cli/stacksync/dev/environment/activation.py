"""Running programs as in an activated environment: its own go first on the path."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from stacksync.dev.environment.interpreter import Interpreter
from stacksync.errors import UsageError


def activated(interpreter: Interpreter) -> dict[str, str]:
    """Return the variables that a program finds when the environment is active."""
    path = os.pathsep.join(filter(None, (str(interpreter.programs), os.environ.get("PATH", ""))))
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    return {**variables, "VIRTUAL_ENV": str(interpreter.home), "PATH": path}


def become(interpreter: Interpreter, command: Sequence[str], folder: Path) -> int:
    """Run a command of an environment in this one's place, and return its exit code where there is no such way.

    Args:
        interpreter: Its environment.
        command: The program and its arguments.
        folder: Where it works.

    Raises:
        UsageError: There is no such program.
    """
    variables = activated(interpreter)
    program = shutil.which(command[0], path=variables["PATH"])
    if program is None:
        raise UsageError(f"There is no program {command[0]!r} in {interpreter.shown} or on the path.")

    sys.stdout.flush()
    run = _wait_for if sys.platform == "win32" else _give_way_to
    return run(program, command, folder, variables)


def _give_way_to(program: str, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> NoReturn:
    # Python ignores it, and what is ignored stays so in the program: `yes | head` would never end.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.chdir(folder)
    os.execve(program, [*command], variables)


def _wait_for(program: str, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> int:
    """Run a program where none can take this one's place. Ctrl-C is for it: this one only waits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run([program, *command[1:]], cwd=folder, env=variables, check=False).returncode
