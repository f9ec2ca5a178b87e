"""Reading the fields of a form schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..model import Field
from ..notes import nearest
from ..vocabulary import ANY, FORMATS, MANAGEMENT_TYPES, TYPE_ALIASES, TYPES
from .cursor import Cursor
from .parts import read_choices, read_content, read_messages, read_ui, read_validation
from .rules import read_conditions, read_rules


def read_fields(parent: Cursor, *names: str, partial: bool = False) -> tuple[Field, ...]:
    """Read a list of fields; a map of them by id means the same.

    Args:
        partial: whether they are what a rule changes.
    """
    key = parent.key(*names)
    if key == "properties" and isinstance(parent.value[key], Mapping):
        by_id = parent.value[key].items()
        cursors = ((str(name), parent.at("field", value, key, str(name))) for name, value in by_id)
        return tuple(read_field(cursor, own_id=name, partial=partial) for name, cursor in cursors)

    fields = tuple(read_field(cursor, partial=partial) for cursor in parent.objects("field", *names))
    seen: set[str] = set()
    for index, each in enumerate(fields):
        if each.id and each.id in seen:
            parent.note("duplicate-id", f'another field has the id "{each.id}"', at=(key or "", index, "id"))
        seen.add(each.id)
    return fields


def read_field(cursor: Cursor, *, own_id: str | None = None, partial: bool = False) -> Field:
    """Read one field.

    Args:
        own_id: the id of a field that its place names.
        partial: whether it is what a rule changes of a field, which need not be whole.
    """
    own_id = _read_id(cursor) if own_id is None else own_id
    type_ = _read_type(cursor, partial)
    parts = {
        "type": type_,
        "label": cursor.text("label"),
        "description": cursor.text("description", "help_text"),
        "placeholder": cursor.text("placeholder"),
        "format": _read_format(cursor),
        "choices": read_choices(cursor, type_),
        "content": read_content(cursor),
        "messages": read_messages(cursor),
        "validation": read_validation(cursor, type_),
        "app_types": cursor.texts("allowed_app_types") or None,
        "management_types": cursor.texts("allowed_connection_management_types", allowed=MANAGEMENT_TYPES) or None,
        "disable_replacement": cursor.flag("disable_replacement"),
        "rules": (*read_rules(cursor, read_field), *read_conditions(cursor, own_id)) or None,
        "fields": _read_inner(cursor, partial),
        "items": _read_items(cursor, partial),
    }
    given: dict[str, Any] = {name: value for name, value in parts.items() if value is not None}
    given |= {**read_ui(cursor), **_read_default(cursor), **_read_action(cursor)}
    given |= {"secret": True} if given["type"] == "connection" or given.get("widget") == "password" else {}
    said = given.keys() - ({"type"} if partial and cursor.key("type") is None else set())
    return Field(own_id, source=cursor.path, given=frozenset(said), **given)


def _read_id(cursor: Cursor) -> str:
    name = cursor.text("id")
    if cursor.key("id") is None or name == "":
        cursor.note("missing-key", "the field has no id", at=("id",) if name == "" else ())
    return name or ""


def _read_type(cursor: Cursor, partial: bool) -> str:
    name = cursor.text("type")
    if name in TYPES:
        return name
    if name is not None:
        fix = TYPE_ALIASES.get(name.lower()) or nearest(name, TYPES)
        cursor.note("unknown-type", f'"{name}" is not a type ({", ".join(TYPES)})', fix, at=("type",))
        return TYPE_ALIASES.get(name.lower()) or _type_of(cursor)

    found = _type_of(cursor)
    if cursor.key("type") is None and not partial:
        cursor.note("missing-key", "the field has no type", f'"type": "{"string" if found == ANY else found}"')
    return found


def _type_of(cursor: Cursor) -> str:
    """Guess the type of a field that does not name one."""
    signs = {"fields": "object", "properties": "object", "items": "array", "allowed_app_types": "connection"}
    return next((type_ for sign, type_ in signs.items() if cursor.key(sign)), ANY)


def _read_items(cursor: Cursor, partial: bool) -> Field | None:
    items = cursor.inner("field", "items")
    return read_field(items, own_id="items", partial=partial) if items else None


def _read_inner(cursor: Cursor, partial: bool) -> tuple[Field, ...] | None:
    if cursor.key("fields", "properties") is None:
        return None

    return _with_required(cursor, read_fields(cursor, "fields", "properties", partial=partial))


def _with_required(cursor: Cursor, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Read a list under `required`, as JSON Schema has it: the ids of the fields required."""
    names = cursor.value.get("required")
    if not isinstance(names, list):
        return fields

    return tuple(
        replace(each, validation=replace(each.validation, required=True)) if each.id in names else each
        for each in fields
    )


def _read_action(cursor: Cursor) -> dict[str, Any]:
    """Read what a change of the value asks for; the content objects to ask for again stand beside `on_action`."""
    action = cursor.inner("on_action", "on_action")
    reloads = tuple(each.text("id") for each in cursor.objects("reload", "reload_content_objects"))
    parts: dict[str, Any] = {
        "load_schema": action.flag("load_schema") if action else None,
        "load_content": action.flag("load_content") if action else None,
        "reload_content_objects": tuple(filter(None, reloads)) or None,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _read_default(cursor: Cursor) -> dict[str, Any]:
    options = cursor.value.get("ui_options")
    key = cursor.key("default", "default_value")
    if key is None and isinstance(options, Mapping) and "default" in options:
        return {"default": options["default"], "default_source": (*cursor.path, "ui_options", "default")}

    return {} if key is None else {"default": cursor.value[key], "default_source": (*cursor.path, key)}


def _read_format(cursor: Cursor) -> str | None:
    validation = cursor.value.get("validation")
    nested = validation.get("format") if isinstance(validation, Mapping) else None
    return cursor.one_of(FORMATS, "format") or (nested if nested in FORMATS else None)
