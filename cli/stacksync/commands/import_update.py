"""`stacksync import --update`: what an API changed since it was imported, and taking it."""

import json
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync.commands.import_openapi import accepted_dropdowns
from stacksync.terminal import in_one_line, say

if TYPE_CHECKING:
    from stacksync.openapi.drift import Drift
    from stacksync.openapi.operations import Operation
    from stacksync.openapi.renewal import Allowed

EXAMPLE = "Example: stacksync import --update openapi.yaml --check, then without --check"


def import_(
    context: typer.Context,
    source: Annotated[
        str | None,
        typer.Option("--update", metavar="FILE|URL", help="Compare an imported API with this description, and update."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 when something differs.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo an update that is not committed yet.")] = False,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The API, where several were imported: src/api/NAME.")
    ] = None,
    patterns: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="PATTERN",
            help="Import these too: METHOD and path, tag or operation id, as of `import openapi`. May be repeated.",
        ),
    ] = None,
    add_versions: Annotated[
        bool, typer.Option("--add-versions", help="Give a module a new version where its change is breaking.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Take breaking changes in the versions that are there.")
    ] = False,
    accept_server: Annotated[
        bool,
        typer.Option("--accept-server", help="Take another server, login or token address; or another kind of login."),
    ] = False,
    allowed: Annotated[
        list[str] | None,
        typer.Option("--allow-ref", metavar="FOLDER|URL", help="References may lead there too. May be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON; ask nothing.")] = False,
) -> None:
    """Make modules of an API's description.

    An update shows first what changed. What breaks stored workflows is taken only with --add-versions or --in-place,
    another host only with --accept-server. Code and edited forms are not rewritten: what they have to follow is named.
    """
    from stacksync.commands.update import only_one
    from stacksync.errors import StacksyncError, UsageError

    if context.invoked_subcommand is not None:
        if source is not None or undo:
            raise UsageError("--update and --undo stand alone.", EXAMPLE)
        return

    if not any(context.params.values()):
        say(context.get_help())
        raise typer.Exit(2)  # as `stacksync` alone does
    only_one(check=check, undo=undo)
    only_one(**{"add-versions": add_versions, "in-place": in_place})
    if undo:
        _undo(as_json)
        return
    if source is None:
        raise UsageError("There is nothing to import.", "stacksync import openapi FILE|URL, or --update FILE|URL")

    from stacksync.connector import find_connector
    from stacksync.openapi.description import read_description
    from stacksync.openapi.drift import drift
    from stacksync.openapi.held import held_api
    from stacksync.openapi.overrides import read_overrides
    from stacksync.openapi.renewal import Allowed
    from stacksync.reports import api_drift

    connector = find_connector()
    held = held_api(connector, name)
    found = drift(held, read_description(source, allowed or ()), read_overrides(connector, held.name))
    selected = _selected(found, patterns or [])
    if not as_json:
        say("\n".join(api_drift.lines(found, source)))
    if check or not (found.is_something or selected):
        if as_json:
            say(json.dumps(api_drift.facts(found), indent=2))
        raise typer.Exit(1 if found.is_something else 0)

    if found.is_another_api:
        fault = f"{source} has no operation of {held.name}, so it seems to be another API; nothing was changed."
        raise StacksyncError(in_one_line(fault), f"stacksync import openapi {shlex.quote(source)} makes modules of it")
    accepted = accepted_dropdowns(found.catalogue, selected, is_asked=not (yes or as_json))
    _agree(asks=not (yes or as_json))
    _apply(found, Allowed(add_versions, in_place, accept_server, selected, accepted), as_json)


def _selected(found: "Drift", patterns: list[str]) -> "list[Operation]":
    """Return the operations to import too: those that are meant, and are not imported yet.

    Raises:
        UsageError: There are none.
    """
    from stacksync.errors import UsageError
    from stacksync.openapi.selecting import select

    wanted = select(found.catalogue.operations, patterns) if patterns else []
    new = [each for each in wanted if each.address not in found.held.names]
    if wanted and not new:
        raise UsageError(f"--select {patterns[0]!r} means only operations that are imported already.")
    return new


def _agree(*, asks: bool) -> None:
    """Ask whether to go on; without a terminal that has to be said.

    Raises:
        UsageError: Nobody can be asked.
    """
    from stacksync.errors import UsageError
    from stacksync.invocation.prompts import Asked, can_ask, confirm

    if not asks:
        return
    if not can_ask():
        raise UsageError("Nothing was changed: take it?", "--yes takes it, --check only tells")
    if not confirm(Asked("Take it?"), default=True):
        raise typer.Exit(1)


def _apply(found: "Drift", allowed: "Allowed", as_json: bool) -> None:
    from stacksync.connector import find_connector
    from stacksync.openapi.again import update_api
    from stacksync.reports import api_drift

    made = update_api(find_connector(), found, allowed)
    if as_json:
        say(json.dumps(api_drift.facts(found, made), indent=2))
    else:
        say("\n".join(["", *api_drift.applied(found, made)]))
    if made.is_left:
        raise typer.Exit(1)


def _undo(as_json: bool) -> None:
    from stacksync.connector import find_connector
    from stacksync.updates.reports import of_undo

    report = of_undo(find_connector().root, "import")
    say(json.dumps(report.facts, indent=2) if as_json else "\n".join(report.lines))
