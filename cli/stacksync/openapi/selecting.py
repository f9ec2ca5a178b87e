"""Which operations of a description are meant: by method and path, by tag, or by operation id."""

from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from stacksync.errors import UsageError
from stacksync.openapi.operations import Operation

# More modules than these are nobody's slip.
MOST_UNASKED = 30


def matches(operation: Operation, pattern: str) -> bool:
    """Say whether a pattern, in which `*` stands for any text, means an operation."""
    plain = pattern.replace("[", "[[]")
    method, _, path = plain.partition(" ")
    if path:
        return fnmatchcase(operation.method, method.upper()) and fnmatchcase(operation.path, path.strip())

    named = [operation.path, operation.id, *operation.tags]
    wanted = plain.removeprefix("tag:").lower()
    return any(fnmatchcase(each.lower(), wanted) for each in (operation.tags if plain.startswith("tag:") else named))


def select(operations: Sequence[Operation], patterns: Sequence[str]) -> list[Operation]:
    """Return the operations that any of the patterns means, in the description's order.

    Raises:
        UsageError: A pattern means none.
    """
    for pattern in patterns:
        if not any(matches(each, pattern) for each in operations):
            raise UsageError(f"--select {pattern!r} matches no operation.", _tip(operations, pattern))

    return [each for each in operations if any(matches(each, pattern) for pattern in patterns)]


def _tip(operations: Sequence[Operation], pattern: str) -> str:
    known = [name for each in operations for name in (each.id, each.path, each.address, *each.tags) if name]
    close = get_close_matches(pattern, known, n=1)
    return f"did you mean {close[0]!r}?" if close else "--list shows the operations; * stands for any text"
