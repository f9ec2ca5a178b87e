"""Keep the secrets of saved connections and of password fields out of everything that is shown."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from stacksync.masking import mask_all, mask_in, texts_of
from stacksync.runtime import forms

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form


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


def mask_call(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON with every secret masked: what a connection holds, and what is or holds one of these."""
    return mask_in(_without_connections(value), secrets)


def _without_connections(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _connection(inner) if key == "connection_data" else _without_connections(inner)
            for key, inner in value.items()
        }

    return [_without_connections(inner) for inner in value] if isinstance(value, list) else value


def _connection(data: Any) -> Any:
    """Return a connection with its values masked; its type and its id say nothing."""
    if not isinstance(data, Mapping):
        return mask_all(data)

    return {key: mask_all(inner) if key == "value" else inner for key, inner in data.items()}
