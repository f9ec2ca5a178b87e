"""`stacksync remove-module`: remove a module or one version of it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.shared_options import AsJson, Quiet
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.modules.removing import Loss, Removal

EXAMPLE = "Example: stacksync remove-module get_contacts --version v2"


def remove_module(
    name: Annotated[
        str, typer.Argument(metavar="NAME", autocompletion=completion.module_names, help="The module's folder.")
    ],
    version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            autocompletion=completion.version_names,
            help="Remove this version only; by default all of them.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Remove it even if work would be lost.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be removed; remove nothing.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Remove the module NAME, or one version of it.

    The module's folder goes with its last version. Refuses if work would be lost: edits to a module that stacksync
    added, or uncommitted files in any other module.
    """
    from stacksync.connector import find_connector
    from stacksync.modules.removing import losses_of, plan_removal, refuse_losses, remove

    removal = plan_removal(find_connector(), name, version)
    files = removal.files
    losses = [] if force and not dry_run else losses_of(removal)
    if not dry_run:
        refuse_losses(removal, losses)
        remove(removal)

    if as_json:
        say(_as_json(removal, files, losses))
    elif not quiet:
        say(_as_preview(removal, files, losses) if dry_run else _as_text(removal, files))


def _as_json(removal: "Removal", files: list[str], losses: "list[Loss]") -> str:
    names = {"module": removal.module[0].module, "versions": [version.version for version in removal.versions]}
    lost = [vars(loss) for loss in losses]
    return json.dumps({**names, "path": str(removal.path), "files": files, "lost": lost}, indent=2)


def _as_preview(removal: "Removal", files: list[str], losses: "list[Loss]") -> str:
    reasons = {loss.file: f"   ({loss.why})" for loss in losses}
    lines = [f"Would remove {removal.connector.relative(removal.path)}, {len(files)} files:"]
    lines += [f"  {file}{reasons.get(file, '')}" for file in files]
    return "\n".join([*lines, *(["Refused without --force: what is marked would be lost."] if losses else [])])


def _as_text(removal: "Removal", files: list[str]) -> str:
    done = f"Removed {removal.connector.relative(removal.path)}, {len(files)} files."
    if any(removal.connector.modules_dir.iterdir()):
        return done

    empty = removal.connector.relative(removal.connector.modules_dir)
    return f"{done}\n{empty} is empty now. Git keeps no empty folder, and a connector does not start without it."
