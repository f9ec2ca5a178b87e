"""The platform's request: `{"data": {...}, "credentials": {"connection_data": {"value": {...}}}}`.

The connection in it, which a user chose, is read-only, and careful never to show what it holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import flask
from flask import Request as FlaskRequest
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.local import LocalProxy
from werkzeug.utils import cached_property

from .connection_types import type_of
from .errors import ManagedError
from .schema_file import checked, invalid
from .stand_in import CONNECTION, TAKERS, with_connection
from .strict_json import decode
from .wsgi import OBJECT, keep_run_ids


class MissingKeyError(ManagedError):
    """The connection does not hold what a handler reads from it."""


class Connection(Mapping[str, Any]):
    """The values of a connection by key; empty while none is chosen.

    `connection["key"]` answers the caller with 400 when there is no such key, `connection.get("key")` returns None.

    Args:
        value: the values, flat, as the connection's type defines them.
        holder: what the platform sends beside them.
        management_type: "managed" or "custom".
    """

    def __init__(
        self, value: Mapping[str, Any], holder: Mapping[str, Any] | None = None, management_type: Any = None
    ) -> None:
        self._value, self._holder = value, holder or {}
        self.connection_management_type = _text(management_type)

    @property
    def connection_app_type(self) -> str | None:
        """Return the type of the connection, such as `hubspot`."""
        return _text(self._holder.get("connection_app_type"))

    @property
    def connection_id(self) -> str | None:
        """Return the platform's id of the connection."""
        return _text(self._holder.get("connection_id"))

    @property
    def rate_limiter(self) -> Any:
        """Return what the platform says of the API's rate limit."""
        return self._holder.get("rate_limiter")

    def __getitem__(self, key: str) -> Any:
        """Return a value.

        Raises:
            MissingKeyError: The connection has none of that name; the text shows what its type usually holds.
        """
        if key in self._value:
            return self._value[key]

        raise MissingKeyError(self._missing(key), metadata={"type": "validation_error"})

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or the default when there is none of that name."""
        return self._value.get(key, default)

    def __contains__(self, key: object) -> bool:
        return key in self._value

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return f"<Connection with {', '.join(sorted(map(str, self._value))) or 'nothing'}>"

    def _missing(self, key: str) -> str:
        said = f'The connection has no "{key}".' if self else f'No connection is chosen, so it has no "{key}".'
        known = type_of(self.connection_app_type or "")
        if known is None:
            return said
        return f"{said} A connection of type {known.name} holds, for example: {json.dumps(known.example)}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


BODY = "stacksync.body"
JSON = "application/json"


def read_body(request: FlaskRequest, *, lenient: bool = False) -> dict[str, Any]:
    """Return the JSON object that was sent; nothing and `null` count as an empty one.

    Args:
        lenient: take any content type for JSON, and any other JSON than an object for an empty one.

    Raises:
        ManagedError: It is not JSON, or not an object.
        UnsupportedMediaType: It says that it is something else than JSON.
    """
    body: dict[str, Any] | None = request.environ.get(BODY)
    if body is None:
        body = request.environ[BODY] = _parse(request, lenient=lenient)

    return body


def current() -> Request:
    """Return the request that is being answered: one object for all who ask."""
    request: FlaskRequest = flask.request._get_current_object()  # type: ignore[attr-defined]
    found: Request | None = request.environ.get(OBJECT)
    if found is None:
        found = request.environ[OBJECT] = Request(request)
    return found


class Request:
    """What a handler works with; every other attribute is that of Flask's request."""

    def __init__(self, request: FlaskRequest) -> None:
        # Flask's global `request` is a proxy, which looks the request up at each attribute.
        self._request = request._get_current_object() if isinstance(request, LocalProxy) else request

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

    @property
    def workspace_id(self) -> str | None:
        """Return the id of the workspace that runs the workflow, where the platform sends it."""
        return self._id("workspace_id")

    @property
    def workflow_id(self) -> str | None:
        """Return the id of the workflow, where the platform sends it."""
        return self._id("workflow_id")

    @property
    def workflow_module_instance_id(self) -> str | None:
        """Return the id of the workflow's step, where the platform sends it."""
        return self._id("workflow_module_instance_id")

    @cached_property
    def connection_data(self) -> dict[str, Any]:
        """Return the connection that came beside the form, with what the platform says of it."""
        return _object(_object(self.json, "credentials"), "connection_data", "credentials")

    @cached_property
    def credentials(self) -> Any:
        """Return the connection that came beside the form, else the only one chosen in a field of it."""
        return self.connection()

    def connection(self, field_id: str | None = None) -> Connection:
        """Return the connection chosen in a field of the form, else the one that came beside the form.

        Args:
            field_id: the field's id; without one, the connection beside the form counts first, then the only one that a
                field holds.

        Raises:
            ManagedError: No field is named, and several hold a connection.
        """
        inline = self._inline_connections()
        if field_id is not None:
            return inline.get(field_id) or self._beside_the_form()

        beside = self._beside_the_form()
        if beside or not inline:
            return beside
        if len(inline) > 1:
            names = ", ".join(f'"{name}"' for name in sorted(inline))
            raise invalid(f"The form holds several connections: {names}. Ask for one of them by its field's id.")
        return next(iter(inline.values()))

    def has_connection(self) -> bool:
        """Say whether the request carries a connection, beside the form or in it."""
        return bool(self._beside_the_form() or self._inline_connections())

    def validate(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Return `data` as a form declares it.

        Args:
            form: the form, as schema.json has one.

        Raises:
            ManagedError: The data does not fit; `data.errors` names every fault.
        """
        from .forms import FormValidator  # not loaded by a connector that checks nothing

        return checked(FormValidator(form), self.data)

    def replace_data(self, data: Any) -> None:
        """Put the form's values as they are handed on in the place of those that came."""
        self._request.environ[BODY] = {**self.json, "data": data}
        self.data = data
        vars(self).pop("_values", None)

    def with_form_data(self, form_data: Any) -> Request:
        """Return the same request as the platform sends it to `/schema`: the form's values under `form_data`."""
        other = type(self)(self._request)
        other.data, other._values = {"form_data": form_data}, form_data
        return other

    @cached_property
    def _values(self) -> Any:
        """Return the form's values by field id; a form may have a field called `form_data` too."""
        asked = self._request.path.rpartition("/")[2] in ("content", "schema")
        return self.form_data if asked else self.data

    def _beside_the_form(self) -> Connection:
        value = _object(self.connection_data, "value", "credentials.connection_data")
        management_type = _object(self.json, "credentials").get("connection_management_type")
        return Connection(value, self.connection_data, management_type)

    def _inline_connections(self) -> dict[str, Connection]:
        """Return the connections that fields of the form hold, by the field's id."""
        found = {}
        for name, value in self._values.items() if isinstance(self._values, dict) else ():
            inner = value.get("connection_data") if isinstance(value, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get("value"), dict) and inner["value"]:
                known = {"connection_id": value.get("id"), **inner}
                found[name] = Connection(inner["value"], known, value.get("connection_management_type"))
        return found

    def _id(self, name: str) -> str | None:
        value = self.json.get(name)
        return value if isinstance(value, str) else None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


def _object(holder: Any, key: str, where: str = "the request body", *, strict: bool = True) -> dict[str, Any]:
    value = holder.get(key) if isinstance(holder, dict) else None
    if isinstance(value, dict):
        return value
    if value is None or not strict:
        return {}

    raise invalid(f"`{key}` in {where} must be a JSON object")


def _parse(request: FlaskRequest, *, lenient: bool) -> dict[str, Any]:
    raw = request.get_data()
    if not raw.strip():
        return _with_made_up_connection({})
    # Werkzeug takes the header apart for each of the two questions; most callers write this and no more.
    if request.content_type != JSON and request.mimetype and not request.is_json and not lenient:
        raise UnsupportedMediaType(f"Send JSON: the content type is {request.mimetype}, not application/json.")
    try:
        body = decode(raw)
    except ValueError as error:
        raise invalid(f"Request body is not valid JSON: {error}") from None
    if body is not None and not isinstance(body, dict):
        if not lenient:
            raise invalid("Request body must be a JSON object")
        body = {}

    keep_run_ids(request.environ, body or {})
    return _with_made_up_connection(body or {})


def _with_made_up_connection(body: dict[str, Any]) -> dict[str, Any]:
    """Keep what connections hold from whatever works with the request, where something else answers for the API."""
    values = flask.current_app.extensions.get(CONNECTION) if flask.current_app else None
    made_up = body if values is None else with_connection(body, values)
    for take in TAKERS:
        made_up = take(made_up)
    return made_up
