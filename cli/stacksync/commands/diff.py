"""`stacksync diff`: what changes of forms mean for workflows that are stored."""

import shutil
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.errors import UsageError
from stacksync.shared_options import AsJson
from stacksync.terminal import in_one_line, say, writer

if TYPE_CHECKING:
    from stacksync.comparison.comparing import Compared

EXAMPLE = "Example: stacksync diff --against origin/main"


def diff(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODULE V1 V2 | MODULE...]",
            autocompletion=completion.module_paths,
            show_default=False,
            help="A module and two of its versions; with --against modules, by default all.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Compare the files with a commit of the repository: a branch, tag or id."),
    ] = None,
    load: Annotated[
        bool,
        typer.Option("--load", help="Run the code that makes forms, with --against also REF's, and compare those."),
    ] = False,
    texts: Annotated[bool, typer.Option("--texts", help="Show each changed label and description.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code tells.")] = False,
) -> None:
    """Compare forms, and say what breaks stored workflows.

    Forms are compared with their rules applied. Nothing of the connector is imported or run without --load. Exits with
    1 when something is breaking.
    """
    from stacksync.comparison.comparing import compare_versions, compare_with
    from stacksync.connector import find_connector

    given = names or []
    if against is None and len(given) != 3:
        raise UsageError("There is nothing to compare with.", "stacksync diff MODULE v1 v2, or --against REF")

    connector = find_connector()
    if against is None:
        compared = compare_versions(connector, given, load=load)
    else:
        compared = compare_with(connector, against, given, load=load)
    if not quiet:
        _print(compared, against, texts, as_json)
    if compared.is_breaking:
        raise typer.Exit(1)


def _print(compared: "Compared", against: str | None, texts: bool, as_json: bool) -> None:
    from stacksync.reports import differences

    if as_json:
        say(differences.as_json(compared.found, against, compared.notes))
        return

    write = writer()
    for line in differences.lines(compared.found, shutil.get_terminal_size().columns, texts=texts):
        write(line, False)
    for note in compared.notes:
        write([("not compared: ", "yellow"), (in_one_line(note), "")], False)
