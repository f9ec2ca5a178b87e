"""What `stacksync update` says: lines for people, facts for programs."""

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stacksync.requirements.file import DEV_FILE
from stacksync.shell import quoted
from stacksync.source import SECRET
from stacksync.updates.drift import drift_of
from stacksync.updates.journal import Action
from stacksync.updates.rehearsal import UpdateOptions
from stacksync.updates.releases import is_newer, notes_between
from stacksync.updates.repository import find_repository
from stacksync.updates.target import Target, find_release
from stacksync.updates.undoing import undo
from stacksync.updates.update import Done, names_of, update

if TYPE_CHECKING:
    from stacksync.inspection.inspection import Inspection

_SAID = {
    "added": "new",
    "changed": "taken from the release",
    "merged": "merged with your edits",
    "removed": "removed by the release",
    "kept": "KEPT, because you edited it; the release removes it",
    "conflict": "IN CONFLICT",
}


@dataclass(frozen=True)
class Report:
    """What came of it."""

    lines: list[str]
    facts: dict[str, Any]
    exit_code: int = 0


def of_check(target: Target, wanted: str | None) -> Report:
    """Tell whether there is a newer release, and what it changes."""
    release = find_release(target, wanted)
    behind = is_newer(release, target.current)
    notes = notes_between(target.source, target.connector.root, target.current, release) if behind else []
    facts = {"current": target.current, "release": release, "behind": behind, "changelog": list(map(asdict, notes))}
    if not behind:
        return Report([_current(target, release)], facts)

    lines = [f"{release} is there; {_name(target)} is at {target.current}."]
    for each in notes:
        lines += ["", f"## {each.version}", "", each.text]
    return Report([*lines, "", f"Next: stacksync update{_module(target)} --diff, then without --diff."], facts, 1)


def of_drift(target: Target, *, embedded: bool = False) -> Report:
    """List the files of the template that are no longer as it made them."""
    drifts = drift_of(target, embedded=embedded)
    owned = [drift for drift in drifts if drift.is_templates or target.is_module]
    shared = [drift for drift in drifts if drift not in owned]
    facts = {
        "current": target.current,
        "template": list(map(asdict, owned)),
        "shared": list(map(asdict, shared)),
    }
    if not owned:
        return Report([f"The template's files are as {target.current} made them."], facts)

    lines = [f"Not as {target.current} made them; an update merges these, and may conflict:"]
    return Report([*lines, *(f"  {drift.state:8} {drift.file}" for drift in owned)], facts)


def of_update(target: Target, wanted: str | None, options: UpdateOptions) -> Report:
    """Take the release and tell what it did."""
    release = find_release(target, wanted)
    if options.given and not is_newer(release, target.current):
        release = target.current  # other answers to the same release
    elif not is_newer(release, target.current):
        facts: dict[str, Any] = {
            "from": target.current,
            "to": target.current,
            "files": [],
            "conflicts": [],
            "links": [],
            "check": None,
        }
        return Report([_current(target, release)], facts)

    done = update(target, replace(options, release=release))
    updated = done.files
    inspection = _inspected(target)
    conflicts = names_of(updated, "conflict", "kept")
    facts = {
        "from": target.current,
        "to": release,
        "files": [asdict(each) for each in updated],
        "conflicts": conflicts,
        "links": done.links,
        "check": [finding.as_json() for finding in inspection.findings],
    }
    return Report(_told(target, release, done, inspection), facts, 1 if conflicts else 0)


def of_undo(root: Path, action: Action = "update") -> Report:
    """Undo the last update, or an adoption, and tell what was put back."""
    repository = find_repository(root)
    undone = undo(repository, action)
    kept = undone.kept
    edited = [path.removeprefix(repository.prefix) for path in undone.edited]
    files = [path.removeprefix(repository.prefix) for path in undone.files]
    lines = [f"Undid {undone.title}: {_files(len(files))} as before."]
    if edited:
        lines += ["", f"What you had edited since is kept in {kept}:", *(f"  {file}" for file in edited)]
        lines += [f"git show {kept}:{undone.edited[0]}"]
    facts = {"undone": undone.release, "files": files, "edited": edited, "kept": kept}
    return Report(lines, facts)


def _told(target: Target, release: str, done: Done, inspection: "Inspection") -> list[str]:
    from stacksync.reports.text import lines, summary

    updated = done.files
    conflicts, kept = names_of(updated, "conflict"), names_of(updated, "kept")
    told = [f"Updated {_name(target)} from {target.current} to {release}: {_files(len(updated))}."]
    told += [f"  {each.file:44} {_SAID[each.kind]}" for each in updated]
    told += [*done.links, *([f"warning: {SECRET}"] if target.secret else [])]
    told += ["", f"stacksync check: {summary(inspection)}"]
    told += ["".join(text for text, _ in line) for line in lines(inspection, quiet=True)]
    told += ["", "Next:"]
    if conflicts:
        told += [f"  resolve {', '.join(conflicts)}: yours and the release's stand between <<<<<<< and >>>>>>>"]
    if kept:
        told += [f"  keep (git add) or remove (git rm) {', '.join(kept)}"]
    file = quoted([os.path.relpath(target.connector.root / DEV_FILE)])
    told += [f"  look at it (git diff), install what is new (stacksync run -- pip install -r {file})"]
    told += ["  run the tests (stacksync test), commit"]
    return [*told, "  or put everything back: stacksync update --undo"]


def _inspected(target: Target) -> "Inspection":
    from stacksync.inspection.inspection import inspect
    from stacksync.inspection.selection import read_selection

    root = target.connector.root
    return inspect(target.folder if target.is_module else root, read_selection(root, (), ()))


def _current(target: Target, release: str) -> str:
    if target.current == release:
        return f"Nothing to do: {_name(target)} is at {release}, the newest release."
    return f"Nothing to do: {_name(target)} is at {target.current}, and {release} is not newer."


def _name(target: Target) -> str:
    return target.connector.relative(target.folder) if target.is_module else "the connector"


def _module(target: Target) -> str:
    return f" --module {target.folder.parent.name}/{target.folder.name}" if target.is_module else ""


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
