"""Operations that are imported together with an update, in the same step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.connector import Connector
from stacksync.openapi.api_client import Settings
from stacksync.openapi.drift import Drift
from stacksync.openapi.held import INDEX, RESOURCES, STORE
from stacksync.openapi.importing import Wanted, prepare
from stacksync.openapi.renewal import Allowed, Renewal

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Joined:
    """What an update stores of the API itself, to which an import adds.

    Args:
        resources: The objects of the modules for records.
        about: What is the API's: server, security scheme, names of operations.
    """

    resources: Json
    about: Json


def join(connector: Connector, found: Drift, allowed: Allowed, made: Renewal, update: Joined) -> Joined:
    """Add the operations that are selected to an update.

    Raises:
        StacksyncError: The connector cannot take them.
    """
    auth = str(connector.answers.get("auth", "none"))
    server = str(update.about.get("server") or "")
    settings = Settings(auth, {})  # where the client is set is the update's to say
    name, operations = found.held.name, allowed.selected
    wanted = Wanted(connector, found.catalogue, operations, server, found.scheme, settings, allowed.accepted, name)
    prepared = prepare(wanted)
    place = f"{STORE}/{name}"
    index = json.loads(prepared.files.pop(f"{place}/{INDEX}"))
    resources = json.loads(prepared.files.pop(f"{place}/{RESOURCES}", b"{}"))
    for folder, files in prepared.folders.items():
        made.files |= {f"{folder}/{file}": content for file, content in files.items()}
    made.files |= {file: content for file, content in prepared.files.items() if file not in made.files}
    made.imported += [each.address for one in prepared.modules.values() for each in one]
    made.notes += [f"{each} was there already, and stays as it is" for each in prepared.kept]
    made.notes += [f"{address} is left out: {reason}" for address, reason in prepared.refused.items()]
    made.notes += [f"{module}: {loss}" for module, losses in prepared.losses.items() for loss in losses]
    known = {address: each for each, address in update.about["operations"].items()}
    added = {each: address for each, address in index["operations"].items() if address not in known}
    return Joined(
        {**update.resources, **{path: _with(each, update.resources.get(path, {})) for path, each in resources.items()}},
        {**update.about, "operations": dict(sorted({**update.about["operations"], **added}.items()))},
    )


def _with(each: Json, before: Json) -> Json:
    """Return an object as an import has it, with what an update knows of it besides."""
    return {**each, **({"versions": before["versions"]} if "versions" in before else {})}
