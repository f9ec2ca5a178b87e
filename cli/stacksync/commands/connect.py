"""`stacksync connect`: save a connection on this machine."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stacksync.terminal import progress, say

if TYPE_CHECKING:
    from stacksync.connector import Connector
    from stacksync.studio.connections.saved import Saved
    from stacksync.studio.connections.trying import Outcome

EXAMPLE = "Example: stacksync connect my_crm --from-env api_credentials=CRM_API_KEY"


def connect(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it.")],
    app_type: Annotated[
        str | None,
        typer.Option("--type", metavar="APP_TYPE", help="Its type; by default that which most forms ask for."),
    ] = None,
    management: Annotated[
        Literal["custom", "managed"], typer.Option(help="Who manages it on the platform.")
    ] = "custom",
    from_file: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Read the fields from a JSON file, or from standard input.")
    ] = None,
    from_env: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VARIABLE", help="Read a field from an environment variable; repeatable."),
    ] = None,
    oauth: Annotated[
        bool, typer.Option("--oauth", help="Log in at the provider that src/api_client.py declares.")
    ] = False,
    redirect: Annotated[
        str | None, typer.Option(metavar="URL", help="With --oauth: where the provider sends you back to.")
    ] = None,
    wait: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, help="With --oauth: how long to wait for the login.")
    ] = 300,
    try_it: Annotated[
        bool, typer.Option("--try", help="Call the API with it; alone, with the one that is saved.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Save a connection called NAME on this machine.

    On a terminal it asks for the fields of the type, and shows none of what is typed. With --oauth you log in in your
    browser instead, and the token is renewed when it has expired. `invoke --connection NAME` and Studio send it to
    modules as the platform would. It is kept in .stacksync/connections.json, which only you can read and git ignores.
    One of the same name is replaced.
    """
    from stacksync.connector import find_connector
    from stacksync.errors import UsageError
    from stacksync.studio.connections import connecting, storing
    from stacksync.studio.connections.saved import Connections

    if oauth and (from_file is not None or from_env):
        raise UsageError("--oauth asks the provider for the fields: leave out --from-file and --from-env.")

    connector = find_connector()
    connections = Connections(connector.root)
    former = storing.find_named(connections, name)
    wanted = storing.Wanted(connector, name, app_type, management, former)
    notes: list[str] = []
    if oauth:
        saved, notes = connecting.log_in(wanted, connections, redirect, wait)
    elif try_it and former and from_file is None and not from_env:
        saved = former
    else:
        saved = connecting.given(wanted, from_file, from_env or [])
        connections.save(saved)
    outcome = _tried(connector, saved, quiet) if try_it else None
    _tell(Connected(saved, former, outcome, notes), as_json=as_json, quiet=quiet)
    if outcome and not outcome.works:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Connected:
    """What came of it."""

    saved: "Saved"
    former: "Saved | None"
    outcome: "Outcome | None"
    notes: list[str]

    @property
    def report(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        kept = {"name": self.saved.name, "app_type": self.saved.app_type, "fields": list(self.saved.value)}
        tried = {"works": self.outcome.works, "said": self.outcome.said} if self.outcome else None
        return {**kept, "replaced": self.former is not None, "notes": self.notes, "tried": tried}


def _tell(connected: Connected, *, as_json: bool, quiet: bool) -> None:
    saved, outcome = connected.saved, connected.outcome
    if as_json:
        say(json.dumps(connected.report, indent=2))
        return
    if not quiet and saved is not connected.former:
        done = "Replaced" if connected.former else "Saved"
        say(f"{done} the connection {saved.name} ({saved.app_type}): {', '.join(saved.value)}.")
    for note in () if quiet else connected.notes:
        say(f"note: {note}", err=True)
    if outcome and not outcome.works:
        say(f"Error: the API does not take {saved.name}. {outcome.said}", err=True)
    elif outcome and not quiet:
        say(outcome.said)


def _tried(connector: "Connector", saved: "Saved", quiet: bool) -> "Outcome":
    from stacksync.dev.environment.installation import provide_interpreter
    from stacksync.studio.connections.trying import try_connection

    with progress(quiet=quiet, err=True) as tell:
        interpreter, _ = provide_interpreter(connector.root, tell)
    return try_connection(connector, interpreter, saved, lambda line: None if quiet else say(line, err=True))
