"""Find the records that need not be created: they are in the CRM already, or twice in the request."""

from collections.abc import Mapping, Sequence
from typing import Any

from .records import Crm, Identity, Outcome, Record


def find_duplicates(crm: Crm, object_type: str, fields: Sequence[str], records: Sequence[Record]) -> dict[int, Outcome]:
    """Return the outcome of each record that equals another one in all `fields`, by its place in `records`.

    Upper and lower case are the same. A record with one of the fields empty equals none.
    """
    identities = {index: _identity(record, fields) for index, record in enumerate(records)}
    comparable = {index: identity for index, identity in identities.items() if identity}
    if not comparable:
        return {}

    found = {
        _folded(_identity(each, fields)): str(each["id"]) for each in crm.find(object_type, fields, comparable.values())
    }
    first: dict[Identity, int] = {}
    outcomes = {}
    for index, identity in comparable.items():
        key = _folded(identity)
        if key in found:
            outcomes[index] = Outcome("skipped", found[key], "It is in the CRM already.")
        elif first.setdefault(key, index) != index:
            outcomes[index] = Outcome("skipped", None, f"It is the same as record {first[key]} of this request.")

    return outcomes


def _identity(record: Mapping[str, Any], fields: Sequence[str]) -> Identity:
    values = tuple(str(record.get(field) or "").strip() for field in fields)
    return values if all(values) else ()


def _folded(identity: Identity) -> Identity:
    return tuple(value.casefold() for value in identity)
