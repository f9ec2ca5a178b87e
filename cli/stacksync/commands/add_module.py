"""`stacksync add-module`: add a module to a connector."""

import json
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync.shared_options import AsJson, Quiet
from stacksync.terminal import say

if TYPE_CHECKING:
    from stacksync.modules.adding import Added, Addition

EXAMPLE = 'Example: stacksync add-module get_contacts --name "Get contacts"'


class Operation(str, Enum):
    """What a module does with records."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


def add_module(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its folder: lowercase letters, digits, underscores.")],
    title: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="Name shown to users; made from NAME by default.")
    ] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="What it does, in one line.")] = None,
    operation: Annotated[
        Operation | None, typer.Option(help="Make it do this with the records of an object that its user chooses.")
    ] = None,
    category: Annotated[str | None, typer.Option(metavar="TEXT", help="Category; by default action.")] = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Use this command's template, not the release of the connector.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the files; write nothing.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Add the module NAME to the current connector.

    It begins as the smallest module that works, of the template release that the connector was made from: form, code,
    configuration, example and tests. Nothing else is changed: the runtime finds the new folder. With --operation, it
    works on the records of the API, whose objects, fields and pages are in src/api_client.py.
    """
    from stacksync.answers import Given
    from stacksync.answers_file import read_answers
    from stacksync.connector import ANSWERS_FILE, find_connector
    from stacksync.modules.adding import Addition, add, preview, source_for

    options = {"module_title": ("--name", title), "module_description": ("--description", description)}
    options |= {"module_category": ("--category", category)}
    given = {question: Given(text, text, option) for question, (option, text) in options.items() if text is not None}
    connector = find_connector()
    source = source_for(read_answers(connector.root, ANSWERS_FILE), embedded=embedded)
    addition = Addition(connector, name, source, given, operation.value if operation else "")
    added = preview(addition) if dry_run else add(addition)

    if not (quiet or connector.has_runtime):
        say("note: there is no src/runtime here, so the module is written for workflows-cdk", err=True)
    if source.secret and not quiet:
        say(f"warning: {source.warning}", err=True)
    if as_json:
        say(_as_json(addition, added))
    elif not quiet:
        say(_as_text(addition, added, dry_run))


def _as_json(addition: "Addition", added: "Added") -> str:
    template = {"src": added.src_path, "ref": added.ref}
    report = {"module": addition.name, "version": added.path.name, "path": str(added.path)}
    return json.dumps({**report, "template": template, "files": added.files}, indent=2)


def _as_text(addition: "Addition", added: "Added", dry_run: bool) -> str:
    place = addition.connector.relative(added.path)
    count = f"{len(added.files)} files of the template {added.ref or 'without a version'}"
    if dry_run:
        return "\n".join([f"Would add {place}, {count}:", *(f"  {file}" for file in added.files)])

    from stacksync.shell import this_command

    steps = [
        f"{place}/schema.json   the form",
        f"{place}/route.py      the code",
        f"{this_command()} test {addition.name}",
    ]
    return "\n".join([f"Added {place}, {count}.", "", "Next:", *(f"  {step}" for step in steps)])
