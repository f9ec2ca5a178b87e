"""What an API changed since it was imported, for people and for programs."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from stacksync.comparison.severities import SAID, SEVERITIES, UNREAD, Rated
from stacksync.openapi.drift import Drift, Drifted
from stacksync.openapi.places import WEB, shown
from stacksync.openapi.renewal import Renewal
from stacksync.reports.differences import message, values
from stacksync.terminal import in_one_line

TEXT = "DIF030"
_LONGEST = 60
_MOST_SELECTED = 5


def lines(found: Drift, source: str) -> Iterator[str]:
    """Yield what differs: what the API changed first, and apart from it what the mapper makes otherwise.

    Args:
        found: What differs.
        source: The description, as the user named it.
    """
    if not found.is_something:
        yield "Nothing changed since the import."
    yield from _of_changes("The API", found.api)
    yield from _of_added(found, source)
    for one in found.operations:
        yield from _of_changes(in_one_line(f"{one.address} ({one.name})"), one.changes)
    anew = [each for each in found.operations if each.made or _is_made_only(each)]
    if anew:
        yield "Made otherwise by this release of stacksync, by overrides, or by what other operations have:"
    for one in anew:
        if one.made:
            yield from _of_changes(in_one_line(f"{one.address} ({one.name})"), one.made)
        else:
            yield in_one_line(f"{one.address} ({one.name}): texts, or its request")
    for name in found.still_gone:
        yield f"note: {name} is stored, and the API does not have it any more"
    yield from (f"warning: {in_one_line(each)}" for each in found.catalogue.overrides.unused)
    yield ""
    yield summary(found)


def _of_added(found: Drift, source: str) -> Iterator[str]:
    """Yield the operations that are new, and the command that imports them."""
    yield from (in_one_line(f"new   {each.address}") for each in found.added)
    if not found.added:
        return

    patterns = [f"--select {shlex.quote(each.address)}" for each in found.added[:_MOST_SELECTED]]
    more = " …" if len(found.added) > _MOST_SELECTED else ""
    place = shlex.quote(shown(source) if source.startswith(WEB) else source)
    yield in_one_line(f"  to import: stacksync import --update {place} {' '.join(patterns)}{more}")


def _is_made_only(each: Drifted) -> bool:
    return each.is_made_anew and not each.changes


def _of_changes(title: str, changes: Sequence[Rated]) -> Iterator[str]:
    if not changes:
        return

    yield title
    shown = [each for each in changes if each.rule != TEXT]
    for each in sorted(shown, key=lambda one: SEVERITIES.index(one.severity)):
        yield f"  {SAID[each.severity]}  {each.rule}  {_told(each)}"
    texts = len(changes) - len(shown)
    if texts:
        yield f"  fine  {_counted(texts, 'text')} changed"


def _counted(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"


def _told(each: Rated) -> str:
    difference = each.difference
    name = "/".join(difference.path)
    said = f"{name}: {message(difference)}" if name else message(difference)
    if difference.aspect in UNREAD:  # only digests are known
        return in_one_line(said)
    before, after = (_short(value) for value in values(difference))
    shown = " -> ".join(filter(None, (before, after))) if difference.kind == "changed" else ""
    return in_one_line(f"{said} ({shown})" if shown else said)


def _short(value: Any) -> str:
    if value in (None, True, False, [], {}):
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def summary(found: Drift) -> str:
    """Return how much differs, in one line."""
    counted = Counter(each.severity for each in found.changes)
    gone = sum(each.is_gone for each in found.operations)
    changed = sum(bool(each.changes) and not each.is_gone for each in found.operations)
    said = [f"{counted[each]} {SAID[each]}" for each in SEVERITIES if counted[each]]
    operations = f"Operations: {len(found.added)} new, {changed} changed, {gone} gone."
    return f"{operations} Changes: {', '.join(said) or 'none'}."


def applied(found: Drift, made: Renewal) -> Iterator[str]:
    """Yield what an update did, and what it left to its user."""
    operations = _counted(len(made.renewed) + len(made.imported), "operation")
    wrote = f"Updated {found.held.name}: {operations}, {_counted(len(made.written), 'file')}."
    yield wrote if made.written else "Nothing was changed."
    yield from (in_one_line(f"  imported {each}") for each in made.imported)
    yield from (f"  new version {each}" for each in made.versions)
    yield from (f"finding: {in_one_line(each)}" for each in made.findings)
    yield from (f"note: {in_one_line(each)}" for each in made.notes)
    if made.left:
        yield f"left as it was, because the change is breaking: {', '.join(made.left)}"
        yield "  a new version for it: --add-versions, if a module asks for it; in what is there: --in-place"
    if made.unread:
        yield f"left as it was, because of its form: {', '.join(made.unread)}"
    if made.left_of_api:
        access = [each.replace("_", " ") for each in made.left_of_api]
        yield f"left as it was, until --accept-server is given: {', '.join(access)}"
    if made.written:
        yield ""
        yield "Next: look at it (git diff), run the tests (stacksync test), commit"
        yield "  or put everything back: stacksync import --undo"


def facts(found: Drift, made: Renewal | None = None) -> dict[str, Any]:
    """Return all of it for programs."""
    counted = Counter(each.severity for each in found.changes)
    told: dict[str, Any] = {
        "api": found.held.name,
        **{each: counted[each] for each in SEVERITIES},
        "new_hosts": found.new_hosts,
        "changes": list(map(_fact, found.api)),
        "added": [each.address for each in found.added],
        "gone": [each.address for each in found.operations if each.is_gone],
        "still_gone": list(found.still_gone),
        "warnings": list(found.catalogue.overrides.unused),
        "changed": [_of_operation(each) for each in found.operations],
    }
    return told if made is None else told | {"applied": _of_renewal(made)}


def _of_operation(each: Drifted) -> dict[str, Any]:
    return {
        "operation": each.address,
        "name": each.name,
        "gone": each.is_gone,
        "changes": list(map(_fact, each.changes)),
        "made_otherwise": list(map(_fact, each.made)),
        "form_or_request_made_otherwise": each.is_made_anew,
    }


def _fact(each: Rated) -> dict[str, Any]:
    difference = each.difference
    return {
        "severity": each.severity,
        "rule": each.rule,
        "path": list(difference.path),
        "kind": difference.kind,
        "aspect": difference.aspect,
        "before": difference.before,
        "after": difference.after,
    }


def _of_renewal(made: Renewal) -> dict[str, Any]:
    return {
        "files": sorted(made.written),
        "findings": made.findings,
        "renewed": made.renewed,
        "imported": made.imported,
        "notes": made.notes,
        "left": [*made.left, *made.left_of_api],
        "unread": made.unread,
        "versions": made.versions,
    }
