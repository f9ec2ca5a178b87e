"""`stacksync invoke`: call a module from the shell."""

import json
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stacksync import completion
from stacksync.terminal import progress, say

if TYPE_CHECKING:
    from stacksync.invocation.call import Called
    from stacksync.invocation.invoking import Target
    from stacksync.invocation.options import Options
    from stacksync.runtime import VersionFolder

EXAMPLE = "Example: stacksync invoke get_contacts --set limit=5 --connection my_crm"


def invoke_module(
    context: typer.Context,
    module: Annotated[
        str, typer.Argument(metavar="MODULE", autocompletion=completion.module_names, help="The module's folder.")
    ],
    version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            autocompletion=completion.version_names,
            help="The version to call; by default the newest.",
        ),
    ] = None,
    endpoint: Annotated[
        Literal["execute", "content", "schema"] | None, typer.Option(help="What to call; by default execute.")
    ] = None,
    content_objects: Annotated[
        list[str] | None,
        typer.Option(
            "--content-object", metavar="NAME", help="Ask content for these choices; by default all of the form."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--input", metavar="JSON|@FILE|@-", help="What is filled in; by default the form's defaults."),
    ] = None,
    envelope: Annotated[bool, typer.Option("--envelope", help="--input is the whole body, sent as it is.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=TEXT", help=r"Fill in a field, as text: a.b=1, rows.0.id=7; \. for a dot."),
    ] = None,
    json_settings: Annotated[
        list[str] | None, typer.Option("--set-json", metavar="PATH=JSON", help="Fill in any other value.")
    ] = None,
    example: Annotated[
        str | None, typer.Option(metavar="NAME", help="Replay an example; exit 0 if the answer is as it expects.")
    ] = None,
    connection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use a connection saved by `stacksync connect` or Studio.")
    ] = None,
    stand_in: Annotated[
        bool, typer.Option("--stand-in", help="Call the API that tests/stand_in.py declares, not the real one.")
    ] = False,
    variables: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON or YAML with what replaces templates, by their names.")
    ] = None,
    save_example: Annotated[
        str | None, typer.Option(metavar="NAME", help="Keep the call and its answer as an example.")
    ] = None,
    calls: Annotated[bool, typer.Option("--calls", help="Show the calls to APIs that the module made.")] = False,
    record: Annotated[
        str | None, typer.Option(metavar="NAME", help="Record what the module calls as a cassette; it is shown first.")
    ] = None,
    replay: Annotated[
        str | None, typer.Option(metavar="NAME", help="Play a cassette back instead of calling the API.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write what --record records without asking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON: status, answer, difference.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer and errors only.")] = False,
) -> None:
    """Call MODULE as the platform does, without a server.

    It runs in the connector's environment, and .env is read. The answer is all that goes to standard output; what the
    module prints and logs goes to standard error. An error answer exits 1. On a terminal, what the form requires and
    is not given is asked for; with nothing given, the whole form.
    """
    from stacksync.connector import find_connector
    from stacksync.dev.environment.installation import provide_interpreter
    from stacksync.invocation.invoking import Target, invoke
    from stacksync.invocation.options import Options
    from stacksync.modules.copying import named, versions_of

    # All of the parameters that are named as its fields are, so that a new one is declared in two places and no third.
    options = Options.typed(context.params)
    options.refuse_combinations()
    connector = find_connector()
    versions = versions_of(connector, module)
    folder = named(versions, version) if version else versions[-1]
    with progress(quiet=quiet, err=True) as tell:
        interpreter, lacking = provide_interpreter(connector.root, tell)
    if lacking and not quiet:
        say(f"warning: {interpreter.lacks(lacking, root=connector.root)}", err=True)

    target = Target(connector, folder, interpreter)
    called = invoke(target, options, _silence if quiet else partial(say, err=True))
    say(_as_json(called, folder, calls=calls) if as_json else _as_text(called))
    if calls and not as_json:
        _tell_calls(called)
    _tell(called, quiet)
    if called.recording is not None:
        _keep(target, called.recording, options, quiet)
    if called.difference or called.faults or (called.is_error and example is None):
        raise typer.Exit(1)


def _keep(target: "Target", recording: Any, options: "Options", quiet: bool) -> None:
    """Write what was recorded, once it was agreed to."""
    from stacksync.cassettes import files
    from stacksync.cassettes.review import reviewed
    from stacksync.invocation import prompts

    file = files.place_of(target.connector, target.folder, str(options.record))
    content = recording if options.yes or not prompts.can_ask() else reviewed(recording)
    if content is None:
        say("Not written.", err=True)
        return

    name = files.write(target.connector, file, content)
    if not quiet:
        say(f"Recorded {name}: {len(content['calls'])} calls.", err=True)


def _silence(_line: str) -> None:
    """Leave out what the connector writes."""


def _tell(called: "Called", quiet: bool) -> None:
    if called.problem:
        say(f"Error: the module was not loaded: {called.problem}", err=True)
    for fault in called.faults:
        say(f"The calls are not those of the cassette: {fault}", err=True)
    if called.difference:
        say(f"The answer is not what the example expects: {called.difference}", err=True)
    if quiet:
        return
    for each in called.unknown:
        say(f"warning: {each}", err=True)
    for remark in called.remarks:
        say(f"warning: the platform expects another answer: {remark}", err=True)
    if called.saved:
        kind = ", which expects this error" if called.is_error else ""
        say(f"Saved {called.saved}{kind}.", err=True)


def _as_text(called: "Called") -> str:
    """Return the answer: JSON as people read it, anything else as it is."""
    return called.answer.text if called.content is None else _dumped(called.content)


def _tell_calls(called: "Called") -> None:
    from stacksync.invocation.calls import table

    for line in table(called.calls):
        say(line, err=True)


def _as_json(called: "Called", folder: "VersionFolder", *, calls: bool) -> str:
    place = {"module": folder.module, "version": folder.version, "endpoint": called.endpoint}
    body = called.answer.text if called.content is None else called.content
    more: dict[str, Any] = {"problem": called.problem, "difference": called.difference, "saved": called.saved}
    more["faults"] = list(called.faults)
    more["remarks"] = list(called.remarks)
    more["unknown"] = list(called.unknown)
    if calls:
        more["calls"] = [run.as_json() for run in called.calls]
    return _dumped({**place, "status": called.answer.status, "body": body, **more})


def _dumped(content: Any) -> str:
    """Return JSON with letters as they are, and escaped as JSON has it what would be an order to a terminal."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
