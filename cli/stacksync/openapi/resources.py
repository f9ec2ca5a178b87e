"""Resources: the paths under which an API lists, gets, creates, updates and deletes records of one kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.mapping import Mapped, is_update
from stacksync.openapi.names import plain_name
from stacksync.openapi.operations import Operation
from stacksync.openapi.wording import label

# In the order in which the modules are made.
OPERATIONS = ("list", "get", "create", "update", "delete")


@dataclass(frozen=True)
class Resource:
    """Records of one kind.

    Args:
        path: Where they are listed and created: the id of the object, which stays the same over imports.
        key: What the ids of its fields begin with.
        label: What users choose it by.
        operations: What can be done with them, by the words of `OPERATIONS`.
    """

    path: str
    key: str
    label: str
    operations: Mapping[str, Operation]


def resources_of(catalogue: Catalogue, known: Mapping[str, Any] | None = None) -> list[Resource]:
    """Return the resources of a description, in its order; each has at least two operations.

    Args:
        catalogue: The description's operations.
        known: Those that are stored, by their paths: they keep their keys, by which workflows name their fields.
    """
    keys = {path: str(each["key"]) for path, each in (known or {}).items()}
    by_place = {(each.method, each.path): each for each in catalogue.operations}
    paths = dict.fromkeys(_collection(each.path) for each in catalogue.operations)
    found: dict[str, Resource] = {}
    for path in paths:
        operations = _operations(catalogue, by_place, path)
        if len(operations) > 1 and set(operations) != {"create", "delete"}:
            key = keys.get(path) or _key(path, {each.key for each in found.values()} | {*keys.values()})
            found[path] = Resource(path, key, _label(path), operations)
    return list(found.values())


def _collection(path: str) -> str:
    return re.sub(r"/{[^{}/]+}$", "", path)


def _operations(catalogue: Catalogue, by_place: Mapping[tuple[str, str], Operation], path: str) -> dict[str, Operation]:
    items = [each for _, each in by_place if _collection(each) == path and each != path]
    item = items[0] if len(set(items)) == 1 else ""
    wanted = {
        "list": by_place.get(("GET", path)) if path in catalogue.listings else None,
        "get": by_place.get(("GET", item)),
        "create": by_place.get(("POST", path)) if item or path in catalogue.listings else None,
        "update": by_place.get(("PATCH", item)) or by_place.get(("PUT", item)) or _changing(by_place, item),
        "delete": by_place.get(("DELETE", item)),
    }
    return {name: each for name in OPERATIONS if (each := wanted[name]) and _can_be(name, catalogue.mapped(each))}


def _changing(by_place: Mapping[tuple[str, str], Operation], item: str) -> Operation | None:
    found = by_place.get(("POST", item))
    return found if found and is_update(found) else None


def _can_be(name: str, mapped: Mapped) -> bool:
    """Say whether the module of an operation can do it: it writes bodies that are objects with members of their own."""
    if mapped.refused:
        return False

    body: Mapping[str, Any] = mapped.plan.get("body") or {}
    if name not in ("create", "update"):
        return not body
    return body.get("type") == "object" and bool(body["fields"])


def _key(path: str, taken: set[str]) -> str:
    words = [each for each in path.split("/") if each and not each.startswith("{")]
    for count in range(1, len(words) + 1):
        wanted = plain_name("_".join(words[-count:]))[:40].strip("_")
        if wanted and wanted not in taken:
            return wanted

    number = 2
    while f"object_{number}" in taken:
        number += 1
    return f"object_{number}"


def _label(path: str) -> str:
    words = [label(each) for each in path.split("/") if each and not each.startswith("{")]
    below = path.count("{")
    return " › ".join(words[-1 - below :])[:80] or "Records"


def stored(resources: list[Resource], catalogue: Catalogue) -> dict[str, Any]:
    """Return what is stored of the resources: the name of each operation's file."""
    return {
        each.path: {
            "key": each.key,
            "label": each.label,
            "operations": {name: catalogue.names[operation.address] for name, operation in each.operations.items()},
        }
        for each in resources
    }


def extended(known: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored resources with those of another import: what is there stays as it is, and gets what is new."""
    found = dict(known)
    for path, each in made.items():
        before = known.get(path, each)
        found[path] = {**each, **before, "operations": {**each["operations"], **before["operations"]}}
    return found
