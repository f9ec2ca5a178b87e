"""Rules about what the platform needs to show a form and to load its choices."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

from stacksync.inspection import json_edits
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.version import Version
from stacksync.rules.content import answered_names, asked_content, named_content
from stacksync.rules.field_rule import FieldRule, GuideRule, called
from stacksync.rules.rule import CheckRule, Edits

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field

RELOADS = "reload_content_objects"


class NestedOrder(FieldRule):
    """Objects name the order of their fields."""

    code = "SCH024"
    title = "An object, or what an array holds, has no ui_order"
    why = "The platform needs it to show the fields in there."
    severity: ClassVar[Severity] = "warning"
    fixable = True

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field."""
        return f"{called(field)} has fields and no ui_order" if field.fields and not field.order else ""

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        names = ", ".join(f'"{name}"' for name in _ids(field))
        return f'write "ui_options": {{"ui_order": [{names}]}}'

    def fix(self, schema: JsonDocument, field: "Field") -> Edits:
        """Name the fields in the order they are written in, in which they are shown anyway."""
        options = schema.value_at(field.source).get("ui_options")
        if isinstance(options, dict) and options.get("ui_order") == []:
            return (json_edits.append(schema, (*field.source, "ui_options", "ui_order"), _ids(field)),)

        return json_edits.put(schema, field.source, ("ui_options", "ui_order"), _ids(field))


class Reload(GuideRule):
    """What is asked for again is asked for at all."""

    code = "SCH027"
    title = "A change asks for a content object that no field has"
    why = "The choices that were meant are not loaded again: they stay those of the value before."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the content objects that nobody has."""
        if version.form is None or version.schema is None:
            return

        known = {*asked_content(version), *(asked.name for asked in version.built_content if not asked.again)}
        if version.handlers.makes_form:  # the fields that have them may come from code
            answered = answered_names(version)
            if answered is None or version.handlers.hidden:
                return
            known |= answered
        for name, paths in named_content(version, RELOADS).items():
            if name in known:
                continue
            near = get_close_matches(name, known, 1)
            tip = f'write "{near[0]}"' if near else "name a content object that a field has"
            for path in paths:
                yield self.found(version.schema.at(path), f'no field has the content object "{name}"', tip)


class ReloadAll(FieldRule):
    """A change names the content objects to load again."""

    code = "SCH030"
    title = "load_content names no content objects"
    why = "Each change asks for the choices of every field again, and the form waits for all of them."
    severity: ClassVar[Severity] = "note"

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field."""
        if not field.load_content or field.reload_content_objects:
            return ""

        return f"a change of {called(field)} loads every content object again"

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        return f'name those that depend on it: "{RELOADS}": [{{"id": "…"}}]'


def _ids(field: "Field") -> list[str]:
    return [each.id for each in field.fields or () if each.id]


RULES: tuple[type[CheckRule], ...] = (NestedOrder, Reload, ReloadAll)
