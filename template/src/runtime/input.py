"""The form's values as execute gets them: converted and checked against the form that a module has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from .carried import keep_secret
from .errors import ManagedError

if TYPE_CHECKING:
    from .forms import FormValidator


def checked(validator: FormValidator, data: Any) -> dict[str, Any]:
    """Return the form's values as the form declares them.

    Raises:
        ManagedError: They do not fit; `data.errors` names every fault.
    """
    if validator.has_secrets:
        keep_secret(partial(validator.secrets, data))
    result = validator.validate(values(data))
    if result.errors:
        errors = [{"field": error.field, "message": error.message, "rule": error.rule} for error in result.errors]
        raise invalid("The input does not fit the form", {"errors": errors})
    made: dict[str, Any] = result.data
    return made


def values(data: Any) -> dict[str, Any]:
    """Return the form's values by field id.

    Raises:
        ManagedError: They are no object.
    """
    if isinstance(data, dict):
        return data

    raise invalid("`data` must be a JSON object")


def require_connection(form: Mapping[str, Any], has_connection: Callable[[], bool]) -> None:
    """Refuse a request without the connection that a form requires at its root.

    Raises:
        ManagedError: Neither the envelope nor a field of the form carries one (401).
    """
    asked = form.get("connections")
    if isinstance(asked, Mapping) and asked.get("required") is True and not has_connection():
        raise ManagedError.unauthorized("Choose a connection.")


def invalid(text: str, data: Any = None) -> ManagedError:
    """Make the error for input that is wrong."""
    return ManagedError.validation_error(text, data, {"type": "validation_error"})
