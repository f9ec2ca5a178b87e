"""Reading a form schema: lenient with what real schemas hold, and noting all that is outside the specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .model import Change, Condition, Field, Form, Layout, Rule
from .parts import (
    Cursor,
    read_choices,
    read_connections,
    read_content,
    read_layout,
    read_messages,
    read_ui,
    read_validation,
)
from .values import is_number, members, to_number
from .vocabulary import (
    ANY,
    APPLY_AS,
    COMPARISONS,
    FORMATS,
    MANAGEMENT_TYPES,
    OPERATORS,
    SCHEMA_VERSION,
    TYPE_ALIASES,
    TYPES,
    FormError,
    Note,
    nearest,
    spoken,
)

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
        level = [inner for each in level for inner in members(each)]
        if not level:
            return

    raise FormError(f"a form schema nested more than {DEEPEST} deep cannot be read")


ReadField = Callable[..., Field]


def read_rules(cursor: Cursor, read_field: ReadField) -> tuple[Rule, ...]:
    """Read the rules of a form or a field."""
    return tuple(_read_rule(rule, read_field) for rule in cursor.objects("rule", "rules"))


def read_conditions(cursor: Cursor, own_id: str) -> tuple[Rule, ...]:
    """Read `conditions`, seen in real schemas: the values other fields must have for this one to be shown."""
    wanted = cursor.value.get("conditions")
    if not isinstance(wanted, Mapping) or not wanted:
        return ()

    others = tuple(
        Condition(str(name), "is_not_in", value if isinstance(value, list) else [value], (*cursor.path, "conditions"))
        for name, value in wanted.items()
    )
    hidden = Field(own_id, widget="hidden", given=frozenset({"widget"}))
    return (Rule((), others, (Change(hidden),), (*cursor.path, "conditions")),)


def _read_rule(cursor: Cursor, read_field: ReadField) -> Rule:
    for name in ("if", "then"):
        if cursor.key(name) is None:
            cursor.note("missing-key", f'the rule has no "{name}"')
    asked, then = cursor.inner("if", "if"), cursor.inner("then", "then")
    all_, any_ = _read_clause(asked, "and"), _read_clause(asked, "or")
    changes = [_read_change(change, read_field) for change in then.objects("change", "fields")] if then else []
    if asked and not (asked.value.get("and") or asked.value.get("or")):
        asked.note("empty-rule", "without conditions the rule never applies")
    if None in all_ or None in any_:
        all_, any_ = (), ()  # half a rule would do something nobody wrote; without conditions it does nothing

    whole = tuple(change for change in changes if change.field.id)
    return Rule(tuple(filter(None, all_)), tuple(filter(None, any_)), whole, cursor.path)


def _read_clause(asked: Cursor | None, name: str) -> tuple[Condition | None, ...]:
    return tuple(_read_condition(each) for each in asked.objects("condition", name)) if asked else ()


def _read_condition(cursor: Cursor) -> Condition | None:
    name, operator = cursor.text("id"), cursor.text("operator")
    for key in ("id", "operator"):
        if cursor.key(key) is None:
            cursor.note("missing-key", f'the condition has no "{key}"')
    if operator is not None and operator not in OPERATORS:
        known = f'"{operator}" is not an operator ({", ".join(OPERATORS)})'
        cursor.note("unknown-operator", known, nearest(operator, OPERATORS), at=("operator",))
        return None
    if not name or operator is None:
        return None

    return _read_value(cursor, name, operator)


def _read_value(cursor: Cursor, name: str, operator: str) -> Condition | None:
    value = cursor.get("value")
    if operator in COMPARISONS and cursor.key("value") is None:
        cursor.note("missing-key", f'"{operator}" needs a "value"')
        return None
    if operator in ("is_in", "is_not_in") and not isinstance(value, list):
        cursor.note("wrong-type", f'"{operator}" takes a list, not {spoken(value)}', at=("value",))
        value = [value]
    if operator in ("greater_than", "less_than"):
        value = to_number(value, whole=False)
        if not is_number(value):
            cursor.note("wrong-type", f'"{operator}" takes a number, not {spoken(value)}', at=("value",))
            return None

    return Condition(name, operator, value, cursor.path)


def _read_change(cursor: Cursor, read_field: ReadField) -> Change:
    apply_as: Any = cursor.one_of(APPLY_AS, "apply_as")
    return Change(read_field(cursor, partial=True), apply_as == "fully_replace")


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
