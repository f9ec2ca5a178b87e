"""Rules of the platform's present guides, and those of them that are about one field of a form."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from stacksync.inspection.findings import Finding
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.places import Place
from stacksync.inspection.survey import Survey
from stacksync.inspection.version import Version
from stacksync.rules.rule import Edits, VersionRule

if TYPE_CHECKING:
    from src.runtime.forms import Field


class GuideRule(VersionRule):
    """A rule of the present guides: only a note in modules of the first SDK, which were written before them."""

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong with each version."""
        for version in survey.versions:
            old = version.handlers.uses_sdk
            for finding in self.check_version(version):
                yield replace(finding, severity="note") if old else finding


class FieldRule(GuideRule):
    """A rule about each field that a form shows."""

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what is wrong with each field."""
        if version.form is None or version.schema is None:
            return

        for field in shown(version.form.fields):
            if message := self.message(field):
                edits = self.fix(version.schema, field)
                yield self.found(place_of(version.schema, field), message, self.tip(field), edits)

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field; empty when nothing is."""
        raise NotImplementedError

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        raise NotImplementedError

    def fix(self, schema: JsonDocument, field: "Field") -> Edits:
        """Return the changes that fix it."""
        return ()


def shown(fields: "tuple[Field, ...]") -> "Iterator[Field]":
    """Yield the fields that people see, at any depth, and what arrays hold."""
    for field in fields:
        if not field.hidden:
            yield field
            yield from shown((*(field.fields or ()), *((field.items,) if field.items else ())))


def place_of(schema: JsonDocument, field: "Field") -> Place:
    """Return the place to show for a field: its id, or the type of what an array holds, which has none."""
    has_id = "id" in schema.value_at(field.source)
    return schema.at((*field.source, "id" if has_id else "type"))


def called(field: "Field") -> str:
    """Return what to call a field in a message."""
    return "items" if field.source[-1:] == ("items",) else f'"{field.id}"'
