"""Reading what a field of a form schema says of its values and its looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .cursor import Cursor
from .model import Choice, Content, ContentObject, Layout, RootConnections, Validation
from .values import to_number
from .vocabulary import ALIASES, LANGUAGES, MANAGEMENT_TYPES, NUMBERS, WIDGET_ALIASES, WIDGETS, Note, Path, nearest


def read_validation(cursor: Cursor, type_: str) -> Validation | None:
    """Read what values must satisfy; `min` and `max` mean what they can mean for the type."""
    rules = cursor.inner("validation", "validation")
    required = cursor.flag("required") if not isinstance(cursor.value.get("required"), list) else None
    own = Validation(required=required, min_items=cursor.size("minItems"), max_items=cursor.size("maxItems"))
    if rules is None:
        return None if own == Validation() else own

    counted, measured = type_ == "array", type_ == "string"
    amounts = not (counted or measured)
    read = Validation(
        required=rules.flag("required"),
        min_length=rules.size("min_length", "minLength", *_only("min", measured)),
        max_length=rules.size("max_length", "maxLength", *_only("max", measured)),
        minimum=rules.number("minimum", *_only("min", amounts)),
        maximum=rules.number("maximum", *_only("max", amounts)),
        pattern=rules.text("pattern"),
        min_items=rules.size("min_items", "minItems", *_only("min", counted)),
        max_items=rules.size("max_items", "maxItems", *_only("max", counted)),
    )
    return read.over(own)


def _only(name: str, when: bool) -> tuple[str, ...]:
    return (name,) if when else ()


def read_messages(cursor: Cursor) -> Mapping[str, str] | None:
    """Read the texts for faults, by the specified name of what is at fault."""
    messages = cursor.inner("validation_messages", "validation_messages")
    if messages is None:
        return None

    aliases = ALIASES["validation_messages"]
    texts = {name: messages.text(name) for name in messages.value}
    return {aliases.get(name) or name: text for name, text in texts.items() if text}


def read_choices(cursor: Cursor, type_: str) -> tuple[Choice, ...] | None:
    """Read the choices that stand in the schema, wherever it has them."""
    found = [_read_choice(value, path, cursor.notes) for value, path in _choice_values(cursor)]
    whole = type_ == "integer"
    if type_ in NUMBERS:
        found = [replace(choice, value=to_number(choice.value, whole)) for choice in found]
    return tuple(found) if found or cursor.key("choices") else None


def read_content(cursor: Cursor) -> Content | None:
    """Read where choices come from."""
    content = cursor.inner("content", "content")
    if content is None:
        return None

    objects = tuple(_read_content_object(each) for each in content.objects("content object", "content_objects"))
    types = content.texts("type", allowed=("managed", "custom"))
    return Content(types, tuple(each for each in objects if each.id))


def read_connections(form: Cursor) -> RootConnections | None:
    """Read the connection that the form asks for above its fields."""
    block = form.inner("connections", "connections")
    if block is None:
        return None

    for name in ("required", "app_types"):
        if block.key(name) is None:
            block.note("missing-key", f'"connections" is missing "{name}"')
    management_types = block.texts("allowed_connection_management_types", allowed=MANAGEMENT_TYPES)
    return RootConnections(bool(block.flag("required")), block.texts("app_types"), management_types, block.path)


def read_layout(options: Cursor) -> Layout | None:
    """Read how fields stand beside one another."""
    layout = options.inner("ui_layout", "ui_layout", "ui:layout")
    return Layout(layout.text("type") or "", layout.texts("elements")) if layout else None


def read_ui(cursor: Cursor) -> dict[str, Any]:
    """Read what the field looks like: only what is said, for a rule changes only that."""
    options = cursor.inner("ui_options", "ui_options")
    if options is None:
        return {}

    inner = options.inner("widget options", "ui_options")
    language = (inner and inner.one_of(LANGUAGES, "language")) or options.one_of(LANGUAGES, "language")
    parts = {
        "language": language or ("json" if options.get("ui_widget") == "json_editor" else None),
        "layout": read_layout(options),
        "order": options.texts("ui_order") or None,
        "item_label": options.text("item_label"),
        "placeholder": options.text("placeholder"),
    }
    return {**_read_widget(options), **{name: value for name, value in parts.items() if value is not None}}


def _read_widget(options: Cursor) -> dict[str, str | None]:
    flags = {"hidden": "hidden", "is_password": "password", "multiline": "textarea"}
    said = [(options.flag(name), widget) for name, widget in flags.items()]
    wanted = next((widget for flag, widget in said if flag), None)
    if options.key("ui_widget") is None:
        return {"widget": wanted} if wanted or said[0][0] is False else {}
    if options.get("ui_widget") is None:
        return {"widget": wanted}  # null shows what was hidden

    name = options.text("ui_widget") or ""
    if name and name not in WIDGETS:
        kind = "alias" if name in WIDGET_ALIASES else "unknown-widget"
        message = f'"{name}" is not a widget of the specification; the platform may ignore it'
        options.note(kind, message, WIDGET_ALIASES.get(name) or nearest(name, WIDGETS), at=("ui_widget",))
    return {"widget": wanted if wanted == "hidden" else WIDGET_ALIASES.get(name, name if name in WIDGETS else wanted)}


def _choice_values(cursor: Cursor) -> Iterator[tuple[Any, Path]]:
    if isinstance(cursor.value.get("choices"), list):
        cursor.note("wrong-type", '"choices" is an object with the list "values"', '{"values": […]}', at=("choices",))
        yield from cursor.entries("choices")
    elif cursor.key("choices"):
        choices = cursor.inner("choices", "choices")
        yield from choices.entries("values") if choices else ()

    labels = cursor.value.get("enumNames")
    for index, (value, path) in enumerate(cursor.entries("enum")):
        named = isinstance(labels, list) and index < len(labels) and isinstance(labels[index], str)
        yield {"value": value, "label": labels[index] if named and labels else label_of(value)}, path
    for place, name in (("validation", "enum"), ("ui_options", "options")):
        options = cursor.value.get(place)
        values = options.get(name) if isinstance(options, Mapping) else None
        for index, value in enumerate(values if isinstance(values, list) else ()):
            shaped = isinstance(value, Mapping) and "value" in value
            yield value if shaped else {"value": value, "label": label_of(value)}, (*cursor.path, place, name, index)


def _read_choice(value: Any, path: Path, notes: list[Note]) -> Choice:
    if not isinstance(value, Mapping):
        notes.append(Note(path, "wrong-type", "a choice is an object with a value", '{"value": …, "label": …}'))
        return Choice(value, label_of(value), path)

    choice = Cursor(value, path, "choice", notes)
    if choice.key("value") is None:
        choice.note("missing-key", 'the choice has no "value"')
        return Choice(dict(value), label_of(value), path)

    return Choice(value["value"], choice.text("label") or label_of(value["value"]), path)


def _read_content_object(cursor: Cursor) -> ContentObject:
    name = cursor.text("id")
    if not name:
        cursor.note("missing-key", "the content object has no id")
    entries = cursor.objects("dependency", "content_object_depends_on_fields")
    depends_on = [(each.text("id"), each.path) for each in entries]
    named = [(field_id, path) for field_id, path in depends_on if field_id]
    return ContentObject(name or "", tuple(each for each, _ in named), tuple(path for _, path in named))


def label_of(value: Any) -> str:
    """Return what to call a value that has no label."""
    if isinstance(value, Mapping):
        return next((str(value[key]) for key in ("label", "name", "id") if key in value), "")
    if isinstance(value, bool):
        return "true" if value else "false"

    return "" if value is None else str(value)
