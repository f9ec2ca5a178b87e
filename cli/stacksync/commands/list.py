"""`stacksync list`: the modules of a connector."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacksync.modules import Listed

EXAMPLE = "Example: stacksync list --json"

_HEADINGS = ("MODULE", "VERSION", "NAME", "ROUTES", "CONTENT", "STATE")
# Each line is as wide as the longest of all: one name of a megabyte would be multiplied by the modules.
_WIDEST = 300


def list_modules(
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the folders only, as MODULE/VERSION.")] = False,
) -> None:
    """List the modules of the connector that the current folder is in.

    Reads their files and runs none of them. STATE is ok, or what keeps the version from being served and where.
    """
    from stacksync import modules
    from stacksync.connector import find_connector

    connector = find_connector()
    listed = modules.list_modules(connector)
    if as_json:
        say(json.dumps({"modules": [_as_json(entry) for entry in listed]}, indent=2))
    elif quiet:
        say("".join(f"{entry.module}/{entry.version}\n" for entry in listed if entry.version), end="")
    elif listed:
        say(_table([_HEADINGS, *map(_row, listed)]))
    else:
        say(f"No modules in {connector.relative(connector.modules_dir)}; stacksync add-module NAME adds one.")


def _as_json(entry: "Listed") -> dict[str, object]:
    values = dict(vars(entry))
    problem, link = values.pop("problem"), values.pop("link")
    linked = {"link": link} if link else {}
    return {**values, **linked, "state": "fault" if problem else "ok", "problem": problem}


def _row(entry: "Listed") -> tuple[str, ...]:
    routes = (path.split("/", 3)[-1] for path in entry.routes)
    return (
        entry.module,
        entry.version or "-",
        entry.name,
        ", ".join(routes) or "-",
        ", ".join(entry.content_objects) or "-",
        entry.problem or (f"ok, {entry.link}" if entry.link else "ok"),
    )


def _table(rows: "Sequence[tuple[str, ...]]") -> str:
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    lines = ("  ".join(_cell(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _cell(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"
