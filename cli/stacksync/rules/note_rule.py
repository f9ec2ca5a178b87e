"""A rule about what the runtime says of a form; here it gets a code, a place and a fix."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from stacksync.inspection.findings import Finding
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.places import Place
from stacksync.inspection.version import Version
from stacksync.rules.rule import Edits, VersionRule

if TYPE_CHECKING:
    from stacksync.runtime.forms import Note


# What is wrong with the shape of these parts of a form has rules of its own.
_SHAPE = {"missing-key", "wrong-type"}


def part_of(note: "Note") -> str:
    """Return the part of a form that a note is about, if it is one that has a rule of its own."""
    if note.path[:1] == ("connections",) and note.kind in {*_SHAPE, "unknown-value"}:
        return "connections"
    if note.kind in _SHAPE and ("choices", "values") in pairwise((*note.path, "values")):
        return "choices"

    return ""


class NoteRule(VersionRule):
    """A rule that hands on what the runtime says about a form, of certain `kinds`."""

    kinds: ClassVar[tuple[str, ...]]

    def covers(self, note: "Note") -> bool:
        """Say whether a note is this rule's."""
        return note.kind in self.kinds and not part_of(note)

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what the runtime says."""
        for note in version.notes:
            if version.schema and self.covers(note):
                place, fix = self.place(version.schema, note), self.fix(version, version.schema, note)
                yield self.found(place, note.message, self.tip(note), fix)

    def place(self, schema: JsonDocument, note: "Note") -> Place:
        """Return where the fault is: the value, unless it is the key that is wrong."""
        return schema.at(note.path)

    def tip(self, note: "Note") -> str:
        """Return what to do about a note."""
        if not note.suggestion:
            return ""

        return f'write "{note.suggestion}"' if re.fullmatch(r"[\w.-]+", note.suggestion) else f"write {note.suggestion}"

    def fix(self, version: Version, schema: JsonDocument, note: "Note") -> Edits:
        """Return the changes that fix it without changing what the form means."""
        return ()
