"""The forms of two versions as rows of a table: each field as it was and as it is, with what differs marked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.comparison.forms import RENAMED, FormDifference, described, form_differences

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form

Path = tuple[str, ...]
SAME = "the same"


@dataclass(frozen=True)
class Aspect:
    """One thing that a schema says of a field.

    Args:
        value: None where it says nothing.
        is_other: Whether the other version says something else.
    """

    name: str
    value: Any
    is_other: bool


@dataclass(frozen=True)
class Row:
    """One field in both versions.

    Args:
        kind: added, removed, renamed, changed or the same.
        before: What the older version says; None where it has no such field.
        after: What the newer one says.
        former: The id that it had.
    """

    path: Path
    kind: str
    before: tuple[Aspect, ...] | None
    after: tuple[Aspect, ...] | None
    former: str = ""

    @property
    def depth(self) -> int:
        """Return within how many others it stands."""
        return len(self.path) - 1


@dataclass(frozen=True)
class Beside:
    """Two forms.

    Args:
        rows: Their fields, in the order of the newer one.
        others: What differs in the forms themselves: their rules, order and connection.
    """

    rows: list[Row]
    others: list[FormDifference]

    @property
    def count(self) -> int:
        """Return how many fields differ."""
        return sum(row.kind != SAME for row in self.rows)


def beside(before: "Form", after: "Form") -> Beside:
    """Put two forms beside each other."""
    found = form_differences(before, after)
    former = {each.path: (*each.path[:-1], str(each.before)) for each in found if each.kind == RENAMED}
    old, new = dict(_flat(before.fields)), dict(_flat(after.fields))
    origins = {path: _origin(path, former) for path in new}
    rows = [_row(path, old.get(origins[path]), field, former) for path, field in new.items()]
    for path in [path for path in old if path not in origins.values()]:
        rows.insert(_place(path, list(old), rows, origins), _row(path, old[path], None, {}))
    return Beside(rows, [each for each in found if not each.path])


def _flat(fields: "tuple[Field, ...]", above: Path = ()) -> "Iterator[tuple[Path, Field]]":
    for field in fields:
        yield from _with_inner(field, (*above, field.id))


def _with_inner(field: "Field", path: Path) -> "Iterator[tuple[Path, Field]]":
    yield path, field
    yield from _flat(field.fields or (), path)
    if field.items:
        yield from _with_inner(field.items, (*path, "items"))


def _origin(path: Path, former: Mapping[Path, Path]) -> Path:
    """Return where a field of the newer form stood in the older one."""
    for length in range(len(path), 0, -1):
        if path[:length] in former:
            return (*_origin(path[: length - 1], former), former[path[:length]][-1], *path[length:])
    return path


def _place(path: Path, before: list[Path], rows: list[Row], origins: Mapping[Path, Path]) -> int:
    """Return where a field that is gone belongs: behind the one that it stood behind."""
    earlier = before[: before.index(path)]
    places = {origins.get(row.path, row.path): index for index, row in enumerate(rows)}
    return max((places[each] + 1 for each in earlier[-1:] if each in places), default=len(rows) if earlier else 0)


def _row(path: Path, before: "Field | None", after: "Field | None", former: Mapping[Path, Path]) -> Row:
    old, new = described(before) if before else {}, described(after) if after else {}
    was, now = _aspects(old, new) if before else None, _aspects(new, old) if after else None
    if was is None or now is None:
        return Row(path, "added" if now else "removed", was, now)
    if path in former:
        return Row(path, RENAMED, was, now, former[path][-1])

    return Row(path, "changed" if old != new else SAME, was, now)


def _aspects(own: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Aspect, ...]:
    return tuple(Aspect(name, value, other.get(name) != value) for name, value in own.items())
