"""Reading the objects of a form schema, noting what is wrong, and what a field says of its values and its looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .model import Content, ContentObject, FieldChoice, Layout, RootConnections, Validation
from .values import is_integer, is_number, label_of, to_number
from .vocabulary import (
    ALIASES,
    LANGUAGES,
    MANAGEMENT_TYPES,
    NUMBERS,
    SPECIFIED,
    WIDGET_ALIASES,
    WIDGETS,
    Note,
    Path,
    nearest,
    spoken,
)


class Cursor:
    """An object of the schema, with where it stands.

    Args:
        value: what stands there; anything but an object is noted and read as an empty one.
        place: what the object is, a key of `SPECIFIED`.
    """

    def __init__(self, value: Any, path: Path, place: str, notes: list[Note]) -> None:
        self.path, self.place, self.notes = path, place, notes
        self.value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.note("wrong-type", f"{_a(place)} is an object, not {spoken(value)}")
        self._note_keys()

    def note(self, kind: str, message: str, suggestion: str | None = None, *, at: Path = ()) -> None:
        """Add a remark on the object, or on what stands `at` a path below it."""
        self.notes.append(Note((*self.path, *at), kind, message, suggestion))

    def key(self, *names: str) -> str | None:
        """Return the first of the names that the object holds."""
        return next((name for name in names if name in self.value), None)

    def get(self, *names: str) -> Any:
        """Return the value under the first of the names that the object holds."""
        key = self.key(*names)
        return None if key is None else self.value[key]

    def text(self, *names: str) -> str | None:
        """Return a text."""
        found: str | None = self._typed(names, str, "a text")
        return found

    def flag(self, *names: str) -> bool | None:
        """Return a boolean."""
        found: bool | None = self._typed(names, bool, "true or false")
        return found

    def number(self, *names: str) -> int | float | None:
        """Return a number."""
        value: int | float | None = self._checked(names, is_number, "a number")
        return value

    def size(self, *names: str) -> int | None:
        """Return a whole number of zero or more."""
        value = self._checked(names, lambda value: is_integer(value) and value >= 0, "a whole number, zero or more")
        return None if value is None else int(value)

    def one_of(self, allowed: tuple[str, ...], *names: str) -> str | None:
        """Return a text out of a list."""
        value = self.text(*names)
        if value is None or value in allowed:
            return value

        key = self.key(*names) or ""
        message = f'"{value}" is not a {key} of the specification ({", ".join(allowed)})'
        self.note("unknown-value", message, nearest(value, allowed), at=(key,))
        return None

    def inner(self, place: str, *names: str) -> Cursor | None:
        """Return the object under a name."""
        key = self.key(*names)
        return None if key is None else self.at(place, self.value[key], key)

    def at(self, place: str, value: Any, *path: str | int) -> Cursor:
        """Return an object that stands below this one."""
        return Cursor(value, (*self.path, *path), place, self.notes)

    def entries(self, *names: str) -> Iterator[tuple[Any, Path]]:
        """Yield the values of a list, each with its path."""
        key = self.key(*names)
        found = self._typed(names, list, "a list")
        for index, value in enumerate(found or ()):
            yield value, (*self.path, key or "", index)

    def objects(self, place: str, *names: str) -> Iterator[Cursor]:
        """Yield the objects of a list."""
        for value, path in self.entries(*names):
            yield Cursor(value, path, place, self.notes)

    def texts(self, *names: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of texts."""
        found = list(self.entries(*names))
        for value, path in found:
            if not isinstance(value, str):
                self.notes.append(Note(path, "wrong-type", f"this is a text, not {spoken(value)}"))
            elif allowed and value not in allowed:
                message = f'"{value}" is not in the specification ({", ".join(allowed)})'
                self.notes.append(Note(path, "unknown-value", message, nearest(value, allowed)))
        return tuple(value for value, _ in found if isinstance(value, str))

    def _typed(self, names: tuple[str, ...], kind: type, called: str) -> Any:
        return self._checked(names, lambda value: isinstance(value, kind), called)

    def _checked(self, names: tuple[str, ...], fits: Callable[[Any], bool], called: str) -> Any:
        key = self.key(*names)
        if key is None or fits(self.value[key]):
            return self.get(*names)

        self.note("wrong-type", f'"{key}" is {called}, not {spoken(self.value[key])}', at=(key,))
        return None

    def _note_keys(self) -> None:
        known, aliases = SPECIFIED[self.place], ALIASES.get(self.place, {})
        for key in self.value:
            if key in known:
                continue

            kind = "alias" if key in aliases else "unknown-key"
            suggestion = aliases[key] if key in aliases else nearest(str(key), (*known, *aliases))
            message = f'"{key}" is not in the specification; the platform may ignore it'
            self.note(kind, message, aliases.get(suggestion or "", suggestion), at=(key,))


def _a(place: str) -> str:
    return f"an {place}" if place[0] in "aeiou" else f"a {place}"


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


def read_choices(cursor: Cursor, type_: str) -> tuple[FieldChoice, ...] | None:
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


def _read_choice(value: Any, path: Path, notes: list[Note]) -> FieldChoice:
    if not isinstance(value, Mapping):
        notes.append(Note(path, "wrong-type", "a choice is an object with a value", '{"value": …, "label": …}'))
        return FieldChoice(value, label_of(value), path)

    choice = Cursor(value, path, "choice", notes)
    if choice.key("value") is None:
        choice.note("missing-key", 'the choice has no "value"')
        return FieldChoice(dict(value), label_of(value), path)

    return FieldChoice(value["value"], choice.text("label") or label_of(value["value"]), path)


def _read_content_object(cursor: Cursor) -> ContentObject:
    name = cursor.text("id")
    if not name:
        cursor.note("missing-key", "the content object has no id")
    entries = cursor.objects("dependency", "content_object_depends_on_fields")
    depends_on = [(each.text("id"), each.path) for each in entries]
    named = [(field_id, path) for field_id, path in depends_on if field_id]
    return ContentObject(name or "", tuple(each for each, _ in named), tuple(path for _, path in named))
