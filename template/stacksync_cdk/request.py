"""The request as the kit's handlers read it: a view of the body."""

from __future__ import annotations

from typing import Any

from .credentials import Credentials


class Request:
    """What a handler works with.

    Args:
        payload: The body that the platform sent.
    """

    def __init__(self, payload: dict[str, Any] | None) -> None:
        self._payload = payload or {}

    @property
    def json(self) -> dict[str, Any]:
        """Return the whole body."""
        return self._payload

    @property
    def data(self) -> dict[str, Any]:
        """Return the form's values by field id; of content and schema, what holds `form_data`."""
        return _object(self._payload, "data")

    @property
    def form_data(self) -> dict[str, Any]:
        """Return the form as filled in so far, where content or a schema is asked for."""
        return _object(self.data, "form_data")

    @property
    def content_object_names(self) -> list[str]:
        """Return the ids of the content objects that are asked for."""
        names = (_name(each) for each in self.data.get("content_object_names") or [])
        return [name for name in names if name is not None]

    @property
    def credentials(self) -> Credentials:
        """Return the connection."""
        return Credentials.from_payload(self._payload)


def _object(holder: dict[str, Any], key: str) -> dict[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _name(entry: Any) -> Any:
    if isinstance(entry, dict):
        return entry.get("id") or entry.get("content_object_name") or entry.get("name") or None

    return entry if isinstance(entry, str) else None
