"""Rules about schema.json as it is written: what can be read, and names that the specification has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from stacksync.inspection import json_edits
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.places import Place
from stacksync.inspection.version import Version
from stacksync.rules.note_rule import NoteRule
from stacksync.rules.rule import CheckRule, Edits, RepeatedKeyRule, VersionRule

if TYPE_CHECKING:
    from stacksync.runtime.forms import Note

# The other names that mean exactly what the specified one does, and flags that a widget says as well.
SAME_MEANING = {
    "help_text": "description",
    "default_value": "default",
    "properties": "fields",
    "min": "minimum",
    "max": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "ui:layout": "ui_layout",
}
# What means the same only under `validation`; beside it, it would have to move there.
SAME_LIMIT = {"minItems": "min_items", "maxItems": "max_items"}
SAME_WIDGET = {
    "dropdown": "SelectWidget",
    "select": "SelectWidget",
    "json_editor": "CodeblockWidget",
    "code_editor": "CodeblockWidget",
}
WIDGET_FLAGS = {"hidden": "hidden", "is_password": "password", "multiline": "textarea"}


class SchemaUnreadable(VersionRule):
    """The form can be read."""

    code = "SCH001"
    title = "schema.json cannot be read"
    why = "The platform gets an error instead of a form, and input is refused."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield why the form cannot be read."""
        schema = version.schema
        if schema is None:
            return
        if schema.fault:
            yield self.found(
                schema.fault.place, f"the file {schema.fault.message}", "correct it; nothing else of it is checked"
            )
        elif version.form is None:
            yield self.found(
                schema.at(), f"the file is not a form: {_reason(schema)}", "write an object with metadata and fields"
            )


def _reason(schema: JsonDocument) -> str:
    from stacksync.runtime import forms

    try:
        forms.read_form(schema.value)
    except (forms.FormError, RecursionError) as error:
        return str(error) or "it is nested too deep"

    return ""


class RepeatedKey(VersionRule, RepeatedKeyRule):
    """Each key stands once."""

    code = "SCH002"
    title = "A key of schema.json is repeated in its object"
    why = "Only the last one counts, whatever the others say."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield every key that its object has already."""
        yield from self.repeated(version.schema) if version.schema else ()


class MissingKey(NoteRule):
    """Whatever must be said is."""

    code = "SCH003"
    title = "A key that a form must have is missing"
    why = "The platform cannot show what is not complete."
    kinds = ("missing-key",)


class WrongType(NoteRule):
    """Every value is of the kind it must be."""

    code = "SCH004"
    title = "A value of the form is not of the kind it must be"
    why = "It is not read: the form is shown as if it were not there, or not at all."
    kinds = ("wrong-type",)


class FieldType(NoteRule):
    """Every field is of a type there is."""

    code = "SCH005"
    title = "A field's type does not exist"
    why = "The platform has no control for it, and any input is accepted."
    kinds = ("unknown-type",)


class DuplicateId(NoteRule):
    """Fields can be told apart."""

    code = "SCH006"
    title = "Two fields beside each other have one id"
    why = "Input has one value for the two of them."
    kinds = ("duplicate-id",)


class UnknownKey(NoteRule):
    """Every key is in the specification."""

    code = "SCH007"
    title = "A key of the form is not in the specification"
    why = "Nobody reads it: whatever it was to change stays as it is. Often it is misspelt."
    severity: ClassVar[Severity] = "warning"
    kinds = ("unknown-key",)

    def place(self, schema: JsonDocument, note: "Note") -> Place:
        """Return where the key stands."""
        return schema.at(note.path, key=True)


class Alias(NoteRule):
    """Keys have the names of the specification."""

    code = "SCH008"
    title = "A key or widget has another name in the specification"
    why = "This connector's runtime understands it, the platform may not."
    severity: ClassVar[Severity] = "warning"
    fixable = True
    kinds = ("alias",)

    def place(self, schema: JsonDocument, note: "Note") -> Place:
        """Return where the key stands, or the widget."""
        return schema.at(note.path, key=note.path[-1] != "ui_widget")

    def fix(self, version: Version, schema: JsonDocument, note: "Note") -> Edits:
        """Give it the specified name, where that means the same and is free."""
        *above, key = note.path
        beside = schema.value_at(above)
        if key == "ui_widget":
            widget = SAME_WIDGET.get(beside[key])
            return (json_edits.replace(schema, note.path, widget),) if widget else ()

        limit = SAME_LIMIT.get(str(key)) if above and str(above[-1]).startswith("validation") else None
        name, value = limit or SAME_MEANING.get(str(key)), beside[key]
        if name and name not in beside and (key != "properties" or isinstance(value, list)):
            return (json_edits.rename(schema, note.path, name),)
        if key in WIDGET_FLAGS and value is True and "ui_widget" not in beside:
            renamed = json_edits.rename(schema, note.path, "ui_widget")
            return (renamed, json_edits.replace(schema, note.path, WIDGET_FLAGS[str(key)]))
        return ()


class UnknownValue(NoteRule):
    """Words are those of the specification."""

    code = "SCH009"
    title = "A value is not among those of the specification"
    why = "The platform does not know what to do with it."
    severity: ClassVar[Severity] = "warning"
    kinds = ("unknown-value", "unknown-widget")


RULES: tuple[type[CheckRule], ...] = (
    SchemaUnreadable,
    RepeatedKey,
    MissingKey,
    WrongType,
    FieldType,
    DuplicateId,
    UnknownKey,
    Alias,
    UnknownValue,
)
