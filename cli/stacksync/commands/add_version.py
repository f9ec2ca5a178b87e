"""`stacksync add-version`: copy a version of a module to the next one."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.shared_options import AsJson, Quiet
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.modules.copying import Copied, VersionCopy

EXAMPLE = "Example: stacksync add-version get_contacts"


def add_version(
    module: Annotated[
        str, typer.Argument(metavar="MODULE", autocompletion=completion.module_names, help="The module's folder.")
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="VERSION",
            autocompletion=completion.version_names,
            help="Version to copy; by default the newest.",
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="New version; by default the next number.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the files; write nothing.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Copy a version of MODULE to the next free number.

    Workflows that use the old version keep it. In the copy, every place that names module and version follows: URLs,
    paths, imports, module_version.
    """
    from stacksync.connector import find_connector
    from stacksync.modules.copying import copy_version, plan_copy, preview_copy

    copy = plan_copy(find_connector(), module, source, target)
    copied = preview_copy(copy) if dry_run else copy_version(copy)

    if as_json:
        say(_as_json(copy, copied))
    elif not quiet:
        say(_as_text(copy, copied, dry_run))


def _as_json(copy: "VersionCopy", copied: "Copied") -> str:
    place = {"module": copy.version.module, "version": copy.target.name, "from": copy.version.version}
    return json.dumps({**place, "path": str(copy.target), **vars(copied)}, indent=2)


def _as_text(copy: "VersionCopy", copied: "Copied", dry_run: bool) -> str:
    old, new = copy.version.version, copy.target.name
    made = f"{copy.connector.relative(copy.target)} from {old}, {len(copied.files)} files"
    lines = [f"Would make {made}:", *(f"  {file}" for file in copied.files)] if dry_run else [f"Made {made}."]
    if copied.changed:
        lines.append(f"The version followed in {', '.join(copied.changed)}.")
    if copied.left:
        lines.append(f"{old} still stands in {', '.join(copied.left)}: see whether it is the module's.")
    if not dry_run:
        lines.append(f"Workflows that use {old} keep it; {new} answers after a restart.")
        lines.append(f"What its form breaks, once it is changed: stacksync diff {copy.version.module} {old} {new}")
    return "\n".join(lines)
