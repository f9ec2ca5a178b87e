"""`stacksync connect`: save a connection on this machine."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stacksync.shared_options import AsJson, Quiet
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
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Save a connection called NAME on this machine.

    On a terminal it asks for the fields of the type, and shows none of what is typed. With --oauth you log in in your
    browser instead, and the token is renewed when it has expired. `invoke --connection NAME` and Studio send it to
    modules as the platform would. It is kept in .stacksync/connections.json, which only you can read and git ignores.
    One of the same name is replaced.
    """
    from stacksync.connector import find_connector
    from stacksync.errors import StacksyncError, UsageError
    from stacksync.studio.connections import connecting, storing
    from stacksync.studio.connections.saved import Connections

    if oauth and (from_file is not None or from_env):
        raise UsageError("--oauth asks the provider for the fields: leave out --from-file and --from-env.")
    if redirect is not None and not oauth:
        raise UsageError("--redirect is for a login.", "add --oauth")

    connector = find_connector()
    connections = Connections(connector.root)
    former = storing.find_named(connections, name)
    wanted = storing.Wanted(connector, name, app_type, management, former)
    notes: list[str] = []
    if oauth:
        saved, notes = connecting.log_in(wanted, connections, redirect, wait)
    elif try_it and former and not (app_type or from_file or from_env):
        saved = former
    else:
        saved = connecting.given(wanted, from_file, from_env or [])
        connections.save(saved)

    is_told, replaced = not (quiet or as_json), former is not None and saved is not former
    if is_told and saved is not former:
        done = "Replaced" if replaced else "Saved"
        say(f"{done} the connection {name} ({saved.app_type}): {', '.join(saved.value)}.")
    for note in notes if is_told else ():
        say(f"note: {note}", err=True)
    outcome = _tried(connector, saved, quiet) if try_it else None
    if as_json:
        say(json.dumps({**_as_json(saved, outcome), "replaced": replaced, "notes": notes}, indent=2))
    elif outcome and outcome.works and is_told:
        say(outcome.said)
    if outcome and not outcome.works:
        raise StacksyncError(f"The API does not take {name}. {outcome.said}")


def _as_json(saved: "Saved", outcome: "Outcome | None") -> dict[str, Any]:
    tried = {"works": outcome.works, "said": outcome.said} if outcome else None
    return {"name": saved.name, "app_type": saved.app_type, "fields": list(saved.value), "tried": tried}


def _tried(connector: "Connector", saved: "Saved", quiet: bool) -> "Outcome":
    from stacksync.dev.environment.installation import provide_interpreter
    from stacksync.studio.connections.trying import try_connection

    with progress(quiet=quiet, err=True) as tell:
        interpreter, _ = provide_interpreter(connector.root, tell)
    return try_connection(connector, interpreter, saved, lambda line: None if quiet else say(line, err=True))
