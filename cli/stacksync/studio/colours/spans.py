"""Where the words of a code stand and of which kind they are, as Pygments reads it.

Only the child process imports this: Pygments takes 50 ms to load, and may take hours to read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token

if TYPE_CHECKING:
    from pygments.token import _TokenType

Span = tuple[int, int, str]  # where it begins and ends, and its kind

# By the short names that Pygments has for types of tokens, or by their first letter: https://pygments.org/docs/tokens/
KINDS = {
    "c": "comment",
    "k": "keyword",
    "ow": "keyword",
    "s": "string",
    "m": "number",
    "nt": "name",
    "nf": "name",
    "nc": "name",
    "na": "attribute",
    "nb": "attribute",
    "nd": "attribute",
}


def spans(language: str, text: str) -> list[Span]:
    """Return the coloured words of a text in their order, places counted as JavaScript counts them."""
    found: list[Span] = []
    at = 0
    # As the lexer itself reads it: what Pygments does to a text beforehand would move the places.
    for _index, token, piece in get_lexer_by_name(language).get_tokens_unprocessed(text):
        end = at + _units(piece)
        kind = _kind(token)
        if kind and piece.strip():
            _add(found, (at, end, kind))
        at = end
    return found


def _units(text: str) -> int:
    """Return the length of a text in units of UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _kind(token: _TokenType) -> str:
    known = next((each for each in reversed(token.split()) if each in STANDARD_TYPES), Token)
    short = STANDARD_TYPES[known]
    return KINDS.get(short) or KINDS.get(short[:1], "")


def _add(found: list[Span], span: Span) -> None:
    """Add a span; one that goes on where the last one ends is made one with it."""
    start, end, kind = span
    if found and found[-1][1:] == (start, kind):
        start, *_ = found.pop()
    found.append((start, end, kind))
