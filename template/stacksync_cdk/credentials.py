"""The connection that came with a request, as the kit's handlers read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Credentials:
    """The values of a connection by key; false while none is chosen.

    Args:
        envelope: What the platform sends: `{"connection_data": {"value": {…}, …}, …}`.
    """

    def __init__(self, envelope: Mapping[str, Any] | None) -> None:
        self._envelope = _mapping(envelope)
        self._connection = _mapping(self._envelope.get("connection_data"))
        self._value = _mapping(self._connection.get("value"))

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Credentials:
        """Return the connection beside the form, else the first one that a field of the form holds."""
        beside = payload.get("credentials")
        return cls(beside or _inline(payload.get("data")))

    @property
    def value(self) -> Mapping[str, Any]:
        """Return all of them."""
        return self._value

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or the default when there is none of that name."""
        return self._value.get(key, default)

    def __getitem__(self, key: str) -> Any:
        """Return a value."""
        return self._value[key]

    def __contains__(self, key: object) -> bool:
        return key in self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return f"<Credentials with {', '.join(sorted(map(str, self._value))) or 'nothing'}>"

    @property
    def api_key(self) -> Any:
        """Return the API's key, under either of its usual names."""
        return self.get("api_key") or self.get("api_key_bearer")

    @property
    def access_token(self) -> Any:
        """Return the token of an OAuth connection, which the platform keeps fresh."""
        return self.get("access_token")

    @property
    def token_type(self) -> Any:
        """Return the type of that token."""
        return self.get("token_type") or "Bearer"

    @property
    def expires_at(self) -> Any:
        """Return when that token expires."""
        return self.get("expiration_time") or self.get("expires_at")

    @property
    def connection_string(self) -> Any:
        """Return how to reach a database."""
        return self.get("connection_string")

    @property
    def connection_app_type(self) -> Any:
        """Return the type of the connection, such as `hubspot`."""
        return self._connection.get("connection_app_type")

    @property
    def connection_id(self) -> Any:
        """Return the platform's id of the connection."""
        return self._connection.get("connection_id")

    @property
    def rate_limiter(self) -> Any:
        """Return what the platform says of the API's rate limit."""
        return self._connection.get("rate_limiter")

    @property
    def connection_management_type(self) -> Any:
        """Return who manages the connection: "managed" or "custom"."""
        return self._envelope.get("connection_management_type")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _inline(data: Any) -> Any:
    fields = data.values() if isinstance(data, dict) else ()
    return next((value for value in fields if isinstance(value, dict) and "connection_data" in value), None)
