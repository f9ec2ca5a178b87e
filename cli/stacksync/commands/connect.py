"""`stacksync connect`: save a connection on this machine."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.connector import Connector

EXAMPLE = "Example: stacksync connect my_crm --from-env api_key=CRM_API_KEY"


def connect(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it.")],
    app_type: Annotated[
        str | None,
        typer.Option("--type", metavar="APP_TYPE", help="Its type; by default that which the forms ask for."),
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
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Save a connection called NAME on this machine.

    On a terminal it asks for the fields of the type, and shows none of what is typed. `invoke --connection NAME` and
    Studio send it to modules as the platform would. It is kept in .stacksync/connections.json, which only you can read
    and git ignores. One of the same name is replaced.
    """
    from stacksync.connector import find_connector
    from stacksync.studio.connections import storing
    from stacksync.studio.connections.saved import Connections, Saved

    connector = find_connector()
    given: dict[str, Any] = storing.read_file(from_file) if from_file is not None else {}
    given |= storing.read_variables(from_env or ())
    kind = app_type or _app_type(connector)
    saved = Saved(name, kind, management, given or _asked(kind))
    replaced = storing.store(Connections(connector.root), saved)
    if as_json:
        say(json.dumps({"name": name, "app_type": kind, "fields": list(saved.value), "replaced": replaced}, indent=2))
    elif not quiet:
        say(f"{'Replaced' if replaced else 'Saved'} the connection {name} ({kind}): {', '.join(saved.value)}.")


def _app_type(connector: "Connector") -> str:
    from stacksync.errors import UsageError
    from stacksync.invocation import prompts
    from stacksync.studio.connections.storing import app_types

    known = app_types(connector)
    if len(known) == 1:
        return known[0]
    if not prompts.can_ask():
        which = f"the forms ask for {', '.join(known)}" if known else "such as --type generic_api_credentials"
        raise UsageError("It is not clear of which type the connection is: use --type.", which)

    if known:
        return str(prompts.choose(prompts.Asked("Type"), [(each, each) for each in known]))
    return prompts.text(prompts.Asked("Type", validate=lambda text: bool(text.strip()) or "Such as hubspot.")).strip()


def _asked(app_type: str) -> dict[str, str]:
    from stacksync.errors import UsageError
    from stacksync.invocation import prompts
    from stacksync.studio.connections.storing import ask_fields, fields_of

    if not prompts.can_ask():
        tip = f"the fields of {app_type} are {', '.join(fields_of(app_type)) or 'what your API needs'}"
        raise UsageError("There is no terminal to ask for the values on: use --from-file or --from-env.", tip)

    def value(field: str) -> str:
        return prompts.password(prompts.Asked(f"{field} (not shown; Enter leaves it out)"))

    return ask_fields(app_type, value, lambda: prompts.text(prompts.Asked("Field (Enter ends)")).strip())
