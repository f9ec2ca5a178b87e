"""`stacksync list`: the modules of a connector."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync.shared_options import AsJson
from stacksync.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacksync.modules.listing import Listed

EXAMPLE = "Example: stacksync list --json"

_HEADINGS = ("MODULE", "VERSION", "NAME", "ROUTES", "CONTENT", "STATE")
# Each line is as wide as the longest of all: one name of a megabyte would be multiplied by the modules.
_WIDEST = 300


def list_modules(
    as_json: AsJson = False,
    load: Annotated[
        bool, typer.Option("--load", help="Import the modules in the connector's environment and report failures.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the folders only, as MODULE/VERSION.")] = False,
) -> None:
    """List the modules of the current connector.

    Reads their files and runs none of them: STATE is `not loaded`, or what is wrong and where. With --load the
    connector is imported as `stacksync dev` does it, and STATE is `ok` or the error.
    """
    from stacksync.connector import find_connector
    from stacksync.modules import listing

    connector = find_connector()
    listed = listing.loaded_modules(connector) if load else listing.list_modules(connector)
    if as_json:
        say(json.dumps({"modules": [_as_json(entry) for entry in listed]}, indent=2))
    elif quiet:
        say("".join(f"{entry.module}/{entry.version}\n" for entry in listed), end="")
    elif listed:
        say(_table([_HEADINGS, *map(_row, listed)]))
    else:
        add = "" if connector.is_kit_project else "; stacksync add-module NAME adds one"
        say(f"No modules in {connector.relative(connector.modules_dir)}{add}.")
    if connector.scan.without_routes and not (as_json or quiet):
        folders = ", ".join(connector.relative(folder.path) for folder in connector.scan.without_routes)
        say(f"note: no version, for want of a route file: {folders}", err=True)


def _as_json(entry: "Listed") -> dict[str, object]:
    values = dict(vars(entry))
    problem, link, _ = (values.pop(name) for name in ("problem", "link", "is_loaded"))
    linked = {"link": link} if link else {}
    return {**values, **linked, "state": entry.state, "problem": problem}


def _row(entry: "Listed") -> tuple[str, ...]:
    routes = (path.split("/", 3)[-1] for path in entry.routes)
    return (
        entry.module,
        entry.version,
        entry.name,
        ", ".join(routes) or "-",
        ", ".join(entry.content_objects) or "-",
        entry.problem or ", ".join(filter(None, (entry.state, entry.link))),
    )


def _table(rows: "Sequence[tuple[str, ...]]") -> str:
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    lines = ("  ".join(_cell(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _cell(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"
