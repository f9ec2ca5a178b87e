"""`stacksync adopt`: make a connector of this template of one that is there."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.shared_options import AsJsonUnasked, Quiet, Ref, Template
from stacksync.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stacksync.requirements.adoption import Conflict
    from stacksync.updates.reports import Report

EXAMPLE = "Example: stacksync adopt --dry-run, then stacksync adopt, then git commit"


def adopt(
    path: Annotated[
        Path, typer.Argument(metavar="[PATH]", help="The connector's folder.", show_default=False)
    ] = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo an adoption that is not committed yet.")] = False,
    raise_pins: Annotated[
        bool, typer.Option("--raise-pins", help="Raise requirements that exclude what the runtime needs.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Answer yes to every question; ask nothing.")] = False,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            autocompletion=completion.answers,
            help="Answer a question otherwise than the files do; may be repeated.",
        ),
    ] = None,
    template: Template = None,
    ref: Ref = None,
    as_json: AsJsonUnasked = False,
    quiet: Quiet = False,
) -> None:
    """Turn an existing connector into one of this template.

    Its modules stay as they are. Needs everything committed, and commits nothing: look at the changes, then commit
    them, or put everything back with --undo.
    """
    # Loaded here: `stacksync --help` needs none of it.
    from stacksync.adopt.adopting import adopt, preview
    from stacksync.adopt.order import Order
    from stacksync.adopt.reports import of_adoption
    from stacksync.answers import checked, from_options, questions_of
    from stacksync.commands.update import only_one
    from stacksync.errors import UsageError
    from stacksync.source import find_source
    from stacksync.terminal import progress
    from stacksync.updates.reports import of_undo

    only_one(**{"dry-run": dry_run, "undo": undo})
    root = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would leave by links
    if not root.is_dir():
        raise UsageError(f"{path} is not a folder.", "stacksync adopt PATH, with the folder of a connector")
    if undo:
        _show(of_undo(root, "adopt"), as_json, quiet)
        return

    source = find_source(template, ref)
    given = from_options(data or ())
    given = checked(given, questions_of(source.root, "connector")) if source.root else given
    with progress(quiet=quiet, err=True) as tell:
        order = Order(root, source, given, _agreement(tell, raises=raise_pins or yes, asks=not as_json))
        adoption = (preview if dry_run else adopt)(order, tell)
    if source.warning and not quiet:
        say(f"warning: {source.warning}", err=True)
    _show(of_adoption(adoption, source, dry_run=dry_run), as_json, quiet)


def _agreement(tell: "Callable[[str], None]", *, raises: bool, asks: bool) -> "Callable[[Sequence[Conflict]], bool]":
    """Return what says whether to raise requirements: the option, or whoever sits at the terminal."""

    def agreed(conflicts: "Sequence[Conflict]") -> bool:
        if raises or not (asks and sys.stdin.isatty() and sys.stdout.isatty()):
            return raises

        tell("")  # what moves on the screen would wipe the question
        say("The runtime does not run with these requirements:", err=True)
        for each in conflicts:
            say(f"  {each.place}: {each.theirs}, needed {each.needed}", err=True)
        return typer.confirm("Raise them?", err=True)

    return agreed


def _show(report: "Report", as_json: bool, quiet: bool) -> None:
    if as_json:
        say(json.dumps(report.facts, indent=2))
    elif not quiet:
        say("\n".join(report.lines))
