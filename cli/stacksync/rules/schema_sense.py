"""Rules about what a form says: how its parts fit together."""

from typing import TYPE_CHECKING, ClassVar

from stacksync.inspection import json_edits
from stacksync.inspection.findings import Severity
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.version import Version
from stacksync.rules.note_rule import NoteRule
from stacksync.rules.rule import CheckRule, Edits

if TYPE_CHECKING:
    from stacksync.runtime.forms import Note


class Order(NoteRule):
    """The order of the fields names each field once."""

    code = "SCH010"
    title = "ui_order does not name each field once"
    why = "The platform may leave out a field that is not named, and stumble over a name that is no field."
    severity: ClassVar[Severity] = "warning"
    fixable = True
    kinds = ("order-missing-field", "order-unknown-field", "order-repeats")

    def tip(self, note: "Note") -> str:
        """Return what to do about a note."""
        return f"add {note.suggestion}" if note.kind == "order-missing-field" else super().tip(note) or "take it out"

    def fix(self, version: Version, schema: JsonDocument, note: "Note") -> Edits:
        """Take out what does not belong there, or add what is missing at the end, where it is shown anyway."""
        if note.kind != "order-missing-field" or version.form is None:
            return (json_edits.remove(schema, note.path),)

        *owner, _, _ = note.path  # of ui_options and ui_order: the form, an object, or what an array holds
        holder = next((field for field in version.form.walk() if field.source == tuple(owner)), version.form)
        missing = dict.fromkeys(each.id for each in holder.fields or () if each.id and each.id not in holder.order)
        return (json_edits.append(schema, note.path, missing),)


class Layout(NoteRule):
    """Layouts name fields."""

    code = "SCH011"
    title = "A layout names what is no field"
    why = "The platform has nothing to put there."
    severity: ClassVar[Severity] = "warning"
    kinds = ("layout-unknown-field",)


class UnknownField(NoteRule):
    """Rules and dependencies name fields."""

    code = "SCH012"
    title = "A rule or a dependency names a field that does not exist"
    why = "The rule never acts as it is written; choices that depend on the field are never loaded again."
    kinds = ("unknown-field",)


class Operator(NoteRule):
    """Rules compare in ways there are."""

    code = "SCH013"
    title = "A rule's operator does not exist"
    why = "The rule never applies."
    kinds = ("unknown-operator",)


class EmptyRule(NoteRule):
    """Rules have conditions."""

    code = "SCH014"
    title = "A rule has no conditions"
    why = "It never applies."
    severity: ClassVar[Severity] = "warning"
    kinds = ("empty-rule",)


class Pattern(NoteRule):
    """Patterns are JavaScript's, as in the platform's forms."""

    code = "SCH015"
    title = "A pattern is none that JavaScript knows"
    why = "It checks nothing."
    kinds = ("pattern-invalid",)


class Limits(NoteRule):
    """Some value lies within the limits."""

    code = "SCH017"
    title = "A lower limit is above the upper one"
    why = "No input is ever accepted."
    kinds = ("limits-crossed",)


class NoEffect(NoteRule):
    """Limits are such as the field's type has."""

    code = "SCH018"
    title = "A validation has no effect on a field of this type"
    why = "It looks as if something were checked, and nothing is."
    severity: ClassVar[Severity] = "warning"
    kinds = ("no-effect",)


class Choices(NoteRule):
    """Choices are alike, and different from one another."""

    code = "SCH019"
    title = "Choices are of mixed shape, of another type than the field, or repeated"
    why = "The handler gets values of a kind it does not expect, or cannot tell two choices apart."
    severity: ClassVar[Severity] = "warning"
    kinds = ("choices-mixed", "choice-type", "choice-repeats")


class Default(NoteRule):
    """Defaults are valid."""

    code = "SCH020"
    title = "A default fails the field's own validation"
    why = "A form that is sent as it was opened is refused."
    severity: ClassVar[Severity] = "warning"
    kinds = ("default-invalid",)


class EmptyDefault(NoteRule):
    """Objects have no text as default."""

    code = "SCH021"
    title = 'The default of an object is ""'
    why = "An empty text is no object; this runtime reads it as none, others may refuse it."
    severity: ClassVar[Severity] = "warning"
    fixable = True
    kinds = ("default-empty",)

    def fix(self, version: Version, schema: JsonDocument, note: "Note") -> Edits:
        """Leave it out."""
        return (json_edits.remove(schema, note.path),)


RULES: tuple[type[CheckRule], ...] = (
    Order,
    Layout,
    UnknownField,
    Operator,
    EmptyRule,
    Pattern,
    Limits,
    NoEffect,
    Choices,
    Default,
    EmptyDefault,
)
