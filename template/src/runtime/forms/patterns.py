"""Patterns of a form: written for JavaScript, searched here with Python's `re`.

What differs is translated after ECMAScript 2025, 22.2 (https://tc39.es/ecma262/#sec-regexp-regular-expression-objects).
"""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from functools import lru_cache

SPACES = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
NOT_A_LINE = "[^\n\r\u2028\u2029]"
# Ours: a search may take time that grows with the square of the value, so no longer value is searched; it fails.
LONGEST_SEARCHED = 10_000

_TOKEN = re.compile(
    r"""
    (?P<property>\\[pP]\{\^?[\w=]+\})
  | (?P<point>\\u\{[0-9a-fA-F]{1,6}\})
  | (?P<control>\\c[A-Za-z])
  | (?P<nul>\\0(?!\d))
  | (?P<reference>\\k<\w+>)
  | (?P<space>\\[sS])
  | (?P<escape>\\.)
  | (?P<named>\(\?<(?![=!]))
  | (?P<any>\[\^\])
  | (?P<never>\[\])
  | (?P<open>\[\^?)
  | (?P<close>\])
  | (?P<dot>\.)
  | (?P<end>\$)
  | (?P<text>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NOT_JAVASCRIPT = re.compile(
    r"""\(\?(?P<syntax>P<|P=|P>|\#|>|\(|[aiLmsux]+\))  # named groups, comments, atomic groups, conditions, flags
      | (?P<anchor>\\[AZzGQE])
      | (?P<possessive>(?<!\\)[*+?}]\+)
      | (?P<posix>\[\[:\w+:\])""",
    re.VERBOSE,
)


class PatternError(ValueError):
    """A pattern that cannot be searched."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a JavaScript pattern as one of Python's.

    Raises:
        PatternError: it does not compile, or needs what Python's `re` lacks.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[" and the like, which mean themselves in JavaScript
            return re.compile(_translated(pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise PatternError(str(error)) from None


def found(pattern: str, value: str) -> bool:
    """Search a value, anywhere in it."""
    return len(value) <= LONGEST_SEARCHED and compiled(pattern).search(value) is not None


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


def _translated(pattern: str) -> str:
    parts: list[str] = []
    in_class = False
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup or "text", token.group()
        parts.append(_inside(kind, text) if in_class else _outside(kind, text))
        in_class = kind not in ("close", "any", "never") if in_class else kind == "open"
    return "".join(parts)


def _outside(kind: str, text: str) -> str:
    if kind == "space":
        return f"[{'^' if text == chr(92) + 'S' else ''}{SPACES}]"
    if kind == "property":
        return f"[{'^' if text[1] == 'P' else ''}{_category(text)}]"

    plain = {"any": r"[\s\S]", "never": "(?!)", "dot": NOT_A_LINE, "end": r"\Z", "named": "(?P<"}
    return plain.get(kind) or _shared(kind, text)


def _inside(kind: str, text: str) -> str:
    if text == r"\s":
        return SPACES
    if kind == "property":
        return _category(text)
    if kind in ("any", "never", "open"):
        return "".join(r"\[" if letter == "[" else letter for letter in text)

    return r"\x08" if text == r"\b" else _shared(kind, text)


def _shared(kind: str, text: str) -> str:
    """Translate what means the same inside and outside of a character class."""
    if kind == "point":
        return re.escape(chr(int(text[3:-1], 16)))
    if kind == "control":
        return re.escape(chr(ord(text[2]) % 32))
    if kind == "reference":
        return f"(?P={text[3:-1]})"
    if kind == "nul":
        return r"\x00"
    if kind == "escape" and text[1].isalpha() and text[1] not in "bBdDwWnrtfvxu" and text[1] not in "AZ":
        raise PatternError(f"{text} is no escape")

    return text


@lru_cache(maxsize=64)
def _category(text: str) -> str:
    r"""Return the ranges of a general category, such as `L` of `\p{L}`, to stand in a character class."""
    name = text[3:-1].split("=")[-1]
    name = {"Letter": "L", "Number": "N", "Punctuation": "P", "Symbol": "S", "Uppercase_Letter": "Lu"}.get(name, name)
    points = [point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)).startswith(name)]
    if not points:
        raise PatternError(f"{text} is no general category")

    starts = [point for at, point in enumerate(points) if at == 0 or points[at - 1] != point - 1]
    ends = [point for at, point in enumerate(points) if at == len(points) - 1 or points[at + 1] != point + 1]
    return "".join(f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(starts, ends, strict=True))
