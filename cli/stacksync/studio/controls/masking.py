"""The data of a form without its secrets: what the page may hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stacksync.runtime import forms

from .kinds import connection_id

if TYPE_CHECKING:
    from src.runtime.forms import Field

KEPT = "\u2022\u2022\u2022\u2022"  # stands for a password, so that rules see that there is one


def masked(fields: tuple[Field, ...], data: Any) -> Any:
    """Return data with every password masked, and of every connection only its id."""
    if not isinstance(data, Mapping):
        return data

    by_id = {each.id: each for each in reversed(fields)}
    return {name: _value(by_id[name], value) if name in by_id else value for name, value in data.items()}


def _value(field: Field, value: Any) -> Any:
    if field.type == "connection" and isinstance(value, Mapping):
        return connection_id(value)
    if is_secret(field, value):
        return KEPT
    if field.type == "array" and isinstance(value, list):
        items = (field.item(index) for index in range(len(value)))
        return [_value(item, each) if item else each for item, each in zip(items, value, strict=True)]

    return masked(field.fields, value) if field.fields else value


def is_secret(field: Field, value: Any) -> bool:
    """Say whether a value was typed into a password box; the default is in the schema for everyone to read."""
    return field.widget == "password" and not forms.is_empty(value) and not forms.same(value, field.default)
