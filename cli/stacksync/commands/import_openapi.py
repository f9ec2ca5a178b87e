"""`stacksync import openapi`: make modules of the operations of an API description."""

import json
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stacksync.terminal import in_one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stacksync.connector import Connector
    from stacksync.openapi.description import Description
    from stacksync.openapi.enriching import Catalogue
    from stacksync.openapi.importing import Import, Wanted
    from stacksync.openapi.lists import Proposal
    from stacksync.openapi.operations import Operation

EXAMPLE = 'Example: stacksync import openapi openapi.yaml --select "GET /contacts*"'
SELECT = "Only those that match: METHOD and path, path, tag or operation id; * stands for any text. May be repeated."


class Kind(str, Enum):
    """What operations become."""

    RECORDS = "records"
    ACTIONS = "actions"


def import_openapi(
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="The description: OpenAPI 3.0, 3.1 or Swagger 2.")],
    list_: Annotated[bool, typer.Option("--list", help="Show the operations with what each would become.")] = False,
    patterns: Annotated[list[str] | None, typer.Option("--select", metavar="PATTERN", help=SELECT)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every operation.")] = False,
    kind: Annotated[
        Kind | None, typer.Option("--as", help="Make all of them this; by default what each is recognised as.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="The server to call, or a part of its address.")
    ] = None,
    auth: Annotated[str | None, typer.Option(metavar="NAME", help="The security scheme to use, by its name.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Where it is stored: src/api/NAME.")] = None,
    allowed: Annotated[
        list[str] | None,
        typer.Option("--allow-ref", metavar="FOLDER|URL", help="References may lead there too. May be repeated."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take the dropdowns that are proposed.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the files; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Make modules of the operations of an API description, in the current connector.

    What lists, gets, creates, updates or deletes records becomes an object of list_records to delete_records; any other
    operation becomes a module of its own. What the description says is mapped here, once, and stored in src/api; code
    and forms are yours from then on, and a module that is there already is left alone.
    """
    from stacksync.openapi.description import read_description

    connector = _connector(needed=not list_)  # before anything is read or fetched
    description = read_description(source, allowed or ())
    catalogue = _catalogue(description, connector, name)
    if not quiet:
        for told in [*(f"note: {each}" for each in description.redirects)]:
            say(told, err=True)
    if list_:
        say(_list(catalogue, patterns or [], as_json, kind))
        return

    from stacksync.openapi.importing import prepare
    from stacksync.openapi.writing import write

    wanted = _wanted(catalogue, _Options(patterns or [], everything, server, auth, name, yes or as_json, kind))

    made = prepare(wanted)
    if not dry_run:
        write(wanted.connector.root, made.files, made.folders)
    if as_json:
        say(json.dumps(_report(wanted, made), indent=2))
    elif not quiet:
        say(_as_text(wanted, made, dry_run))


def _connector(*, needed: bool) -> "Connector | None":
    from stacksync.connector import find_connector
    from stacksync.errors import UsageError

    try:
        return find_connector()
    except UsageError:
        if needed:
            raise
        return None


def _catalogue(description: "Description", connector: "Connector | None", wanted: str | None) -> "Catalogue":
    """Return the operations as they become something here: by the user's overrides, and the names that they have."""
    from stacksync.openapi.enriching import Catalogue
    from stacksync.openapi.held import known_names, read_index
    from stacksync.openapi.importing import api_name
    from stacksync.openapi.mapping import Mapper
    from stacksync.openapi.overrides import read_overrides

    name = api_name(description, wanted)
    if connector is None:
        return Catalogue(Mapper(description))

    index = read_index(connector, name)
    mapper = Mapper(description, known_headers=index.get("headers", ()))
    return Catalogue(mapper, read_overrides(connector, name), known_names(index))


class _Options:
    """What of the command line says what to import."""

    def __init__(
        self,
        patterns: list[str],
        everything: bool,
        server: str | None,
        auth: str | None,
        name: str | None,
        yes: bool,
        kind: Kind | None,
    ) -> None:
        self.patterns, self.everything, self.server, self.auth = patterns, everything, server, auth
        self.name, self.yes, self.kind = name, yes, kind.value if kind else ""


def _wanted(catalogue: "Catalogue", options: _Options) -> "Wanted":
    from stacksync.connector import find_connector
    from stacksync.openapi.access import scheme_for, server_for
    from stacksync.openapi.api_client import settings_for
    from stacksync.openapi.importing import Wanted, api_name

    connector, description = find_connector(), catalogue.mapper.description
    name = api_name(description, options.name)
    operations = _chosen(catalogue, options)
    server, scheme = server_for(description, options.server), scheme_for(description, options.auth)
    accepted = accepted_dropdowns(catalogue, operations, is_asked=not options.yes)
    settings = settings_for(connector, server, scheme)
    return Wanted(connector, catalogue, operations, server, scheme, settings, accepted, name, options.kind)


def _chosen(catalogue: "Catalogue", options: _Options) -> "Sequence[Operation]":
    from stacksync.errors import UsageError
    from stacksync.invocation.prompts import can_ask
    from stacksync.openapi.selecting import MOST_UNASKED, select

    known = catalogue.operations
    if options.patterns:
        return select(known, options.patterns)
    if options.everything:
        return known
    if options.yes:
        if len(known) <= MOST_UNASKED:
            return known
        fault = f"These are {len(known)} operations, more than are imported unasked."
        raise UsageError(fault, "--select names some of them, --all takes them all, --list shows them")
    if not can_ask():
        raise UsageError("Which operations are wanted?", "--select names some, --all takes them all, --list shows them")

    return _asked(catalogue)


def _asked(catalogue: "Catalogue") -> "Sequence[Operation]":
    from stacksync.errors import UsageError
    from stacksync.invocation.prompts import Asked, choose_some

    options = [(_line(catalogue, each), each, False) for each in catalogue.operations]
    chosen: list[Any] = choose_some(Asked("Which operations?"), options)
    if not chosen:
        raise UsageError("No operation was chosen.")
    return chosen


def accepted_dropdowns(
    catalogue: "Catalogue", operations: "Sequence[Operation]", *, is_asked: bool
) -> "list[tuple[Operation, Proposal]]":
    """Return the dropdowns that are proposed, once they are confirmed."""
    from stacksync.invocation.prompts import Asked, can_ask, confirm

    found = [(operation, each) for operation in operations for each in catalogue.proposals(operation)]
    if not is_asked or not found:
        return found
    if not can_ask():
        return []

    evidence = [f"  {each.field} of {operation.address}: {each.evidence}" for operation, each in found]
    shown = [in_one_line(each) for each in evidence[:40]]
    more = [f"  and {len(evidence) - 40} more"] if len(evidence) > 40 else []
    say("\n".join(["These fields could be dropdowns, filled by a list of the API:", *shown, *more]), err=True)
    return found if confirm(Asked("Make them dropdowns?"), default=True) else []


def _line(catalogue: "Catalogue", operation: "Operation") -> str:
    return in_one_line(f"{operation.address}  {operation.summary[:60]}".strip())


def _list(catalogue: "Catalogue", patterns: list[str], as_json: bool, kind: Kind | None) -> str:
    from stacksync.openapi.importing import becomes
    from stacksync.openapi.resources import resources_of
    from stacksync.openapi.selecting import select

    operations = select(catalogue.operations, patterns) if patterns else catalogue.operations
    resources = [] if kind is Kind.ACTIONS else resources_of(catalogue)
    modules = {one.address: f"{does}_records" for each in resources for does, one in each.operations.items()}
    if kind is Kind.RECORDS:
        operations = [each for each in operations if each.address in modules]
    names = catalogue.names
    rows = [becomes(catalogue.mapped(each), names[each.address], modules.get(each.address, "")) for each in operations]
    dangling, unused = list(catalogue.mapper.description.dangling), list(catalogue.overrides.unused)
    if as_json:
        return json.dumps({"operations": rows, "dangling_references": dangling, "warnings": unused}, indent=2)

    width = min(60, max((len(str(each["operation"])) for each in rows), default=0))
    lines = [f"{in_one_line(str(each['operation'])):{width}}  {_told(each)}" for each in rows]
    count = f"{len(rows)} operations, {sum(each['module'] is not None for each in rows)} of which can be imported."
    return "\n".join([*lines, "", count, *(f"warning: {each}" for each in [*dangling, *unused])])


def _told(row: dict[str, Any]) -> str:
    if row["module"] is None:
        return f"- {row['reason']}"

    losses = len(row["losses"])
    told = f"{row['module']}, {row['fields']} field{'' if row['fields'] == 1 else 's'}"
    return f"{told}, {losses} loss{'' if losses == 1 else 'es'}" if losses else told


def _report(wanted: "Wanted", made: "Import") -> dict[str, Any]:
    from stacksync.openapi.api_client import as_json

    return {
        "api": wanted.name,
        "modules": [
            {"module": name, "operations": [one.address for one in each]} for name, each in made.modules.items()
        ],
        "kept": made.kept,
        "extended": made.extended,
        "refused": made.refused,
        "losses": {name: list(each) for name, each in made.losses.items()},
        "dangling_references": list(wanted.catalogue.mapper.description.dangling),
        "warnings": list(wanted.catalogue.overrides.unused),
        "client": as_json(wanted.settings),
        "files": made.paths,
    }


def _as_text(wanted: "Wanted", made: "Import", dry_run: bool) -> str:
    from stacksync.shell import this_command

    dangling = wanted.catalogue.mapper.description.dangling
    notes = [f"note: {each}" for each in wanted.settings.notes]
    notes += [f"note: {name} was there already, and stays as it is" for name in made.kept]
    notes += [f"note: {name} was there already, and serves the new objects too" for name in made.extended]
    notes += [f"note: {address} is left out: {reason}" for address, reason in made.refused.items()]
    notes += [f"note: {name}: {loss}" for name, losses in made.losses.items() for loss in losses]
    notes += [f"warning: {each}" for each in [*dangling, *wanted.catalogue.overrides.unused]]
    said = f"{len(made.modules)} modules, {len(made.paths)} files"
    if dry_run:
        return "\n".join([*notes, f"Would make {said}:", *(f"  {path}" for path in made.paths)])

    steps = [f"{this_command()} check", f"{this_command()} test", f"{this_command()} dev"]
    listed = [f"  {name}{_objects(each) if name in made.records else ''}" for name, each in made.modules.items()]
    return "\n".join([*notes, f"Made {said}:", *listed, "", "Next:", *(f"  {step}" for step in steps)])


def _objects(operations: "Sequence[Operation]") -> str:
    return f", {len(operations)} object{'' if len(operations) == 1 else 's'}"
