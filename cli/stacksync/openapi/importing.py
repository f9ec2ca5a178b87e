"""An import: what is stored of a description, and the modules that are made; all of it is written, or nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.openapi.access import Scheme, servers_of
from stacksync.openapi.actions import Action
from stacksync.openapi.api_client import Settings
from stacksync.openapi.description import Description
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.held import INDEX, RESOURCES, STORE, read_index, read_resources
from stacksync.openapi.lists import Proposal
from stacksync.openapi.mapping import MAPPER, Mapped, Mapper
from stacksync.openapi.names import is_module_name, plain_name
from stacksync.openapi.operations import Operation
from stacksync.openapi.places import WEB, shown
from stacksync.openapi.readings import reading_of
from stacksync.openapi.record_modules import RecordModule
from stacksync.openapi.resources import OPERATIONS, Resource, extended, resources_of, stored

READER = Path(__file__).parent / "reader"
BROUGHT = ("call.py", "operations.py", "plan.py", "stand_in.py")
BROUGHT_FOR_RECORDS = "records.py"


@dataclass(frozen=True)
class Wanted:
    """What to import, and how.

    Args:
        connector: The connector it goes into.
        catalogue: The description's operations.
        operations: Those that are wanted.
        server: Where the API begins.
        scheme: How its callers prove who they are.
        settings: What is set in the connector's client.
        accepted: The dropdowns that the user confirmed.
        name: The folder in which the API is stored.
        kind: Only `records`, only `actions`, or what each operation is recognised as.
    """

    connector: Connector
    catalogue: Catalogue
    operations: Sequence[Operation]
    server: str
    scheme: Scheme | None
    settings: Settings
    accepted: Sequence[tuple[Operation, Proposal]] = ()
    name: str = "api"
    kind: str = ""

    @property
    def resources(self) -> list[Resource]:
        """The resources of which operations are wanted, with those."""
        if self.kind == "actions":
            return []

        addresses = {each.address for each in self.operations}
        found = []
        for each in resources_of(self.catalogue, read_resources(self.connector, self.name)):
            kept = {name: one for name, one in each.operations.items() if one.address in addresses}
            found += [replace(each, operations=kept)] if kept else []
        return found


@dataclass
class Import:
    """What an import writes.

    Attributes:
        modules: The modules that it makes, with the operations of each.
        records: Those of them that work on the records of any object.
        refused: Operations that cannot be called, and why.
        kept: Modules that were there already, and stay as they are.
        extended: Modules for records that were there already, and serve further objects.
        losses: What the form of a module cannot say as the API means it.
        files: Content by path, from the connector's root; those of `folders` besides.
        folders: Files of new folders, by the folder's path.
    """

    modules: dict[str, list[Operation]] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    losses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    folders: dict[str, dict[str, bytes]] = field(default_factory=dict)

    @property
    def actions(self) -> dict[str, Operation]:
        """The operations of modules that have one of their own."""
        return {name: each[0] for name, each in self.modules.items() if name not in self.records}

    @property
    def paths(self) -> list[str]:
        """Every file that is written."""
        inner = [f"{folder}/{name}" for folder, files in self.folders.items() for name in files]
        return sorted([*self.files, *inner])


def api_name(description: Description, wanted: str | None = None) -> str:
    """Return the name of the folder in which an API is stored: the one asked for, or made of its title.

    Raises:
        UsageError: It can be none.
    """
    if wanted is not None:
        if not is_module_name(wanted):
            raise UsageError(f"--name {wanted!r} must be lowercase letters, digits and underscores, a letter first.")
        return wanted

    made = plain_name(description.root.part("info").text("title"))[:40].strip("_").removesuffix("_api")
    return made if is_module_name(made) else "imported"


def prepare(wanted: Wanted) -> Import:
    """Return what an import would write; nothing is written.

    Raises:
        StacksyncError: The connector cannot take it.
    """
    connector = wanted.connector
    if not connector.has_runtime:
        raise StacksyncError(
            "This connector has no src/runtime, which imported modules need.", "stacksync new makes one"
        )
    modules = connector.relative(connector.require_modules_dir())
    stored_index = read_index(connector, wanted.name)
    made, names = Import(), dict(stored_index.get("operations", {}))
    resources = wanted.resources
    of_records = {one.address: one for each in resources for one in each.operations.values()}
    for operation in wanted.operations:
        if operation.address not in of_records and wanted.kind != "records":
            _add(made, wanted, operation, modules)
    _add_records(made, wanted, resources, modules)
    sources = {each.listing.operation.address: each.listing.operation for _, each in wanted.accepted}
    held = {address: name for name, address in names.items()}
    for operation in {
        each.address: each for each in [*made.actions.values(), *of_records.values(), *sources.values()]
    }.values():
        # One that changed in a breaking way has another name than the first import gave it.
        name = held.get(operation.address, wanted.catalogue.names[operation.address])
        mapped = wanted.catalogue.mapped(operation, _accepted(wanted, operation))
        place = f"{STORE}/{wanted.name}/{name}.json"
        # What a module was made of stays the base of its form until an update is asked for.
        if name not in names or not (connector.root / place).is_file():
            made.files[place] = sorted_json(stored_of(wanted.catalogue.mapper, mapped))
        names[name] = operation.address
    former = stored_index.get("former")
    about = _about(wanted, names) | ({"former": former} if former else {})
    made.files[f"{STORE}/{wanted.name}/{INDEX}"] = sorted_json(about)
    for name in BROUGHT:
        made.files[f"{STORE}/{name}"] = (READER / name).read_bytes()
    made.files |= wanted.settings.files
    for path in made.files:
        connector.refuse_links(connector.root / path)
    for path in made.folders:
        connector.refuse_links(connector.root / path)
    return made


def _add(made: Import, wanted: Wanted, operation: Operation, modules: str) -> None:
    name = wanted.catalogue.names[operation.address]
    if any(each.name == name for each in _modules(wanted.connector)):
        made.kept.append(name)
        return

    mapped = wanted.catalogue.mapped(operation, _accepted(wanted, operation))
    if mapped.refused:
        made.refused[operation.address] = mapped.refused
        return

    action = Action(
        wanted.name, name, wanted.catalogue.titles[operation.address], mapped, wanted.settings.auth != "none"
    )
    files = action.files(wanted.catalogue.mapper)
    made.folders[f"{modules}/{name}/v1"] = {path: text.encode() for path, text in files.items()}
    made.modules[name] = [operation]
    if mapped.losses:
        made.losses[name] = mapped.losses


def _add_records(made: Import, wanted: Wanted, resources: list[Resource], modules: str) -> None:
    """Add the modules for records; one that is there serves the new objects too, if it is as it was made."""
    if not resources:
        return

    catalogue = wanted.catalogue
    for does in OPERATIONS:
        chosen = [each for each in resources if does in each.operations]
        module = RecordModule(wanted.name, does, wanted.settings.auth != "none")
        folder = wanted.connector.modules_dir / module.name
        if not chosen:
            continue
        if folder.exists():
            route = folder / "v1" / "route.py"
            is_ours = route.is_file() and route.read_bytes() == module.route().encode()
            made.kept += [] if is_ours else [module.name]
            made.extended += [module.name] if is_ours else []
            continue
        operation = chosen[0].operations[does]
        mapped = catalogue.mapped(operation, _accepted(wanted, operation))
        files = module.files(chosen[0], catalogue, mapped)
        made.folders[f"{modules}/{module.name}/v1"] = {path: text.encode() for path, text in files.items()}
        made.modules[module.name] = [each.operations[does] for each in chosen]
        made.records.append(module.name)
    held = extended(read_resources(wanted.connector, wanted.name), stored(resources, catalogue))
    made.files[f"{STORE}/{wanted.name}/{RESOURCES}"] = sorted_json(held)
    made.files[f"{STORE}/{BROUGHT_FOR_RECORDS}"] = (READER / BROUGHT_FOR_RECORDS).read_bytes()


def _modules(connector: Connector) -> Iterator[Path]:
    folder = connector.modules_dir
    yield from (folder.iterdir() if folder.is_dir() else ())


def _accepted(wanted: Wanted, operation: Operation) -> list[Proposal]:
    return [each for other, each in wanted.accepted if other.address == operation.address]


def _about(wanted: Wanted, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what is stored of the API itself: what an update compares with the next description."""
    description = wanted.catalogue.mapper.description
    info, scheme = description.root.part("info"), wanted.scheme
    origin = shown(description.origin)
    return {
        # The path of a file is one of this machine, and nobody else's.
        "source": origin if description.origin.startswith(WEB) else Path(origin).name,
        "title": info.text("title")[:200],
        "version": str(info.mapping.get("version", ""))[:100],
        "description_version": description.version,
        "mapper": MAPPER,
        "server": wanted.server,
        "servers": servers_of(description),
        "security": scheme.stored if scheme else None,
        "headers": dict(wanted.catalogue.mapper.version_headers),
        "operations": dict(sorted(names.items())),
        # What was there to choose from: what is not in it later is new.
        "known": sorted(each.address for each in wanted.catalogue.operations),
    }


def stored_of(mapper: Mapper, mapped: Mapped) -> dict[str, Any]:
    """Return what is stored of an operation: what it became, and what an update compares with the next description."""
    return {**mapped.stored, "reading": reading_of(mapper, mapped.operation)}


def sorted_json(value: Any) -> bytes:
    """Return a value as the text of a file of the store."""
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def becomes(mapped: Mapped, name: str, module: str = "") -> dict[str, Any]:
    """Return what an operation would become, for a list.

    Args:
        mapped: The operation.
        name: That of a module of its own.
        module: The module for records that it is recognised for; "" where it is for none.
    """
    operation = mapped.operation
    told: dict[str, Any] = {"operation": operation.address, "id": operation.id, "tags": list(operation.tags)}
    if mapped.refused:
        return {**told, "becomes": "nothing", "module": None, "reason": mapped.refused}

    told |= {"becomes": "records" if module else "action", "module": module or name}
    return {**told, "fields": mapped.field_count, "losses": list(mapped.losses)}
