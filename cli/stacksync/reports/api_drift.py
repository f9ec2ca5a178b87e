"""What an API changed since it was imported, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from stacksync.comparison.severities import SAID, SEVERITIES, Rated
from stacksync.openapi.drift import Drift, Drifted
from stacksync.openapi.renewing import Renewal
from stacksync.reports.differences import message, values
from stacksync.terminal import in_one_line

TEXT = "DIF030"
_LONGEST = 60


def lines(found: Drift) -> Iterator[str]:
    """Yield what differs: what the API changed first, and apart from it what the mapper makes otherwise."""
    if not found.is_something:
        yield "Nothing changed since the import."
    yield from _of_changes("The API", found.api)
    for each in found.added:
        yield in_one_line(f"new   {each.address}")
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
    yield f"Updated {found.held.name}: {_counted(len(made.renewed), 'operation')}, {_counted(len(made.files), 'file')}."
    yield from (f"  new version {each}" for each in made.versions)
    yield from (f"finding: {in_one_line(each)}" for each in made.findings)
    names = [each for each in made.left if each in found.held.operations]
    access = [each.replace("_", " ") for each in made.left if each not in names]
    if names:
        yield f"left as it was, because the change is breaking: {', '.join(names)}"
        yield "  a new version for it: --add-versions; in the version that is there: --in-place"
    if made.unread:
        yield f"left as it was, because of its form: {', '.join(made.unread)}"
    if access:
        yield f"left as it was, until --accept-server is given: {', '.join(access)}"
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
        "files": sorted(made.files),
        "findings": made.findings,
        "renewed": made.renewed,
        "left": made.left,
        "unread": made.unread,
        "versions": made.versions,
    }
