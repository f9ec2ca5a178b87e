"""The forms of two versions as rows: each field as it is drawn in the one and in the other, differences marked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stacksync.comparison.forms import REMOVED, RENAMED
from stacksync.comparison.severities import SAID, SEVERITIES, Severity
from stacksync.comparison.versions import Change, Comparison, FormOf, compare
from stacksync.reports.differences import message
from stacksync.runtime import forms
from stacksync.studio.form.controls import FormState, Mark, render_fields

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form

Path = tuple[str, ...]
# Beside what is drawn: why a field is not.
MISSING, HIDDEN = "Not in this version", "Hidden"


@dataclass(frozen=True)
class Row:
    """A field of the root in both versions.

    Args:
        before: How the older version draws it, as HTML; "" where it does not.
        after: How the newer one does.
        why: Why the one or the other does not draw it.
        severity: What its differences mean at worst; "" where there are none.
    """

    name: str
    before: str
    after: str
    why: tuple[str, str]
    severity: Severity | str


@dataclass(frozen=True)
class Beside:
    """Two forms.

    Args:
        comparison: What differs.
        rows: Their fields, in the order of the newer one.
    """

    comparison: Comparison
    rows: list[Row]

    @property
    def changes(self) -> list[Change]:
        """What differs, the worst first."""
        return sorted(self.comparison.changes, key=lambda each: SEVERITIES.index(each.severity))

    @property
    def counts(self) -> dict[str, int]:
        """How many differences there are of each severity."""
        counted = {SAID[each]: self.comparison.count(each) for each in SEVERITIES}
        return {said: count for said, count in counted.items() if count}


def beside(before: FormOf, after: FormOf, severities: Mapping[str, Severity]) -> Beside:
    """Put two forms beside each other."""
    comparison = compare(before, after, severities)
    former = {each.difference.path: each.difference.before for each in comparison.changes if _is_renamed(each)}
    sides = _side(before, comparison, former, is_older=True), _side(after, comparison, former, is_older=False)
    names = _names(before.form, after.form, former)
    rows = [_row(name, former.get((name,), name), sides, comparison.changes) for name in names]
    return Beside(comparison, rows)


def _is_renamed(change: Change) -> bool:
    return change.difference.kind == RENAMED


@dataclass(frozen=True)
class _Side:
    """One form: its fields as they are drawn, and all of them, by id."""

    drawn: Mapping[str, str]
    fields: "Mapping[str, Field]"

    def why(self, name: str) -> str:
        return HIDDEN if name in self.fields else MISSING


def _side(form: FormOf, comparison: Comparison, former: Mapping[Path, Any], *, is_older: bool) -> _Side:
    data = _filled_in(form.form)
    marks = _marks(comparison.changes, former, is_older=is_older)
    drawn = render_fields(FormState(form=form.form, data=data), form.version.folder.version, marks)
    return _Side(drawn, {each.id: each for each in form.form.fields})


def _filled_in(form: "Form") -> dict[str, Any]:
    """Return what a form opens with, and one item in each list of objects, whose fields are seen then."""
    return {**_items(form.fields), **forms.defaults_of(form.fields)}


def _items(fields: "Iterable[Field]") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in fields:
        if each.type == "array" and each.items and each.items.fields:
            found[each.id] = [_items(each.items.fields)]
        elif each.type == "object" and each.fields:
            found[each.id] = _items(each.fields)
    return found


def _marks(changes: Iterable[Change], former: Mapping[Path, Any], *, is_older: bool) -> dict[Path, Mark]:
    """Return the marks of one side: what is gone is told in the older form, all else in the newer one."""
    found: dict[Path, list[Change]] = {}
    for change in changes:
        path = change.difference.path
        found.setdefault(_former(path, former) if is_older else path, []).append(change)
    return {path: _mark(each, is_older) for path, each in found.items() if path}


def _mark(changes: list[Change], is_older: bool) -> Mark:
    told = [each for each in changes if (each.difference.kind == REMOVED) == is_older]
    remarks = tuple((each.severity, f"{SAID[each.severity]}: {message(each.difference)}") for each in told)
    return Mark(_worst(changes), remarks)


def _worst(changes: Iterable[Change]) -> Severity | str:
    return min((each.severity for each in changes), key=SEVERITIES.index, default="")


def _former(path: Path, former: Mapping[Path, Any]) -> Path:
    """Return where a field of the newer form stood in the older one."""
    steps = (former.get(path[: index + 1], step) for index, step in enumerate(path))
    return tuple(map(str, steps))


def _names(before: "Form", after: "Form", former: Mapping[Path, Any]) -> list[str]:
    """Return the ids of all fields as the newer form shows them; what is gone stands behind what it stood behind."""
    old, new = ([each.id for each in form.ordered() if each.id] for form in (before, after))
    now = {str(was): path[0] for path, was in former.items() if len(path) == 1}
    names, last = list(dict.fromkeys(new)), ""
    for name in (now.get(each, each) for each in old):
        if name not in names:
            names.insert(names.index(last) + 1 if last else 0, name)
        last = name
    return names


def _row(name: str, was: str, sides: tuple[_Side, _Side], changes: Iterable[Change]) -> Row:
    here = [each for each in changes if each.difference.path[:1] == (name,)]
    drawn = sides[0].drawn.get(was, ""), sides[1].drawn.get(name, "")
    return Row(name, *drawn, (sides[0].why(was), sides[1].why(name)), _worst(here))


def problems_of(found: Beside) -> Iterator[str]:
    """Yield what is not compared, and why."""
    yield from found.comparison.problems
    yield from (f"Not compared: {each}" for each in found.comparison.not_compared)
