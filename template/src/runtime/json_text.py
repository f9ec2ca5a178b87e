"""Write JSON as the wire wants it: ASCII, keys in order, no NaN, no infinity."""

from __future__ import annotations

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider


class NotSerialisableError(TypeError):
    """A value has no JSON form; a fault of the connector, never of its caller."""


def encode(value: Any) -> str:
    """Return `value` as ASCII JSON with its keys in order.

    Raises:
        NotSerialisableError: Some part of it has no JSON form.
    """
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise NotSerialisableError(f"not serialisable as JSON: {error}") from error


class JsonProvider(DefaultJSONProvider):
    """Flask's own JSON (`jsonify`), held to the same rules."""

    sort_keys = False

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Serialise `obj`; the rules of the wire win over Flask's options."""
        return encode(obj)


# Built once: json.dumps makes a new one for every call with options.
_ENCODER = json.JSONEncoder(allow_nan=False, default=DefaultJSONProvider.default, separators=(",", ":"))
