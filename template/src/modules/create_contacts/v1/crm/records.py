"""What every CRM has: fields to fill in, records to create, and what became of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from src.runtime import Choice
from src.runtime.records import Outcome, RecordField

# Field names of the CRM, and their values.
Record = dict[str, Any]
# The values of the fields that are compared to find duplicates.
Identity = tuple[str, ...]


class Crm(Protocol):
    """What every CRM can do."""

    largest_batch: int

    def objects(self) -> list[Choice]:
        """List the objects whose records can be created."""

    def fields(self, object_name: str) -> list[RecordField]:
        """List the fields that can be set; those that the CRM sets itself are left out."""

    def find(self, object_name: str, fields: Sequence[str], wanted: Iterable[Identity]) -> Iterator[Record]:
        """Find the records whose `fields` have values that occur in `wanted`, each with its `id`."""

    def create(self, object_name: str, records: Sequence[Record], *, all_or_none: bool) -> list[Outcome]:
        """Create at most `largest_batch` records in one call and say, in their order, what became of each."""


def find_duplicates(
    crm: Crm, object_name: str, fields: Sequence[str], records: Mapping[int, Record]
) -> dict[int, Outcome]:
    """Return the outcome of each record that equals another one in all `fields`, by its place in the request.

    Upper and lower case are the same. A record with one of the fields empty equals none.
    """
    identities = {index: _identity(record, fields) for index, record in records.items()}
    comparable = {index: identity for index, identity in identities.items() if identity}
    if not comparable:
        return {}

    there = crm.find(object_name, fields, comparable.values())
    found = {_folded(_identity(each, fields)): str(each["id"]) for each in there}
    first: dict[Identity, int] = {}
    outcomes = {}
    for index, identity in comparable.items():
        key = _folded(identity)
        if key in found:
            outcomes[index] = Outcome("skipped", found[key], "It is in the CRM already.")
        elif first.setdefault(key, index) != index:
            outcomes[index] = Outcome("skipped", None, f"It is the same as record {first[key]} of this request.")

    return outcomes


def portions(wanted: Iterable[Identity], longest: int) -> Iterator[list[Identity]]:
    """Divide what is searched for into portions that fit into a request of `longest` characters."""
    portion: list[Identity] = []
    length = 0
    for identity in wanted:
        size = sum(len(value) + 4 for value in identity)
        if portion and length + size > longest:
            yield portion
            portion, length = [], 0
        portion.append(identity)
        length += size
    if portion:
        yield portion


def _identity(record: Mapping[str, Any], fields: Sequence[str]) -> Identity:
    values = tuple(str(record.get(field) or "").strip() for field in fields)
    return values if all(values) else ()


def _folded(identity: Identity) -> Identity:
    return tuple(value.casefold() for value in identity)
