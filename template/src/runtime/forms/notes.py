"""What reading a form has to say about its schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Literal

Path = tuple[str | int, ...]

# To compare two names takes time by their lengths multiplied, and a schema may hold any number of them, of any length.
LONGEST_MISTYPED, MOST_COMPARED = 100, 200

# With one of these the form cannot work as it is written; with any other it works, though perhaps not as it is meant.
ERRORS = frozenset(
    {
        "missing-key",
        "wrong-type",
        "unknown-type",
        "unknown-operator",
        "duplicate-id",
        "unknown-field",
        "pattern-invalid",
        "limits-crossed",
    }
)


class FormError(ValueError):
    """A form schema that cannot be read, or not be turned into what was asked for."""


@dataclass(frozen=True)
class Note:
    """One remark on a form schema.

    Args:
        path: where, as keys and indices from the schema's root.
        kind: a stable code, such as `unknown-key`.
        message: what is wrong, in one sentence.
        suggestion: what to write instead, when that is known.
    """

    path: Path
    kind: str
    message: str
    suggestion: str | None = None

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Return `error` when the form cannot work as it is written."""
        return "error" if self.kind in ERRORS else "warning"


def spoken(value: Any) -> str:
    """Say what kind of JSON value this is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (int, float)):
        return "a number"

    return "a list" if isinstance(value, list) else "an object"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name most like a mistyped one: of the first of them, and where it is not too long to be one."""
    if len(name) > LONGEST_MISTYPED:
        return None

    return next(iter(get_close_matches(name, islice(names, MOST_COMPARED), 1)), None)
