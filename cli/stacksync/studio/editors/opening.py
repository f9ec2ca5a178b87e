"""Start the developer's editor: the one that the environment names, for a file of this connector, without a shell."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from stacksync.errors import StacksyncError
from stacksync.studio.editors.choosing import find, program

MOST_LINES = 10_000_000


@dataclass(frozen=True)
class Target:
    """What is to be opened.

    Args:
        file: Relative to the connector's folder.
        line: Counted from 1.
        column: Counted from 1.
    """

    file: str
    line: int
    column: int


def open_in_editor(root: Path, target: Target) -> None:
    """Start the editor.

    Args:
        root: The connector's folder.
        target: What is to be opened.

    Raises:
        StacksyncError: It is no file of the connector, or there is no such editor.
    """
    file = _own_file(root, target.file)
    if not (1 <= target.line <= MOST_LINES and 1 <= target.column <= MOST_LINES):
        raise StacksyncError(f"{target.file} has no such line.")
    named = program(os.environ)
    if named is None or not named.editor.arguments:
        raise StacksyncError("Neither VISUAL nor EDITOR names an editor that Studio can start.")
    path = find(named)
    if path is None:
        raise StacksyncError(f"There is no program {named.command[0]}.")

    _start([path, *named.command[1:], *named.editor.command(file, target.line, target.column)], root)


def _own_file(root: Path, name: str) -> Path:
    try:
        home, file = root.resolve(strict=True), (root / name).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):  # missing, a circle of links, a character that no path has
        raise StacksyncError("There is no such file in this connector.") from None
    if not file.is_relative_to(home) or not file.is_file():
        raise StacksyncError("There is no such file in this connector.")

    return file


def _start(command: list[str], root: Path) -> None:
    try:
        process = subprocess.Popen(
            command,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it outlives `stacksync dev`
        )
    except OSError as error:
        raise StacksyncError(f"{command[0]} cannot be started: {error.strerror}.") from error

    Thread(target=process.wait, daemon=True).start()
