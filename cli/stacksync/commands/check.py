"""`stacksync check`: find what is wrong before anyone runs it."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.terminal import say, writer

if TYPE_CHECKING:
    from stacksync.inspection.inspection import Inspection

EXAMPLE = "Example: stacksync check --fix --ignore SCH008"


class Format(str, Enum):
    """How findings are reported."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"


def check(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A connector, or a file or folder in one.")] = Path(),
    report: Annotated[Format, typer.Option("--format", help="How to report.")] = Format.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too; never on notes.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Apply safe fixes; others only with --select CODE.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODES",
            autocompletion=completion.rule_codes,
            help="Run only these rules (SCH,PY001); may be repeated.",
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CODES", autocompletion=completion.rule_codes, help="Skip these rules; may be repeated."),
    ] = None,
    explain: Annotated[
        str | None, typer.Option(metavar="CODE", autocompletion=completion.rule_codes, help="Explain a rule and exit.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print one line per finding, nothing else.")] = False,
) -> None:
    """Find what is wrong in a connector, where, and what to do.

    Nothing of the connector is imported or run. Exits with 1 when there are errors.
    """
    # Loaded here: `stacksync --help` needs none of it.
    if explain is not None:
        from stacksync.reports.rules_page import explanation

        say(explanation(explain))
        return

    from stacksync.inspection.inspection import inspect, locate
    from stacksync.inspection.selection import read_selection

    selection = read_selection(locate(path).root, select or (), ignore or ())
    fixed = 0
    if fix:
        from stacksync.inspection.fixing import fix as apply_fixes

        inspection, fixed = apply_fixes(path, selection)
    else:
        inspection = inspect(path, selection)

    if fixed and not quiet:
        say(f"Fixed {fixed}.", err=True)
    _print(inspection, Format.json if as_json else report, quiet)
    if inspection.fails(strict=strict):
        raise typer.Exit(1)


def _print(inspection: "Inspection", report: Format, quiet: bool) -> None:
    if report is Format.text:
        _print_text(inspection, quiet)
        return

    from stacksync.reports import machine

    write = {Format.json: machine.as_json, Format.github: machine.as_github, Format.sarif: machine.as_sarif}
    text = write[report](inspection)
    if text:
        say(text)


def _print_text(inspection: "Inspection", quiet: bool) -> None:
    from stacksync.reports.text import lines

    write = writer()
    for line in lines(inspection, quiet):
        write(line, False)
