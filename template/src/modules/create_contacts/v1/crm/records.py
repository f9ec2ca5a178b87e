"""What a CRM takes and gives."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from src.runtime import Choice

# Field names of the CRM, and their values.
Record = dict[str, Any]
# The values of the fields that are compared to find duplicates.
Identity = tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one record: created, skipped or failed; the id it has in the CRM; why it is not there."""

    status: str
    id: str | None = None
    message: str = ""


class Crm(Protocol):
    """What every CRM can do."""

    largest_batch: int

    def object_types(self) -> list[Choice]:
        """List the types of records that can be created."""

    def fields(self, object_type: str) -> list[Choice]:
        """List the fields that can be filled in and searched for."""

    def find(self, object_type: str, fields: Sequence[str], wanted: Iterable[Identity]) -> Iterator[Record]:
        """Find the records whose `fields` have values that occur in `wanted`, each with its `id`."""

    def create(self, object_type: str, records: Sequence[Record], *, all_or_none: bool) -> list[Outcome]:
        """Create at most `largest_batch` records in one call and say, in their order, what became of each."""


def slices(wanted: Iterable[Identity], longest: int) -> Iterator[list[Identity]]:
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
