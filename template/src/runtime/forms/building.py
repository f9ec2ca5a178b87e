"""Forms by code, on the platform's rules: what a schema handler answers with.

Each builder returns the plain JSON of a field, so what it cannot say is a key away; none can leave out what the
platform's editor needs, such as the `ui_order` of fields within fields.

    form(object_selector(), records("contacts", "Contacts", text("email", "Email", required=True)))
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..choice import Choice
from .vocabulary import MANAGEMENT_TYPES, SCHEMA_VERSION

ANY_TEXT = ".*"  # the pattern by which a dropdown accepts a template, or a value of one's own

Json = dict[str, Any]
Listed = Iterable[Choice | tuple[Any, str]]


def form(*fields: Json, connections: Json | None = None, rules: Iterable[Json] = ()) -> Json:
    """Return a whole form.

    Args:
        connections: the block that `connections(…)` returns.
    """
    built: Json = {"metadata": {"workflows_module_schema_version": SCHEMA_VERSION}}
    if connections is not None:
        built["connections"] = connections
    built |= {"fields": list(fields), "ui_options": {"ui_order": _ids(fields)}}
    rules = list(rules)
    return {**built, "rules": rules} if rules else built


def connections(*app_types: str, required: bool = True, management: Iterable[str] = MANAGEMENT_TYPES) -> Json:
    """Return the block for the connection that is chosen above the form."""
    return {
        "required": required,
        "app_types": list(app_types),
        "allowed_connection_management_types": list(management),
    }


def text(id: str, label: str, **more: Any) -> Json:  # noqa: A002 - the schema's own word
    """Return a text field: numbers, dates and money too, so that a template can stand in it.

    Args:
        more: further keys of the field; `required=True` may be written by itself.
    """
    return _field(id, "string", label, more)


def code(id: str, label: str, language: str = "json", **more: Any) -> Json:  # noqa: A002
    """Return a text field with an editor for code."""
    looks = {"ui_widget": "CodeblockWidget", "ui_options": {"language": language}}
    return _field(id, "string", label, more, validation={"pattern": ANY_TEXT}, ui_options=looks)


def dropdown(
    id: str,  # noqa: A002
    label: str,
    *,
    choices: Listed | None = None,
    content: str | None = None,
    depends_on: Iterable[str] = (),
    reloads: Iterable[str] = (),
    **more: Any,
) -> Json:
    """Return a dropdown that also takes a template, or a value of one's own.

    Args:
        choices: the choices, each a `Choice` or a pair of value and label.
        content: the content object that fills it, where `choices` does not.
        depends_on: the fields that the content object needs.
        reloads: the content objects to ask for again after a change.
    """
    looks = {"ui_widget": "SelectWidget"}
    field = _field(id, "string", label, more, validation={"pattern": ANY_TEXT}, ui_options=looks)
    field |= _choices(choices, content, depends_on)
    reloaded = [{"id": name} for name in reloads]
    if reloaded:
        field["on_action"] = {"load_content": True, **field.get("on_action", {})}
        field["reload_content_objects"] = reloaded
    return field


def boolean(id: str, label: str, **more: Any) -> Json:  # noqa: A002
    """Return a checkbox; no template may stand in it, or the platform shows a choice of two inputs in its place."""
    return {**_field(id, "boolean", label, more), "disable_replacement": True}


def comma_separated(id: str, label: str, **more: Any) -> Json:  # noqa: A002
    """Return a text field for several values, separated by commas; `split` reads it."""
    more.setdefault("description", "Separate several with commas.")
    return _field(id, "string", label, more)


def split(text: Any) -> list[str]:
    """Return the values of a comma-separated text; none where there is no text."""
    return [part.strip() for part in str(text or "").split(",") if part.strip()]


def object_selector(label: str = "Object", content: str = "objects", id: str = "select_object", **more: Any) -> Json:  # noqa: A002
    """Return the dropdown by which a user picks what a module works on; a change loads the form anew.

    Args:
        content: the content object that lists what can be picked.
    """
    more.setdefault("required", True)
    field = _field(id, "string", label, more, ui_options={"ui_widget": "SelectWidget"})
    return {**field, **_choices(None, content, ()), "on_action": {"load_schema": True}}


def group(id: str, label: str, *fields: Json, **more: Any) -> Json:  # noqa: A002
    """Return an object with fields of its own."""
    more.setdefault("default", {})
    built = _field(id, "object", label, more, ui_options={"ui_order": _ids(fields)})
    return {**built, "fields": list(fields)}


def records(id: str, label: str, *fields: Json, min_items: int = 1, **more: Any) -> Json:  # noqa: A002
    """Return a list of records, one row shown at first.

    Args:
        min_items: how many are needed; 0 makes the list optional.
    """
    more = {"default": [{}], "required": min_items > 0, **more}
    limits = {"min_items": min_items} if min_items else {}
    item = {"type": "object", "default": {}, "fields": list(fields), "ui_options": {"ui_order": _ids(fields)}}
    return {**_field(id, "array", label, more, validation=limits), "items": item}


def _field(id: str, type: str, label: str, more: Json, **own: Json) -> Json:  # noqa: A002
    """Return a field; of `validation` and `ui_options` what the author writes wins over the builder's own."""
    more = dict(more)
    if more.pop("required", False):
        own["validation"] = {"required": True, **own.get("validation", {})}
    merged = {name: {**values, **more.pop(name, {})} for name, values in own.items()}
    return {"id": id, "type": type, "label": label, **{name: each for name, each in merged.items() if each}, **more}


def _choices(choices: Listed | None, content: str | None, depends_on: Iterable[str]) -> Json:
    pairs = ((each.value, each.label) if isinstance(each, Choice) else each for each in choices or ())
    listed = [{"value": value, "label": label} for value, label in pairs]
    if content is None:
        return {"choices": {"values": listed}}

    wanted: Json = {"id": content}
    needed = [{"id": name} for name in depends_on]
    if needed:
        wanted["content_object_depends_on_fields"] = needed
    return {"choices": {"values": listed}, "content": {"type": ["managed"], "content_objects": [wanted]}}


def _ids(fields: Iterable[Json]) -> list[str]:
    return [field["id"] for field in fields]
