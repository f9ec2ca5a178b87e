"""`stacksync new`: make a connector."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.shared_options import AsJsonUnasked, Quiet, Ref, Template
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.creation import Created
    from stacksync.filling import Kept

EXAMPLE = "Example: stacksync new my_connector --defaults --auth api_key"


def new(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Folder to create, or . for a new repository; its name becomes the app type."
        ),
    ],
    defaults: Annotated[bool, typer.Option("--defaults", "-y", help="Take the default answers; ask nothing.")] = False,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE", autocompletion=completion.answers, help="Answer a question; may be repeated."
        ),
    ] = None,
    data_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Answers as a YAML file.")] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            metavar="AUTH",
            autocompletion=completion.auth_choices,
            help="none, api_key, bearer, basic, oauth2 or custom: --data auth=AUTH.",
        ),
    ] = None,
    template: Template = None,
    ref: Ref = None,
    no_git: Annotated[bool, typer.Option("--no-git", help="Do not create a git repository.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the files; write nothing.")] = False,
    as_json: AsJsonUnasked = False,
    quiet: Quiet = False,
) -> None:
    """Make a connector in the folder NAME, a new one or `.`.

    In a terminal it asks what the options do not answer; elsewhere, with --defaults or with --json it takes the
    defaults. Ctrl-C at any moment leaves nothing behind.
    """
    # Loaded here: `stacksync --help` needs none of it.
    from stacksync.answers import gather
    from stacksync.asking import HOW_TO_ANSWER
    from stacksync.creation import NewConnector, create, preview
    from stacksync.naming import folder_for
    from stacksync.source import find_source

    path = folder_for(name)
    source = find_source(template, ref)
    pairs = [*(data or []), *([f"--auth={auth}"] if auth else [])]
    given = gather(source.root, path.name, data_file, pairs, here=path.exists())
    prompt = not (defaults or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    if prompt:
        say(HOW_TO_ANSWER, err=True)
    order = NewConnector(path, source, given, prompt=prompt, git=not no_git)
    created = preview(order) if dry_run else create(order)

    if not quiet:
        if not (defaults or as_json or prompt):
            _say("note", "no terminal to ask in, so the default answers were taken")
        if created.app_type != path.name:
            _say("note", f"the app type is {created.app_type}")
        for note in [*map(_of_kept, created.kept), *created.notes]:
            _say("note", note)
        if source.warning:
            _say("warning", source.warning)
    if as_json:
        say(_as_json(created))
    elif not quiet:
        say(_as_text(created, dry_run))


def _say(kind: str, text: str) -> None:
    say(f"{kind}: {text}", err=True)


def _of_kept(kept: "Kept") -> str:
    """Say how the template's file differs: a line that .gitignore lacks may let a secret be committed."""
    patterns = [line for line in kept.lacking if not line.startswith("#")]
    if kept.file == ".gitignore" and patterns:
        return f".gitignore was kept as it is; add these lines of the template's: {'  '.join(patterns)}"

    count = f"{len(kept.lacking)} line{'s' * (len(kept.lacking) != 1)}"
    return f"{kept.file} was kept as it is; the template's has {count} that it has not"


def _as_json(created: "Created") -> str:
    template = {"src": created.src_path, "ref": created.ref}
    report = {"path": str(created.path), "app_type": created.app_type, "template": template, "files": created.files}
    kept = [{"file": kept.file, "diff": kept.diff} for kept in created.kept]
    return json.dumps({**report, "kept": kept}, indent=2)


def _as_text(created: "Created", dry_run: bool) -> str:
    count = f"{len(created.files)} files of the template {created.ref or 'without a version'}"
    if dry_run:
        return "\n".join([f"Would make {created.path}, {count}:", *(f"  {file}" for file in created.files)])

    from stacksync.hooks import hook

    steps = hook("next_steps")(created.path, created.port)
    return "\n".join([f"Made {created.path}, {count}.", "", "Next:", *(f"  {step}" for step in steps)])
