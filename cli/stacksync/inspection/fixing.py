"""Fix what can be fixed without changing what is meant, and what the user asked for by the name of a rule."""

import os
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from stacksync.connector import Connector
from stacksync.inspection.findings import Edit, Finding
from stacksync.inspection.inspection import Inspection, inspect
from stacksync.inspection.places import TextFile
from stacksync.inspection.selection import Selection
from stacksync.runtime import decode, forms

MOST_ROUNDS = 20

# Where something stands, or how it was written, is not what it means.
_NOT_MEANING = frozenset({"source", "sources", "default_source", "given", "reading", "order"})


def fix(path: Path, selection: Selection | None = None) -> tuple[Inspection, int]:
    """Change the files until there is nothing left to fix; return what is found then, and how much was fixed.

    What a link leads to is left alone: it is another folder's, or another connector's.
    """
    mended = 0
    for _ in range(MOST_ROUNDS):
        inspection = inspect(path, selection)
        connector = Connector(inspection.root)
        files = _by_file(inspection)
        done = sum(_fix_file(file, groups) for file, groups in files.items() if not connector.link_to(file.path))
        mended += done
        if not done:
            break

    return inspection, mended


def applied(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with edits made, which must not overlap."""
    made, end = [], 0
    for edit in sorted(edits, key=lambda each: each.place.start):
        made += [text[end : edit.place.start], edit.text]
        end = edit.place.end
    return "".join([*made, text[end:]])


def _by_file(inspection: Inspection) -> dict[TextFile, list[Finding]]:
    found: dict[TextFile, list[Finding]] = defaultdict(list)
    for finding in filter(inspection.fixes, inspection.findings):
        found[finding.place.file].append(finding)
    return found


def _fix_file(file: TextFile, findings: list[Finding]) -> int:
    """Make as many of the edits as go together; the others are found again in the next round."""
    for chosen in (_compatible(findings), *([finding] for finding in findings)):
        text = applied(file.text, dict.fromkeys(edit for finding in chosen for edit in finding.edits))
        alters = frozenset().union(*(finding.alters for finding in chosen))
        if text != file.text and _meaning(text, alters) == _meaning(file.text, alters):
            _write(file, text)
            return len(chosen)

    return 0


def _compatible(findings: list[Finding]) -> list[Finding]:
    chosen: list[Finding] = []
    for finding in findings:
        taken = {edit for other in chosen for edit in other.edits}
        if not any(_overlap(edit, other) for edit in finding.edits for other in taken if edit != other):
            chosen.append(finding)
    return chosen


def _overlap(one: Edit, other: Edit) -> bool:
    return one.place.start <= other.place.end and other.place.start <= one.place.end


def _meaning(text: str, alters: frozenset[str]) -> Any:
    """Return what a form means, but for the attributes that are meant to be altered."""
    form = forms.read_form(decode(text))
    return _essence(form, _NOT_MEANING | alters), [field.id for field in form.ordered()]


def _essence(value: Any, aside: frozenset[str]) -> Any:
    if is_dataclass(value):
        said = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in aside}
        if said.get("type") == "object" and said.get("default") == "":
            said["default"] = None
        return {name: _essence(inner, aside) for name, inner in said.items()}

    return [_essence(each, aside) for each in value] if isinstance(value, tuple) else value


def _write(file: TextFile, text: str) -> None:
    """Put a new file in the place of the old in one step, with its mode and its byte order mark."""
    path = file.path
    draft = path.with_name(f".stacksync-{secrets.token_hex(4)}")
    try:
        draft.write_bytes(text.encode("utf-8-sig" if file.marked else "utf-8", "surrogatepass"))
        draft.chmod(path.stat().st_mode & 0o7777)
        os.replace(draft, path)  # noqa: PTH105 - the one that replaces on Windows too
    finally:
        draft.unlink(missing_ok=True)
