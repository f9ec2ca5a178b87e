"""The SDK's request: ours, but an explicit `null` reaches the handler as None."""

from __future__ import annotations

from typing import Any

from werkzeug.utils import cached_property

from src.runtime import Request as RuntimeRequest


class Request(RuntimeRequest):
    """`Request(flask_request)`: `.data`, `.credentials`, `.json`, and everything Flask's request has."""

    @cached_property
    def data(self) -> Any:
        """Return what the form holds, by field id."""
        return self.json.get("data", {})

    @cached_property
    def credentials(self) -> Any:
        """Return the connection's values that came beside the form."""
        return self.connection_data.get("value", {})
