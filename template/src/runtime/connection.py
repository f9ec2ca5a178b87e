"""The connection that a user chose: read-only, and careful never to show what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .connection_types import type_of
from .errors import ManagedError


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
        return (
            f"{said} A connection of type {known.name} holds, for example: {json.dumps(known.example)}"
            if known
            else said
        )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
