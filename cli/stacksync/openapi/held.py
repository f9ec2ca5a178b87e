"""What a connector holds of an API that was imported: the files of `src/api/<name>/`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacksync.connector import Connector
from stacksync.errors import StacksyncError, UsageError
from stacksync.plain_files import read_plain

STORE = "src/api"
INDEX, RESOURCES = "api.json", "resources.json"
# Says in the identity of an operation that the API does not have it any more.
GONE = "gone"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,80}")

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

    def file_of(self, name: str) -> str:
        """Return the file of an operation, from the connector's root."""
        return f"{STORE}/{self.name}/{name}.json"


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
    about = _read(connector, name, INDEX)
    kinds = {"operations": dict, "former": dict, "headers": dict, "servers": list, "known": list}
    if not all(isinstance(about.get(key, kind()), kind) for key, kind in kinds.items()):
        raise _damaged(f"{STORE}/{name}/{INDEX}", 1, "it is not as the import wrote it")
    # A name is a part of paths, and this file may be anybody's.
    if not all(_NAME.fullmatch(each) for key in ("operations", "former") for each in about.get(key, {})):
        raise _damaged(f"{STORE}/{name}/{INDEX}", 1, "it names an operation as no import does")

    operations = {each: _operation(connector, name, each) for each in about.get("operations", {})}
    has_resources = (folder / name / RESOURCES).is_file()
    return Held(name, about, operations, _read(connector, name, RESOURCES) if has_resources else {})


def _operation(connector: Connector, name: str, operation: str) -> Json:
    held = _read(connector, name, f"{operation}.json")
    identity = held.get("identity")
    is_whole = isinstance(identity, dict) and {"method", "path"} <= set(identity)
    if not is_whole or not all(isinstance(held.get(key), dict) for key in ("form", "plan")):
        raise _damaged(f"{STORE}/{name}/{operation}.json", 1, "it is not as the import wrote it")
    return held


def _read(connector: Connector, name: str, file: str) -> Json:
    place = f"{STORE}/{name}/{file}"
    connector.refuse_links(connector.root / place)
    try:
        held = json.loads(read_plain(connector.root / place).decode("utf-8"))
    except OSError as error:
        raise _damaged(place, 1, f"it cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise _damaged(place, getattr(error, "lineno", 1), "it is no JSON") from error
    if not isinstance(held, dict):
        raise _damaged(place, 1, "it is no JSON object")
    return held


def _damaged(place: str, line: int, fault: str) -> StacksyncError:
    return StacksyncError(f"{place}:{line}: {fault}.", "these files are the import's own: take it back from git")
