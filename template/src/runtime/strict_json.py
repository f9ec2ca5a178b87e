"""Read and write JSON as its standard has it: no NaN, no infinity, no bottomless nesting. The command reads with it."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 200
# `[]` is two bytes of a body and sixty of memory: 16 MB of them would take half of a pod's.
MAX_PARTS = 300_000
STRING = re.compile(r'"[^"]*"?')


def decode(text: bytes | str) -> Any:
    """Return the value that a JSON text stands for.

    Raises:
        ValueError: It is not JSON, holds NaN or infinity, nests deeper than `MAX_DEPTH`, or holds too many parts.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8" if text[:1] == b"{" and text[1:2] != b"\0" else json.detect_encoding(text))
    brackets = text.count("[") + text.count("{")
    if brackets > MAX_PARTS and _count_parts(text) > MAX_PARTS:
        raise ValueError(f"more than {MAX_PARTS} lists and objects")
    try:
        value = _DECODER.decode(text.lstrip("\ufeff"))
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels") from None
    if brackets > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")

    return value


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [child for item in level for child in _children(item)]

    return bool(level)


def _count_parts(text: str) -> int:
    without_escapes = text.replace("\\\\", "").replace('\\"', "")
    outside = STRING.sub("", without_escapes)
    return outside.count("[") + outside.count("{")


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


# Built once: json.loads makes a new one for every call with options.
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


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


def _default(value: Any) -> Any:
    """Write what Flask writes; the command reads JSON without Flask."""
    from flask.json.provider import DefaultJSONProvider

    return DefaultJSONProvider.default(value)


# Built once: json.dumps makes a new one for every call with options.
_ENCODER = json.JSONEncoder(allow_nan=False, default=_default, separators=(",", ":"))
