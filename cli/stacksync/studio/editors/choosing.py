"""Which editor opens a place: the one that was chosen in Studio, else the one that the environment names."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from flask import request

from stacksync.studio.editors.known import EDITORS, IN_TERMINAL, Editor

COOKIE = "stacksync_editor"
COPY = "copy"
_PLACED = re.compile(r"(?P<file>[^:\n]+\.[a-z]+):(?P<line>[0-9]{1,9}): (?P<fault>.+)", re.DOTALL)
_BY_ID = {editor.id: editor for editor in EDITORS}
_BY_PROGRAM = {program: editor for editor in EDITORS for program in editor.programs}


@dataclass(frozen=True)
class Program:
    """An editor as `$VISUAL` or `$EDITOR` calls it.

    Args:
        editor: Which one it is.
        command: What starts it, with its own arguments.
    """

    editor: Editor
    command: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A place in a file of the connector, as the page shows it.

    Args:
        text: `file:line:column`.
        href: Opens it; "" where no link does.
        starts: Whether Studio can start the editor.
        editor: What it is opened in; "" if it can be copied only.
    """

    text: str
    href: str = ""
    starts: bool = False
    editor: str = ""


def place(root: Path, file: str, line: int | None = None, column: int | None = None) -> Place:
    """Return how a place is shown and opened."""
    text = ":".join(str(part) for part in (file, line, column) if part)
    editor = chosen()
    path = PurePath(file)
    if editor is None or path.is_absolute() or ".." in path.parts:
        return Place(text)

    href = editor.link(root / file, line or 1, column or 1, os.environ.get("WSL_DISTRO_NAME", ""))
    return Place(text, href, not href, editor.name)


def split_place(text: str) -> tuple[str, int, str] | None:
    """Return file, line and the rest of a text that begins with a place."""
    found = _PLACED.match(text)
    return (found["file"], int(found["line"]), found["fault"]) if found else None


def chosen() -> Editor | None:
    """Return the editor for the browser that asks; None if places are to be copied."""
    kept = request.cookies.get(COOKIE, "")
    return _BY_ID[kept] if kept in _choosable() else None if kept == COPY else _by_default(os.environ)


def choices() -> Iterator[tuple[str, str, bool]]:
    """Yield id, name and whether it is chosen, of each way to open a place."""
    now = chosen()
    for editor in (_BY_ID[id] for id in _choosable()):  # noqa: A001
        yield editor.id, editor.name, editor == now
    yield COPY, "nothing: copy file:line", now is None


def can_choose(id: str) -> bool:  # noqa: A002
    """Say whether there is such a choice."""
    return id == COPY or id in _choosable()


def program(environ: Mapping[str, str]) -> Program | None:
    """Return the editor that the environment names, unless it works in a terminal: that one is somebody's own."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(name, ""), posix=sys.platform != "win32")
        except ValueError:  # a quote that is not closed
            continue
        words = [word.strip('"') for word in words]
        editor = _BY_PROGRAM.get(PurePath(words[0]).stem.lower()) if words else None
        if editor and IN_TERMINAL.isdisjoint(words) and (editor.address or _has_display(environ)):
            return Program(editor, tuple(words))
    return None


def _by_default(environ: Mapping[str, str]) -> Editor | None:
    named = program(environ)
    return named.editor if named else _around(environ)


def _around(environ: Mapping[str, str]) -> Editor | None:
    """Return the editor in whose own terminal `stacksync dev` runs."""
    if environ.get("TERM_PROGRAM") == "vscode":
        # What was made of VS Code says so too; the program that it has git ask with is its own.
        asking = environ.get("VSCODE_GIT_ASKPASS_NODE", "").lower()
        made_of_it = (name for name in ("cursor", "windsurf", "codium", "insiders") if name in asking)
        found = next(made_of_it, "vscode")
        return _BY_ID[{"codium": "vscodium", "insiders": "vscode-insiders"}.get(found, found)]
    if environ.get("ZED_TERM") == "true":
        return _BY_ID["zed"]

    return _BY_ID["pycharm"] if environ.get("TERMINAL_EMULATOR") == "JetBrains-JediTerm" else None


def _choosable() -> list[str]:
    """Return the ids of those that a link opens, and of the one that the environment names."""
    named = program(os.environ)
    return [editor.id for editor in EDITORS if editor.address or (named and editor == named.editor)]


def _has_display(environ: Mapping[str, str]) -> bool:
    if sys.platform in ("win32", "darwin"):
        return True

    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def find(program: Program) -> str | None:
    """Return the file of an editor's program; none that Windows would run by a shell."""
    found = shutil.which(program.command[0])
    return None if found is None or found.lower().endswith((".bat", ".cmd")) else found
