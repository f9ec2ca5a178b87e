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
    from stacksync.runtime.forms import Change, Field, Form


class GuideRule(VersionRule):
    """A rule of the present guides: only a note in modules of the first SDK, which were written before them."""

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong with each version."""
        for version in survey.versions:
            old = version.handlers.uses_sdk
            for finding in self.check_version(version):
                yield replace(finding, severity="note") if old else finding


class FieldRule(GuideRule):
    """A rule about each field that a form shows, as it is written and as the form's rules make it."""

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what is wrong with each field."""
        if version.form is None or version.schema is None:
            return

        wrong = [field for field in shown(version.form.fields) if self.message(field)]
        known = {field.source for field in wrong}
        changed = (field for base, field in changes(version.form) if base is None or base.source not in known)
        for field in (*wrong, *(each for each in changed if not each.hidden and self.message(each))):
            place, edits = place_of(version.schema, field), self.fix(version.schema, field)
            yield self.found(place, self.message(field), self.tip(field), edits)

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


def changes(form: "Form") -> "Iterator[tuple[Field | None, Field]]":
    """Yield what each rule of a form makes of a field, after the field that it was; it stands where the change does."""
    known = {field.id: field for field in reversed([*form.walk(), *form.fields])}
    for rule in (*form.rules, *(rule for field in form.walk() for rule in field.rules)):
        for change in rule.changes:
            base = known.get(change.field.id.rpartition(".")[2])
            yield base, _changed(base, change)


def _changed(base: "Field | None", change: "Change") -> "Field":
    part = change.field
    if base is None or change.replaces:
        return replace(part, type=base.type if base and "type" not in part.given else part.type)

    given = {name: getattr(part, name) for name in part.given - {"validation", "messages"}}
    own = {"source": part.source, "fields": part.fields, "items": part.items}
    return replace(base, **{**given, **own}, validation=part.validation.over(base.validation))


def place_of(schema: JsonDocument, field: "Field") -> Place:
    """Return the place to show for a field: its id, or the type of what an array holds, which has none."""
    written = schema.value_at(field.source)
    return schema.at((*field.source, "id" if isinstance(written, dict) and "id" in written else "type"))


def called(field: "Field") -> str:
    """Return what to call a field in a message."""
    return "each item" if is_item(field) else f'"{field.id}"'


def is_item(field: "Field") -> bool:
    """Say whether a field is what an array holds."""
    return field.source[-1:] == ("items",)
