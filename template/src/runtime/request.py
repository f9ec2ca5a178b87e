"""The platform's request: `{"data": {...}, "credentials": {"connection_data": {"value": {...}}}}`."""

from __future__ import annotations

from typing import Any

from flask import Request as FlaskRequest
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.utils import cached_property  # functools has a lock in it before Python 3.12

from .errors import ManagedError
from .json_text import decode

_BODY = "stacksync.body"


def read_body(request: FlaskRequest) -> dict[str, Any]:
    """Return the JSON object that was sent; nothing and `null` count as an empty one.

    Raises:
        ManagedError: It is not JSON, or not an object.
        UnsupportedMediaType: It says that it is something else than JSON.
    """
    body: dict[str, Any] | None = request.environ.get(_BODY)
    if body is None:
        body = request.environ[_BODY] = _parse(request)

    return body


def unwrap(request: FlaskRequest) -> FlaskRequest:
    """Return the request that Flask's global `request` stands for, which looks it up at each attribute."""
    found: FlaskRequest = getattr(request, "_get_current_object", lambda: request)()
    return found


class Request:
    """What a handler works with; every other attribute is that of Flask's request."""

    def __init__(self, request: FlaskRequest) -> None:
        self._request = unwrap(request)

    @property
    def json(self) -> dict[str, Any]:
        """Return the whole body."""
        return read_body(self._request)

    @property
    def request_data(self) -> dict[str, Any]:
        """Return the whole body."""
        return self.json

    @cached_property
    def data(self) -> Any:
        """Return what the form holds, by field id."""
        value = self.json.get("data")
        return {} if value is None else value

    @cached_property
    def form_data(self) -> dict[str, Any]:
        """Return the form as filled in so far, where content or a schema is asked for."""
        return _object(self.data, "form_data", "data")

    @cached_property
    def connection_data(self) -> dict[str, Any]:
        """Return the connection that came beside the form."""
        return _object(_object(self.json, "credentials"), "connection_data", "credentials")

    @cached_property
    def credentials(self) -> Any:
        """Return that connection's values."""
        value = self.connection_data.get("value")
        return {} if value is None else value

    def connection(self, field_id: str) -> dict[str, Any]:
        """Return the values of the connection chosen in field `field_id`, else those beside the form."""
        asked = isinstance(self.data, dict) and "form_data" in self.data
        field = _object(self.form_data if asked else self.data, field_id, "data", strict=False)
        return _object(_object(field, "connection_data", field_id), "value", field_id) or self.credentials

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


def _object(holder: Any, key: str, where: str = "the request body", *, strict: bool = True) -> dict[str, Any]:
    value = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(value, dict):
        return value
    if value is None or not strict:
        return {}

    raise _invalid(f"`{key}` in {where} must be a JSON object")


def _parse(request: FlaskRequest) -> dict[str, Any]:
    raw = request.get_data()
    if not raw.strip():
        return {}
    if request.mimetype and not request.is_json:
        raise UnsupportedMediaType(f"Send JSON: the content type is {request.mimetype}, not application/json.")
    try:
        body = decode(raw)
    except ValueError as error:
        raise _invalid(f"Request body is not valid JSON: {error}") from None
    if body is not None and not isinstance(body, dict):
        raise _invalid("Request body must be a JSON object")

    return body or {}


def _invalid(text: str) -> ManagedError:
    return ManagedError(text, metadata={"type": "validation_error"})
