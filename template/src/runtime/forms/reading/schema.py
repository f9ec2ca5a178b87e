"""Reading a form schema: lenient with what real schemas hold, and noting all that is outside the specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Form, Layout
from ..notes import FormError, Note, spoken
from ..vocabulary import SCHEMA_VERSION
from .cursor import Cursor
from .fields import read_field, read_fields
from .parts import read_connections, read_layout
from .rules import read_rules

DEEPEST = 64


def read_form(schema: Any) -> Form:
    """Read a form schema, as JSON gives it; what is wrong with it but can be lived with is in the form's `notes`.

    Raises:
        FormError: it is not an object, or nested too deeply to be a form.
    """
    if not isinstance(schema, Mapping):
        raise FormError(f"a form schema is a JSON object, not {spoken(schema)}")
    _refuse_deep(schema)

    notes: list[Note] = []
    root = Cursor(schema, (), "form", notes)
    if root.key("fields") is None:
        root.note("missing-key", 'the list "fields" is missing', '"fields": []')
    version, (order, layout) = _read_version(root), _read_order(root)
    connections = read_connections(root)
    fields, rules = read_fields(root, "fields"), read_rules(root, read_field)
    return Form(fields, rules, order, layout, version, connections, tuple(notes))


def _read_version(root: Cursor) -> str | None:
    metadata = root.inner("metadata", "metadata")
    key = "workflows_module_schema_version"
    if metadata is None or metadata.key(key) is None:
        place = metadata or root
        place.note("missing-key", f'"metadata" is missing "{key}"', f'"{key}": "{SCHEMA_VERSION}"')
        return None

    version = metadata.text(key)
    if version not in (None, SCHEMA_VERSION):
        metadata.note("unknown-value", f'"{version}" is not a known version', SCHEMA_VERSION, at=(key,))
    return version


def _read_order(root: Cursor) -> tuple[tuple[str, ...], Layout | None]:
    options = root.inner("form ui_options", "ui_options")
    return (options.texts("ui_order"), read_layout(options)) if options else ((), None)


def _refuse_deep(schema: Any) -> None:
    level: list[Any] = [schema]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return

    raise FormError(f"a form schema nested more than {DEEPEST} deep cannot be read")


def _inner(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())

    return value if isinstance(value, list) else []
