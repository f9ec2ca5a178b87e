"""`stacksync update`: take a template release."""

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.shared_options import AsJson, Quiet
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.updates.rehearsal import UpdateOptions
    from stacksync.updates.reports import Report
    from stacksync.updates.target import Target

EXAMPLE = "Example: stacksync update --check, then stacksync update --diff, then stacksync update"


def update(
    to: Annotated[str | None, typer.Option(metavar="vX.Y.Z", help="Release to go to; by default the newest.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if there is a newer release; change nothing.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print the update as a patch; change nothing.")] = False,
    drift: Annotated[bool, typer.Option("--drift", help="List the template's files that were edited here.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo an update that is not committed yet.")] = False,
    module: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=completion.module_paths,
            help="Update only this module: NAME or NAME/VERSION.",
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE", autocompletion=completion.answers, help="Answer a question again; may be repeated."
        ),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask new questions instead of taking their defaults.")] = False,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="With --drift: compare with this command's template.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use the releases that came with this command.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Update the current connector to a newer template release.

    It merges as `copier update` does: src/modules is never touched, your edits elsewhere are kept. Needs everything
    committed. Exits with 1 when files are in conflict; --undo puts everything back until you commit.
    """
    from stacksync.answers import from_options
    from stacksync.asking import HOW_TO_ANSWER
    from stacksync.connector import find_connector
    from stacksync.errors import UsageError
    from stacksync.updates import reports
    from stacksync.updates.offline import network
    from stacksync.updates.rehearsal import UpdateOptions
    from stacksync.updates.target import find_target

    only_one(check=check, diff=diff, drift=drift, undo=undo)
    _refuse_answers(bool(data), ask, unused=check or drift or undo)
    if embedded and not drift:
        raise UsageError("--embedded goes with --drift.", "stacksync update --drift --embedded")
    if ask:
        say(HOW_TO_ANSWER, err=True)
    options = UpdateOptions("", from_options(data or ()), ask)
    connector = find_connector()
    if undo:
        _show(reports.of_undo(connector.root), as_json, quiet)
        return

    target = find_target(connector, module)
    with network(target, offline=offline):
        if diff:
            _print_patch(target, to, options, as_json, quiet)
            return

        if drift:
            report = reports.of_drift(target, embedded=embedded)
        elif check:
            report = reports.of_check(target, to)
        else:
            report = reports.of_update(target, to, options)
    _show(report, as_json, quiet)
    raise typer.Exit(report.exit_code)


def only_one(**modes: bool) -> None:
    """Refuse options that ask for different things."""
    from stacksync.errors import UsageError

    chosen = [f"--{name}" for name, wanted in modes.items() if wanted]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} cannot be used together.", "use one of them")


def _refuse_answers(data: bool, ask: bool, *, unused: bool) -> None:
    from stacksync.errors import UsageError

    if unused and (data or ask):
        raise UsageError("--data and --ask go with an update, or with --diff.", "leave them out")
    if ask and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--ask needs a terminal.", "answer by options: --data KEY=VALUE")


def _show(report: "Report", as_json: bool, quiet: bool) -> None:
    if as_json:
        say(json.dumps(report.facts, indent=2))
    elif not quiet:
        say("\n".join(report.lines))


def _print_patch(target: "Target", to: str | None, options: "UpdateOptions", as_json: bool, quiet: bool) -> None:
    from stacksync.updates.releases import is_newer
    from stacksync.updates.target import find_release
    from stacksync.updates.update import preview

    release = find_release(target, to)
    newer = is_newer(release, target.current)
    wanted = replace(options, release=release if newer else target.current)
    patch = preview(target, wanted) if newer or options.given else b""
    if as_json:
        facts = {"current": target.current, "release": release, "patch": patch.decode(errors="replace")}
        say(json.dumps(facts, indent=2))
    elif not quiet:
        # A patch is bytes: what it holds need not be text that this terminal can show.
        sys.stdout.flush()
        sys.stdout.buffer.write(patch)
