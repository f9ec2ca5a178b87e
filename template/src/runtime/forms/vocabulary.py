"""The names a form schema is written with, those specified and those real schemas use instead, and notes about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Literal

TYPES = ("string", "number", "integer", "boolean", "connection", "object", "array")
ANY = "any"  # ours: the type of a field that names none we know; every value is accepted
NUMBERS = ("number", "integer")
SCALARS = ("string", *NUMBERS, "boolean")
FORMATS = ("email", "uri", "date", "date-time", "uuid")
WIDGETS = ("input", "textarea", "password", "SelectWidget", "checkbox", "CodeblockWidget", "hidden")
LANGUAGES = ("json", "sql", "javascript", "python", "yaml", "xml", "html", "css")
MANAGEMENT_TYPES = ("managed", "custom")
APPLY_AS = ("merge", "fully_replace")
SCHEMA_VERSION = "1.0.0"

COMPARISONS = ("equal", "not_equal", "is_in", "is_not_in", "greater_than", "less_than")
OPERATORS = (*COMPARISONS, "is_empty", "is_not_empty")
RULE_NAMES = ("required", "min_length", "max_length", "minimum", "maximum", "pattern", "min_items", "max_items")
MESSAGE_NAMES = (*RULE_NAMES, "format", "type", "choices")

_FIELD = (
    "id",
    "type",
    "label",
    "description",
    "default",
    "validation",
    "validation_messages",
    "format",
    "choices",
    "content",
    "ui_options",
    "on_action",
    "rules",
    "allowed_app_types",
    "allowed_connection_management_types",
    "fields",
    "items",
    "disable_replacement",
    "reload_content_objects",
)

SPECIFIED: dict[str, tuple[str, ...]] = {
    "form": ("metadata", "connections", "fields", "ui_options", "rules"),
    "metadata": ("workflows_module_schema_version",),
    "connections": ("required", "app_types", "allowed_connection_management_types"),
    "form ui_options": ("ui_order", "ui_layout"),
    "field": _FIELD,
    "validation": RULE_NAMES,
    "validation_messages": MESSAGE_NAMES,
    "ui_options": ("ui_widget", "ui_options", "ui_layout", "ui_order"),
    "widget options": ("language",),
    "ui_layout": ("type", "elements"),
    "choices": ("values",),
    "choice": ("value", "label"),
    "content": ("type", "content_objects"),
    "content object": ("id", "content_object_depends_on_fields"),
    "dependency": ("id",),
    "on_action": ("load_schema", "load_content"),
    "reload": ("id",),
    "rule": ("if", "then"),
    "if": ("and", "or"),
    "condition": ("id", "operator", "value"),
    "then": ("fields",),
    "change": (*_FIELD, "apply_as"),
}

# Seen in real schemas, by where they stand; the value says what the specification has for it.
_FIELD_ALIASES: dict[str, str | None] = {
    "help_text": "description",
    "default_value": "default",
    "placeholder": "description",
    "enum": "choices.values",
    "enumNames": "choices.values, with a label each",
    "properties": "fields",
    "required": "validation.required",
    "conditions": "rules",
    "minItems": "validation.min_items",
    "maxItems": "validation.max_items",
}

ALIASES: dict[str, dict[str, str | None]] = {
    "field": _FIELD_ALIASES,
    "change": _FIELD_ALIASES,
    "validation": {
        "min": "minimum",
        "max": "maximum",
        "minItems": "min_items",
        "maxItems": "max_items",
        "minLength": "min_length",
        "maxLength": "max_length",
        "type": "type, on the field",
        "format": "format, on the field",
        "enum": "choices.values, on the field",
    },
    "validation_messages": {
        "minLength": "min_length",
        "maxLength": "max_length",
        "min": "minimum",
        "max": "maximum",
        "minItems": "min_items",
        "maxItems": "max_items",
    },
    "ui_options": {
        "placeholder": "description, on the field",
        "default": "default, on the field",
        "options": "choices.values, on the field",
        "item_label": "label, on items",
        "hidden": 'ui_widget: "hidden"',
        "is_password": 'ui_widget: "password"',
        "multiline": 'ui_widget: "textarea"',
        "refresh_on_change": "on_action.load_schema, on the field",
        "refresh_on_click": None,
        "ui:layout": "ui_layout",
        "language": "ui_options.language",
    },
    "form ui_options": {"ui:layout": "ui_layout"},
    "on_action": {"reload_content_objects": "reload_content_objects, on the field"},
}

WIDGET_ALIASES = {
    "dropdown": "SelectWidget",
    "select": "SelectWidget",
    "json_editor": "CodeblockWidget",
    "code_editor": "CodeblockWidget",
    "include_exclude": "SelectWidget",
    "include_only": "SelectWidget",
}

TYPE_ALIASES = {
    "text": "string",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "list": "array",
    "dict": "object",
    "json": "object",
}


Path = tuple[str | int, ...]

# To compare two names takes time by their lengths multiplied, and a schema may hold any number of them, of any length.
LONGEST_MISTYPED, MOST_COMPARED = 100, 200

# With one of these the form cannot work as it is written; with any other it works, though perhaps not as it is meant.
ERRORS = frozenset(
    {
        "missing-key",
        "wrong-type",
        "unknown-type",
        "unknown-operator",
        "duplicate-id",
        "unknown-field",
        "pattern-invalid",
        "limits-crossed",
    }
)


class FormError(ValueError):
    """A form schema that cannot be read, or not be turned into what was asked for."""


@dataclass(frozen=True)
class Note:
    """One remark on a form schema.

    Args:
        path: where, as keys and indices from the schema's root.
        kind: a stable code, such as `unknown-key`.
        message: what is wrong, in one sentence.
        suggestion: what to write instead, when that is known.
    """

    path: Path
    kind: str
    message: str
    suggestion: str | None = None

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Return `error` when the form cannot work as it is written."""
        return "error" if self.kind in ERRORS else "warning"


def spoken(value: Any) -> str:
    """Say what kind of JSON value this is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (int, float)):
        return "a number"

    return "a list" if isinstance(value, list) else "an object"


def nearest(name: str, names: Iterable[str], alike: float = 0.6) -> str | None:
    """Return the name most like a mistyped one: of the first of them, and where it is not too long to be one.

    Args:
        name: The mistyped one.
        names: Those that there are.
        alike: How much of the two must be the same, from 0 to 1: words of the specification are few and far apart.
    """
    if len(name) > LONGEST_MISTYPED:
        return None

    return next(iter(get_close_matches(name, islice(names, MOST_COMPARED), 1, alike)), None)


def nearest_field(name: str, names: Iterable[str]) -> str | None:
    """Return the field that a mistyped name means; people's own words are alike without meaning the same."""
    return nearest(name, names, 0.8)
