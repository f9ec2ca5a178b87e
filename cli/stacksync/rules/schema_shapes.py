"""Rules about the shape of two parts of a form: its choices, and the connection above its fields."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.version import Version
from stacksync.rules.field_rule import GuideRule
from stacksync.rules.note_rule import NoteRule, part_of
from stacksync.rules.rule import CheckRule

if TYPE_CHECKING:
    from stacksync.runtime.forms import Note


_SOME = '["generic_api_credentials"]'


class PartRule(NoteRule, GuideRule):
    """A rule that hands on what the runtime says about the shape of one part of a form."""

    part: ClassVar[str]
    kinds = ()

    def covers(self, note: "Note") -> bool:
        """Say whether a note is this rule's."""
        return part_of(note) == self.part


class ChoiceShape(PartRule):
    """Choices have a value and a label."""

    code = "SCH025"
    title = "A choice is not {value, label}"
    why = "The platform reads a choice's value and its label; without them, users may see an empty entry."
    severity: ClassVar[Severity] = "warning"
    part = "choices"

    def tip(self, note: "Note") -> str:
        """Return what to do about a note."""
        return super().tip(note) or 'write {"value": …, "label": …}'

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what the runtime says of choices, and those without a label."""
        yield from super().check_version(version)
        for path, choice in _choices(version):
            if "value" in choice and "label" not in choice and version.schema:
                place = version.schema.at((*path, "value"), key=True)
                yield self.found(place, 'the choice has no "label"', 'write "label", which is what people see')


class RootConnection(PartRule):
    """The connection of a form says which it may be."""

    code = "SCH026"
    title = "The connections block is malformed"
    why = "The platform shows no connection to choose, or the wrong ones, and the module runs without credentials."
    severity: ClassVar[Severity] = "warning"
    part = "connections"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what the runtime says of the block, and a list of app types that names none."""
        schema, form = version.schema, version.form
        if schema is None or form is None or "connections" not in schema.value:
            return

        if not isinstance(schema.value["connections"], dict):
            message = '"connections" is an object with required and app_types'
            yield self.found(schema.at(("connections",)), message, f'write {{"required": true, "app_types": {_SOME}}}')
            return
        yield from super().check_version(version)
        if schema.value["connections"].get("app_types") in ([], [""]):
            place, tip = schema.at(("connections", "app_types")), f"write {_SOME}, or the type that is the app's own"
            yield self.found(place, '"app_types" names no app type', tip)


def _choices(version: Version) -> "Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]":
    """Yield the choices that stand in the schema under `choices`, with their places."""
    for field in version.fields_and_changes:
        for choice in field.choices:
            value = version.schema.value_at(choice.source) if version.schema and choice.source else None
            if isinstance(value, dict) and choice.source[-2:-1] == ("values",):
                yield choice.source, value


RULES: tuple[type[CheckRule], ...] = (ChoiceShape, RootConnection)
