"""The pieces of a JavaScript pattern, and what each is in Python."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SPACES = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
NOT_A_LINE = "[^\n\r\u2028\u2029]"
CATEGORIES = {"Letter": "L", "Number": "N", "Punctuation": "P", "Symbol": "S", "Uppercase_Letter": "Lu"}

_TOKEN = re.compile(
    r"""
    (?P<property>\\[pP]\{[\w=]+\})
  | (?P<point>\\u\{[0-9a-fA-F]{1,6}\})
  | (?P<control>\\c[A-Za-z])
  | (?P<nul>\\0(?!\d))
  | (?P<reference>\\k<\w+>)
  | (?P<space>\\[sS])
  | (?P<escape>\\.)
  | (?P<named>\(\?<\w+>)
  | (?P<group>\((?!\?))
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


class PatternError(ValueError):
    """A pattern that cannot be searched."""


@dataclass(frozen=True)
class Token:
    """One piece of a pattern.

    Args:
        inside: whether it stands in a character class.
        groups: the names of the groups that begin before it ends, "" for those without.
    """

    kind: str
    text: str
    inside: bool
    groups: tuple[str, ...]


def tokens(pattern: str) -> Iterator[Token]:
    """Cut a pattern into pieces."""
    inside = False
    groups: tuple[str, ...] = ()
    for match in _TOKEN.finditer(pattern):
        kind, text = match.lastgroup or "text", match.group()
        if not inside and kind in ("named", "group"):
            groups = (*groups, text[3:-1])
        yield Token(kind, text, inside, groups)
        inside = kind not in ("close", "any", "never") if inside else kind == "open"


def python_token(token: Token) -> str:
    """Return a piece as Python's `re` reads it under its ASCII flag."""
    kind, text = token.kind, token.text
    if kind == "reference":
        return f"(?P={text[3:-1]})"
    if kind == "named" and not token.inside:
        return f"(?P<{text[3:]}"
    if kind == "space" and token.inside:
        return SPACES if text == r"\s" else text
    if kind == "space":
        return f"[{'^' if text == chr(92) + 'S' else ''}{SPACES}]"
    if kind in ("dot", "end") and not token.inside:
        return NOT_A_LINE if kind == "dot" else r"\Z"

    return portable_token(token)


def portable_token(token: Token) -> str:
    """Return a piece as both languages read it, where one of them does not read it as it is."""
    kind, text = token.kind, token.text
    if kind == "property":
        return _property(text, token.inside)
    if kind == "point":
        return re.escape(chr(int(text[3:-1], 16)))
    if kind == "control":
        return f"\\x{ord(text[2]) % 32:02x}"
    if kind == "nul":
        return r"\x00"
    if kind == "reference":
        return rf"(?:\{_number(text[3:-1], token.groups)})"
    if kind == "escape" and text[1].isalpha() and text[1] not in "bBdDwWnrtfvxuAZ":
        raise PatternError(f"{text} is no escape")
    if token.inside:
        return text.replace("[", r"\[") if kind in ("any", "never", "open") else text

    return {"named": "(", "any": r"[\s\S]", "never": "(?!)"}.get(kind, text)


def _number(name: str, groups: tuple[str, ...]) -> int:
    if name not in groups:
        raise PatternError(f"no group {name} begins before it is referred to")

    return groups.index(name) + 1


def _property(text: str, inside: bool) -> str:
    negated = text[1] == "P"
    if inside and negated:
        raise PatternError(f"{text} in a character class cannot be searched here")

    ranges = _ranges(text[3:-1].split("=")[-1])
    return ranges if inside else f"[{'^' if negated else ''}{ranges}]"


@lru_cache(maxsize=64)
def _ranges(name: str) -> str:
    r"""Return the characters of a general category, such as `L` of `\p{L}`, as they stand in a character class."""
    category = CATEGORIES.get(name, name)
    points = [at for at in range(sys.maxunicode + 1) if unicodedata.category(chr(at)).startswith(category)]
    if not points:
        raise PatternError(f"{name} is no general category")

    members = set(points)
    starts = [point for point in points if point - 1 not in members]
    ends = [point for point in points if point + 1 not in members]
    return "".join(f"{_literal(start)}-{_literal(end)}" for start, end in zip(starts, ends, strict=True))


def _literal(point: int) -> str:
    return f"\\u{point:04x}" if point <= 0xFFFF else chr(point)
