"""Patterns of a form: written for JavaScript, searched here with Python's `re`.

What differs is translated after ECMAScript 2025, 22.2 (https://tc39.es/ecma262/#sec-regexp-regular-expression-objects).
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from .pattern_tokens import PatternError, portable_token, python_token, tokens
from .slow_patterns import is_slow

_NOT_JAVASCRIPT = re.compile(
    r"""\(\?(?P<syntax>P<|P=|P>|\#|>|\(|[aiLmsux]+\))  # named groups, comments, atomic groups, conditions, flags
      | (?P<anchor>\\[AZzGQE])
      | (?P<possessive>(?<!\\)[*+?}]\+)
      | (?P<posix>\[\[:\w+:\])""",
    re.VERBOSE,
)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a JavaScript pattern as one of Python's.

    Raises:
        PatternError: it does not compile, or needs what Python's `re` lacks.
    """
    return _compile("".join(map(python_token, tokens(pattern))), re.ASCII)


@lru_cache(maxsize=512)
def portable(pattern: str) -> str:
    """Return the pattern as both JavaScript and Python read it, for JSON Schemas are checked with either."""
    try:
        _compile(pattern)
    except PatternError:
        return "".join(portable_token(token) for token in tokens(pattern))
    return pattern


def found(pattern: str, value: str) -> bool:
    """Search a value, anywhere in it."""
    return len(value) <= longest_searched(pattern) and compiled(pattern).search(value) is not None


def longest_searched(pattern: str) -> int:
    """Return how long a value may be to be searched; ours: a longer one fails, for no search may hold up a server."""
    return 25 if is_slow(compiled(pattern).pattern) else 10_000


def is_searchable(pattern: str) -> bool:
    """Say whether a pattern can be searched at all."""
    try:
        compiled(pattern)
    except PatternError:
        return False
    return True


def not_javascript(pattern: str) -> str | None:
    """Return the first piece of syntax that Python has and JavaScript has not."""
    match = _NOT_JAVASCRIPT.search(pattern)
    return match.group() if match else None


def _compile(pattern: str, flags: int = 0) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "[[" and the like, which mean themselves in JavaScript
            return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise PatternError(str(error)) from None
