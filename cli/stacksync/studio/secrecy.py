"""Keep the secrets of saved connections and of password fields out of everything that is shown."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from stacksync.dev.hiding import MASK
from stacksync.runtime import forms

from .connections import masked, texts_of

if TYPE_CHECKING:
    from src.runtime.forms import Field, Form


def secrets_of(form: "Form", data: Any) -> set[str]:
    """Return every text of the passwords in data; those of connections are saved apart.

    Args:
        form: the form before its rules: what they make a password is one.
    """
    found = forms.walk(forms.effective(form, data), data)
    secrets = (_held(each.field, each.value) for each in found if forms.is_secret(each.field, each.value))
    return {text for value in secrets for text in texts_of(value) if text}


def _held(field: "Field", value: Any) -> Any:
    """Return what is secret of a value: of a connection what it holds, and not the id that it is saved under."""
    if field.type != "connection":
        return value

    return value.get("connection_data") if isinstance(value, Mapping) else None


def hidden(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON with every secret masked: what a connection holds, and every text equal to one."""
    known = frozenset(secrets)
    if isinstance(value, Mapping):
        return {
            key: _connection(inner, known) if key == "connection_data" else hidden(inner, known)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [hidden(inner, known) for inner in value]

    return MASK if value is not None and not isinstance(value, bool) and str(value) in known else value


def _connection(data: Any, known: frozenset[str]) -> Any:
    if not isinstance(data, Mapping):
        return masked(data)

    return {key: masked(inner) if key == "value" else hidden(inner, known) for key, inner in data.items()}
