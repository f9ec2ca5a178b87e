"""Rules about what a field does with a template, such as `{{ MODULE.x.output.id }}`, which stands for a later value."""

from typing import TYPE_CHECKING, ClassVar

from stacksync.inspection import json_edits
from stacksync.inspection.findings import Severity
from stacksync.inspection.json_document import JsonDocument
from stacksync.rules.field_rule import FieldRule, called, is_item
from stacksync.rules.rule import CheckRule, Edits

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field

ANY_TEXT = ".*"

_PICKERS = ("date", "date-time")
_NUMBERS = {"number": "a number", "integer": "a whole number"}


class Dropdown(FieldRule):
    """Dropdowns take templates."""

    code = "SCH022"
    title = "A dropdown has no pattern"
    why = "The platform refuses a template in it: users can choose a value, but not take one from an earlier step."
    severity: ClassVar[Severity] = "warning"
    fixable = True
    alters = frozenset({"pattern"})

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field: the object selector, whose value decides on the form, has no pattern."""
        free = field.load_schema or field.disable_replacement or field.validation.pattern is not None
        if free or field.type != "string" or not is_dropdown(field) or is_item(field):
            return ""

        return f"the dropdown {called(field)} refuses templates"

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        return f'write "validation": {{"pattern": "{ANY_TEXT}"}}; execute then gets any text, not only the choices'

    def fix(self, schema: JsonDocument, field: "Field") -> Edits:
        """Let it take any text."""
        return json_edits.put(schema, field.source, ("validation", "pattern"), ANY_TEXT)


class Boolean(FieldRule):
    """Booleans are checkboxes."""

    code = "SCH023"
    title = "A boolean does not say whether it takes templates"
    why = "The platform shows it as a choice between a value and a template, not as a checkbox."
    severity: ClassVar[Severity] = "warning"
    fixable = True
    alters = frozenset({"disable_replacement"})

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field."""
        if field.type != "boolean" or field.disable_replacement is not None:
            return ""

        return f"{called(field)} is not shown as a checkbox"

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        return 'write "disable_replacement": true, or false where it is to take templates'

    def fix(self, schema: JsonDocument, field: "Field") -> Edits:
        """Make it a checkbox."""
        return json_edits.put(schema, field.source, ("disable_replacement",), True)


class Typed(FieldRule):
    """Numbers and dates are texts, so that templates can be typed."""

    code = "SCH028"
    title = "A template cannot be typed into a number or a date"
    why = "Its control takes only numbers or dates; a value of an earlier step can be picked at most."
    severity: ClassVar[Severity] = "note"

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field."""
        kind = _NUMBERS.get(field.type) or ("a date" if field.type == "string" and field.format in _PICKERS else "")
        if not kind or field.disable_replacement:
            return ""

        return f"{called(field)} is {kind}, into which no template can be typed"

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        if field.type == "string":
            return f'leave out "format": "{field.format}" and say in the description how to write it'

        return 'write "type": "string", and convert the text in execute'


class ChoiceList(FieldRule):
    """Several of many are a text."""

    code = "SCH029"
    title = "Several choices are an array"
    why = "The platform's editor has no working control for it, and none that takes a template."
    severity: ClassVar[Severity] = "note"

    def message(self, field: "Field") -> str:
        """Return what is wrong with a field."""
        held = field.every_item if field.type == "array" else None
        return f"{called(field)} is an array of choices" if held and (held.choices or held.content) else ""

    def tip(self, field: "Field") -> str:
        """Return what to do about it."""
        return "make it a string of values with commas between them, and split it in execute"


def is_dropdown(field: "Field") -> bool:
    """Say whether the platform shows a field as a dropdown."""
    return field.widget == "SelectWidget" or bool(field.choices or field.content)


RULES: tuple[type[CheckRule], ...] = (Dropdown, Boolean, Typed, ChoiceList)
