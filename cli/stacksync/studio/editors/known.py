"""The editors that Studio knows: how each opens a file at a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

# https://code.visualstudio.com/docs/configure/command-line#_opening-vs-code-with-urls, and what was made of VS Code;
# Zed reads the same, https://github.com/zed-industries/zed/issues/8482.
_LIKE_VS_CODE = "{scheme}://file{path}:{line}:{column}"
# https://www.jetbrains.com/help/pycharm/opening-files-from-command-line.html names the counterparts of these.
_LIKE_JETBRAINS = "{scheme}://open?file={path}&line={line}&column={column}"
# https://macromates.com/blog/2007/the-textmate-url-scheme/, which MacVim follows.
_LIKE_TEXTMATE = "{scheme}://open?url=file://{path}&line={line}&column={column}"


@dataclass(frozen=True)
class Editor:
    """One editor.

    Args:
        id: What a choice is kept as.
        name: What its users call it.
        programs: What `$EDITOR` calls it.
        address: Opens a file by a link; "" where it answers to none, and must be started.
        scheme: Of the address.
        arguments: What it is started with.
    """

    id: str
    name: str
    programs: tuple[str, ...]
    address: str = ""
    scheme: str = ""
    arguments: tuple[str, ...] = ()

    def link(self, file: Path, line: int, column: int, distribution: str = "") -> str:
        """Return the address that opens a place; "" if it answers to none.

        Args:
            distribution: Of Linux in Windows, if the file is there and the browser is not.
        """
        path = file.as_posix()
        path = path if path.startswith("/") else f"/{path}"  # /c:/work/crm
        address = self.address
        if distribution and address == _LIKE_VS_CODE:
            address = f"{{scheme}}://vscode-remote/wsl+{quote(distribution)}{{path}}:{{line}}:{{column}}"
        return address.format(scheme=self.scheme, path=quote(path, safe="/:"), line=line, column=column)

    def command(self, file: Path, line: int, column: int) -> list[str]:
        """Return the arguments that open a place."""
        return [each.format(file=file, line=line, column=column) for each in self.arguments]


def _by_link(address: str, id: str, name: str, programs: Sequence[str]) -> Editor:  # noqa: A002
    return Editor(id, name, tuple(programs), address, id)


EDITORS = (
    _by_link(_LIKE_VS_CODE, "vscode", "VS Code", ["code"]),
    _by_link(_LIKE_VS_CODE, "vscode-insiders", "VS Code Insiders", ["code-insiders"]),
    _by_link(_LIKE_VS_CODE, "vscodium", "VSCodium", ["codium", "vscodium"]),
    _by_link(_LIKE_VS_CODE, "cursor", "Cursor", ["cursor"]),
    _by_link(_LIKE_VS_CODE, "windsurf", "Windsurf", ["windsurf"]),
    _by_link(_LIKE_VS_CODE, "zed", "Zed", ["zed", "zeditor"]),
    _by_link(_LIKE_JETBRAINS, "pycharm", "PyCharm", ["pycharm", "charm"]),
    _by_link(_LIKE_JETBRAINS, "idea", "IntelliJ IDEA", ["idea"]),
    _by_link(_LIKE_TEXTMATE, "txmt", "TextMate", ["mate"]),
    _by_link(_LIKE_TEXTMATE, "mvim", "MacVim", ["mvim"]),
    Editor("sublime", "Sublime Text", ("subl", "sublime_text"), arguments=("{file}:{line}:{column}",)),
    Editor("gedit", "gedit", ("gedit",), arguments=("+{line}:{column}", "{file}")),
    Editor("kate", "Kate", ("kate", "kwrite"), arguments=("--line", "{line}", "--column", "{column}", "{file}")),
    Editor("notepad++", "Notepad++", ("notepad++",), arguments=("-n{line}", "-c{column}", "{file}")),
    Editor("gvim", "gVim", ("gvim",), arguments=("+{line}", "{file}")),
    Editor("geany", "Geany", ("geany",), arguments=("--line", "{line}", "--column", "{column}", "{file}")),
    Editor("mousepad", "Mousepad", ("mousepad",), arguments=("--line", "{line}", "--column", "{column}", "{file}")),
    Editor("xed", "xed", ("xed",), arguments=("+{line}", "{file}")),
    Editor("pluma", "Pluma", ("pluma",), arguments=("+{line}", "{file}")),
    Editor("bbedit", "BBEdit", ("bbedit",), arguments=("+{line}", "{file}")),
    Editor("emacs", "Emacs", ("emacs", "emacsclient"), arguments=("+{line}:{column}", "{file}")),
)
# With one of these Emacs works in the terminal.
IN_TERMINAL = frozenset({"-nw", "--no-window-system", "-t", "-tty", "--tty"})
