"""Read and write JSON as its standard has it: no NaN, no infinity, no bottomless nesting. The command reads with it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, Literal, NoReturn

MAX_DEPTH = 200
# `[]` is two bytes of a body and sixty of memory: 16 MB of them would take half of a pod's.
MAX_PARTS = 300_000
STRING = re.compile(r'"[^"]*"?')
TOKEN = re.compile(r'[ \t\r\n]*("(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+)', re.DOTALL)

Pairs = Callable[[list[tuple[str, Any]]], Any]


class JsonError(ValueError):
    """A text is not JSON.

    Where it is wrong is looked for when somebody asks: callers of the connector do not, and send texts of any length.

    Args:
        kind: Whether the `syntax` is wrong, a `number` is none of JSON's, or a `limit` is passed.
        reason: What is wrong, without the place.
        text: What was read.
        start: Where the syntax is wrong.
    """

    def __init__(self, kind: Literal["syntax", "number", "limit"], reason: str, text: str, start: int = 0) -> None:
        super().__init__(kind, reason, text, start)
        self.kind, self.reason = kind, reason
        self._text, self._start = text, start

    def __str__(self) -> str:
        """Return what is wrong, and where if that is known already."""
        return str(json.JSONDecodeError(self.reason, self._text, self._start)) if self.kind == "syntax" else self.reason

    @property
    def span(self) -> tuple[int, int]:
        """Return where the fault begins and ends, as offsets in the text."""
        return _find_number(self._text) if self.kind == "number" else (self._start, self._start + 1)

    @property
    def lineno(self) -> int:
        """Return the line of the fault, from 1."""
        return self._text.count("\n", 0, self.span[0]) + 1

    @property
    def column(self) -> int:
        """Return the column of the fault, from 1."""
        start = self.span[0]
        return start - self._text.rfind("\n", 0, start)


def decode(text: bytes | str, pairs: Pairs | None = None, *, most_parts: int = MAX_PARTS) -> Any:
    """Return the value that a JSON text stands for.

    Args:
        text: The text; as bytes in UTF-8, UTF-16 or UTF-32.
        pairs: Makes an object of its keys and values; by default the last of a repeated key counts.
        most_parts: How many lists and objects there may be.

    Raises:
        JsonError: It is not JSON, holds NaN or infinity, nests deeper than `MAX_DEPTH`, or holds too many parts.
        UnicodeDecodeError: The bytes are no text.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8" if text[:1] == b"{" and text[1:2] != b"\0" else json.detect_encoding(text))
    text = text.lstrip("\ufeff")
    brackets = text.count("[") + text.count("{")
    if brackets > most_parts and _count_parts(text) > most_parts:
        raise JsonError("limit", f"more than {most_parts} lists and objects", text)

    value = _decode(text, _DECODER if pairs is None else _decoder(pairs))
    if brackets > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise JsonError("limit", f"nested deeper than {MAX_DEPTH} levels", text)
    return value


def _decode(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError("syntax", error.msg, text, error.pos) from None
    except RecursionError:
        raise JsonError("limit", f"nested deeper than {MAX_DEPTH} levels", text) from None
    except ValueError as error:
        raise JsonError("number", str(error), text) from None


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


def _find_number(text: str) -> tuple[int, int]:
    """Return where the first number stands that Python reads and JSON does not have."""
    for token in TOKEN.finditer(text):
        if token[1] in ("NaN", "Infinity", "-Infinity") or (token[1][0] in "-0123456789" and _is_unreadable(token[1])):
            return token.span(1)

    return 0, 0


def _is_unreadable(number: str) -> bool:
    try:
        return math.isinf(float(number)) or not isinstance(json.loads(number), (int, float))
    except ValueError:  # a whole number of more digits than Python reads is one
        return True


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is out of range")

    return number


def _decoder(pairs: Pairs | None = None) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_refuse, parse_float=_finite)


# Built once: json.loads makes a new one for every call with options.
_DECODER = _decoder()


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
