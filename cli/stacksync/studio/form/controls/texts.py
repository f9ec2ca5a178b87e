"""Values as texts, and back: what an option or a text box holds for a value that may be of any type."""

from __future__ import annotations

import json
import re
from typing import Any

from stacksync.runtime import JsonError, decode

UNCARRIED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SURROGATE = re.compile(r"[\ud800-\udfff]")


def to_text(value: Any) -> str:
    """Write a value: a text as it is, unless it reads as JSON or HTML cannot carry it; anything else as JSON."""
    if isinstance(value, str) and value and not uncarried(value) and "\r" not in value and from_text(value) == value:
        return value

    return json.dumps(value, ensure_ascii=_has_surrogates(value))


def from_text(text: str) -> Any:
    """Read what `to_text` wrote: JSON, or else the text itself."""
    try:
        return from_json(text)
    except ValueError:
        return text


def from_json(text: str) -> Any:
    """Read JSON as its standard has it.

    Raises:
        ValueError: it is none; the message says why and where.
    """
    try:
        return decode(text)
    except JsonError as error:
        where = f" (line {error.lineno}, column {error.column})" if error.kind == "syntax" else ""
        raise ValueError(error.reason + where) from None


def pretty(value: Any) -> str:
    """Write a value as JSON for people to edit; control characters are escaped, others are not."""
    return json.dumps(value, ensure_ascii=_has_surrogates(value), indent=2)


def uncarried(text: str) -> bool:
    """Say whether a text holds what HTML cannot carry as it is: control characters, and halves of surrogate pairs."""
    return UNCARRIED.search(text) is not None


def _has_surrogates(value: Any) -> bool:
    """Say whether a value must be written in ASCII, for UTF-8 has no halves of surrogate pairs."""
    return SURROGATE.search(json.dumps(value, ensure_ascii=False)) is not None
