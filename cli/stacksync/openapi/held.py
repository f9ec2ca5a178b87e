"""What a connector holds of an API that was imported: the files of `src/api/<name>/`."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.openapi.stored_files import StoredFileError, line_of, read_json
from stacksync.openapi.stored_shape import INDEX_FILE, OPERATION_FILE, RESOURCES_FILE, STORED_NAME, Check, Path
from stacksync.terminal import in_one_line

STORE = "src/api"
INDEX, RESOURCES = "api.json", "resources.json"
# Says in the identity of an operation that the API does not have it any more.
GONE = "gone"

_NAME = re.compile(STORED_NAME)

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """An API as it is stored.

    Args:
        name: Its folder.
        about: What is the API's: server, security scheme, versions.
        operations: What is stored of each operation, by its name.
        resources: The objects of the modules for records, by the paths of their collections.
    """

    name: str
    about: Json
    operations: Mapping[str, Json]
    resources: Json = field(default_factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """The name of each stored operation, by its address."""
        return {address_of(stored): name for name, stored in self.operations.items()}

    @property
    def known_names(self) -> dict[str, str]:
        """The address of each operation by the names that it has and had."""
        return known_names(self.about)

    def operation_of(self, path: str, does: str, version: str) -> str:
        """Return the name of the operation by which a version of a module for records does something to an object."""
        each = self.resources.get(path, {})
        own = each.get("versions", {}).get(version, {})
        return str(own.get(does) or each.get("operations", {}).get(does, ""))

    def file_of(self, name: str) -> str:
        """Return the file of an operation, from the connector's root."""
        return f"{STORE}/{self.name}/{name}.json"


def known_names(about: Json) -> dict[str, str]:
    """Return the address of each operation by the names that it has and had: its first is last, which others use."""
    return {**about.get("operations", {}), **about.get("former", {})}


def address_of(stored: Json) -> str:
    """Return the method and path of a stored operation, which tell it from every other."""
    return f"{stored['identity']['method']} {stored['identity']['path']}"


def is_gone(stored: Json) -> bool:
    """Say whether an update marked a stored operation as one that the API does not have any more."""
    return stored["identity"].get(GONE) is True


def held_api(connector: Connector, wanted: str | None = None) -> Held:
    """Return what is stored of an API: the one of that name, or the only one.

    Raises:
        UsageError: There is none, or several.
        StacksyncError: A file of it cannot be read.
    """
    folder = connector.root / STORE
    names = sorted(each.parent.name for each in folder.glob(f"*/{INDEX}"))
    if not names:
        raise UsageError("No API was imported into this connector.", "stacksync import openapi FILE|URL")
    if wanted is None and len(names) > 1:
        raise UsageError(f"Several APIs were imported: {', '.join(names)}.", f"--name {names[0]}")
    if wanted is not None and wanted not in names:
        raise UsageError(f"There is no API {wanted!r} in {STORE}.", f"--name {names[0]}")

    name = wanted or names[0]
    about = read_index(connector, name)
    operations = {each: _read(connector, f"{name}/{each}.json", OPERATION_FILE) for each in about.get("operations", {})}
    return Held(name, about, operations, read_resources(connector, name))


def read_index(connector: Connector, name: str) -> Json:
    """Return what is stored of an API itself; nothing where it was not imported.

    Raises:
        StacksyncError: It cannot be read, or is not as an import writes it.
    """
    place = f"{name}/{INDEX}"
    about = _read_if_there(connector, place, INDEX_FILE)
    for key in ("operations", "former"):
        for each in about.get(key, {}):
            if not _NAME.fullmatch(each):  # a name is a part of paths, and this file may be anybody's
                raise _damaged(connector, place, (key, each), "names an operation as no import does")
    return about


def read_resources(connector: Connector, name: str) -> Json:
    """Return the objects of an API's modules for records; none where it has none.

    Raises:
        StacksyncError: They cannot be read, or are not as an import writes them.
    """
    place = f"{name}/{RESOURCES}"
    held = _read_if_there(connector, place, RESOURCES_FILE)
    for path, each in held.items():
        own: Json = each.get("versions", {})
        tables = [(("operations",), each["operations"]), *((("versions", key), table) for key, table in own.items())]
        for keys, table in tables:
            for does, operation in table.items():
                if not _NAME.fullmatch(operation):
                    raise _damaged(connector, place, (path, *keys, does), f"names {operation!r}, which is no operation")
    return held


def _read_if_there(connector: Connector, place: str, check: Check) -> Json:
    return _read(connector, place, check) if os.path.lexists(connector.root / STORE / place) else {}


def _read(connector: Connector, place: str, check: Check) -> Json:
    """Return what is in a file of the import.

    Raises:
        StacksyncError: It cannot be read, or is not as an import writes it.
    """
    file = connector.root / STORE / place
    connector.refuse_links(file)
    try:
        held = read_json(file)
    except StoredFileError as error:
        raise _error(place, error.line, str(error)) from error

    fault = next(check(held, ()), None)
    if fault is not None:
        what = f"{'/'.join(fault)} is not as the import wrote it" if fault else "is not as the import wrote it"
        raise _damaged(connector, place, fault, what)
    found: Json = held
    return found


def _damaged(connector: Connector, place: str, keys: Path, what: str) -> StacksyncError:
    return _error(place, line_of(connector.root / STORE / place, *keys), what)


def _error(place: str, line: int, what: str) -> StacksyncError:
    tip = f"it is the import's own: git checkout -- {STORE}/{place}"
    return StacksyncError(in_one_line(f"{STORE}/{place}:{line}: {what}."), tip)
