"""Keep the secrets of saved connections and of password fields out of everything that is shown."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from stacksync.dev.hiding import hide_in

from .connections import masked, texts_of

if TYPE_CHECKING:
    from src.runtime.forms import Field


def secrets_of(fields: "tuple[Field, ...]", data: Any) -> set[str]:
    """Return every text that was typed into a password field."""
    if not isinstance(data, Mapping):
        return set()

    found: set[str] = set()
    for each in fields:
        value = data.get(each.id)
        if each.widget == "password":
            found.update(texts_of(value))
        elif isinstance(value, list) and each.every_item:
            found.update(*(secrets_of((each.every_item,), {each.every_item.id: item}) for item in value))
        elif each.fields:
            found |= secrets_of(each.fields, value)
    return found


def hidden(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON with every secret masked: what stands below `connection_data`, and what is or holds one."""
    return hide_in(_without_connections(value), secrets)


def _without_connections(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: masked(inner) if key == "connection_data" else _without_connections(inner)
            for key, inner in value.items()
        }

    return [_without_connections(inner) for inner in value] if isinstance(value, list) else value
