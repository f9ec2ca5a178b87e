"""Write `cli.md` from the command's own help, and `rules.md` from the rules: documentation/reference/generate.py."""

import io
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from typer.main import get_command

from stacksync.app import app
from stacksync.reports import rules_page

FILE = Path(__file__).with_name("cli.md")
RULES = Path(__file__).with_name("rules.md")

_HEAD = """\
# Commands

Written by `python documentation/reference/generate.py` from what `--help` prints; a test fails when it is out of date.

Exit codes of every command: 0 done, 1 the project or its files are at fault, 2 the command line is, 130 Ctrl-C. Errors
go to stderr, with a line `TIP:` that says what to do.
"""


def reference() -> str:
    """Return the page."""
    group: Any = get_command(app)
    parts = [_HEAD, _section("stacksync", [])]
    for name, command in group.commands.items():
        parts.append(_section(f"stacksync {name}", [name]))
        parts += [_section(f"stacksync {name} {inner}", [name, inner]) for inner in getattr(command, "commands", {})]
    return "\n".join(parts)


def _section(title: str, arguments: list[str]) -> str:
    command: Any = get_command(app)
    said = io.StringIO()
    with redirect_stdout(said):
        command.main([*arguments, "--help"], prog_name="stacksync", standalone_mode=False, terminal_width=100)
    lines = "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())
    return f"## {title}\n\n```\n{lines}\n```\n"


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
    RULES.write_text(rules_page.page(), encoding="utf-8")
