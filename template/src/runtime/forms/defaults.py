"""What a form holds when it is opened, before anything was filled in."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from .model import Field


def defaults_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the data that fields hold when nothing was filled in: the one place where defaults count.

    Execute never fills them in: what was not sent is not there.
    """
    found = ((each.id, _default(each)) for each in fields if each.id)
    return {name: value for name, value in found if value is not None}


def _default(each: Field) -> Any:
    if each.type == "object" and each.default == "":
        return None  # written so in real schemas, where it stands for nothing chosen

    value = deepcopy(each.default)
    if each.fields and (value is None or isinstance(value, dict)):
        inner = defaults_of(each.fields)
        return {**inner, **value} if value is not None else inner or None
    if isinstance(value, list) and each.items and each.items.fields:
        row = defaults_of(each.items.fields)
        return [{**deepcopy(row), **item} if isinstance(item, dict) else item for item in value]

    return value
