"""Read and write JSON as the wire wants it: no NaN, no infinity, no bottomless nesting."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from flask.json.provider import DefaultJSONProvider

MAX_DEPTH = 200
# `[]` is two bytes of a body and sixty of memory: 16 MB of them would take half of a pod's.
MAX_PARTS = 300_000
STRING = re.compile(rb'"[^"]*"?')


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


def decode(raw: bytes) -> Any:
    """Return the value that the JSON text `raw` stands for.

    Raises:
        ValueError: It is not JSON, holds NaN or infinity, nests deeper than `MAX_DEPTH`, or holds too many parts.
    """
    brackets = raw.count(b"[") + raw.count(b"{")
    if brackets > MAX_PARTS and _count_parts(raw) > MAX_PARTS:
        raise ValueError(f"more than {MAX_PARTS} lists and objects")
    try:
        value = _DECODER.decode(raw.decode(json.detect_encoding(raw)).lstrip("\ufeff"))
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels") from None
    if brackets > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")

    return value


class JsonProvider(DefaultJSONProvider):
    """Flask's own JSON (`jsonify`), held to the same rules."""

    sort_keys = False

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Serialise `obj`; the rules of the wire win over Flask's options."""
        return encode(obj)


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [child for item in level for child in _children(item)]

    return bool(level)


def _count_parts(raw: bytes) -> int:
    without_escapes = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = STRING.sub(b"", without_escapes)
    return outside.count(b"[") + outside.count(b"{")


def _children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()

    return item if isinstance(item, list) else ()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is out of range")

    return number


# Built once: json.loads and json.dumps make a new one for every call with options.
_ENCODER = json.JSONEncoder(allow_nan=False, default=DefaultJSONProvider.default, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
