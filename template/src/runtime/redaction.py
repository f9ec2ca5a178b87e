"""Take secrets and the values of the current request out of a text, so that it can be written to a log or sent away.

What is looked for is decided in `carried`. It is found in any case, and quoted, escaped, URL-encoded, in base64 or in
hexadecimal, because the text is decoded rather than each value encoded: the cost grows with the text, which is cut at
`LONGEST_TEXT`, and not with what the request carried.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from .carried import Hidden, hidden, keep_secret
from .text_search import TextSearch, levelled

__all__ = ["keep_secret", "redact", "redact_secrets", "redact_values"]

MARK = "[redacted]"
LONGEST_TEXT = 15_000
# Read beyond the cut, so that a value which begins before it is found although it ends behind it.
BEYOND = 1_000
# `%40`, `\x40`, `\u0040`, `\"` and `&quot;`: what quoting, repr(), JSON and HTML make of a character.
ESCAPES = re.compile(
    r"(?:%[0-9a-f]{2})+|(?:\\x[0-9a-f]{2})+|(?:\\u[0-9a-f]{4})+|\\U[0-9a-f]{8}|\\[\\/\"'nrtbf]|&#?\w{2,8};",
    re.IGNORECASE,
)
# JSON in JSON, or a quoted URL in a query, is escaped twice.
MOST_ESCAPED = 3
PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{11,}={0,2}")
HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}")
CREDENTIALS_IN_TEXT = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), rf"\1 {MARK}"),
    (re.compile(r"(?i)(\bhttps?://)[^\s/@'\"]+@"), rf"\1{MARK}@"),
    (re.compile(r"\?[\w.%~-]+=[^\s'\"<>)]*"), f"?{MARK}"),
)


def redact(text: str, names: Iterable[str] = ()) -> str:
    """Replace what must not be written now by a mark.

    Args:
        text: What is to be written.
        names: Names of code in it, such as those of exceptions; a form's value that is part of one of them stays.
    """
    return _redact(text, hidden(), names)


def redact_secrets(text: str) -> str:
    """Replace the bounded secrets only: for texts in our own words, which hold nothing of a form."""
    return _redact(text, hidden(with_values=False))


def redact_values(text: str, values: Iterable[str]) -> str:
    """Replace `values`, parts of them, and credentials in URLs and headers by a mark."""
    return _redact(text, Hidden((TextSearch(values, shortest=4, in_part=True),)))


def _redact(text: str, what: Hidden, names: Iterable[str] = ()) -> str:
    if not what.is_complete:
        return f"[{len(text)} characters left out: the request is too large to take its values out of them]"

    read = text[: LONGEST_TEXT + BEYOND]
    spans = sorted(_spans(read, what, levelled(" ".join(names))))
    shown = _blanked(read, spans)
    for pattern, mark in CREDENTIALS_IN_TEXT:
        shown = pattern.sub(mark, shown)

    return shown if len(text) <= LONGEST_TEXT else f"{shown} [cut: {len(text)} characters]"


def _spans(text: str, what: Hidden, names: str) -> Iterator[tuple[int, int]]:
    for reading in _readings(text):
        yield from (reading.span(*found) for found in what.find(reading.text, names))
    for word in ENCODED.finditer(text):
        if any(next(what.find(plain, names), None) for plain in _decodings(word[0])):
            yield word.span()


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    parts, end = [], 0
    for start, until in spans:
        if end <= start < LONGEST_TEXT:
            parts += [text[end:start], MARK]
        end = max(end, until)

    return "".join((*parts, text[end:LONGEST_TEXT]))


@dataclass(frozen=True)
class Reading:
    """A text, and where each of its characters stands in what it was read from."""

    text: str
    starts: list[int] | range
    ends: list[int] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of this text stands in the original."""
        return self.starts[start], self.ends[end - 1]

    def unescaped(self) -> Reading:
        """Return this text with its escapes resolved."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for escape in ESCAPES.finditer(self.text):
            start, end = escape.span()
            plain = _unescaped(escape[0])
            parts += [self.text[at:start], plain]
            starts += [*self.starts[at:start], *([self.starts[start]] * len(plain))]
            ends += [*self.ends[at:start], *([self.ends[end - 1]] * len(plain))]
            at = end
        parts.append(self.text[at:])
        return Reading("".join(parts), [*starts, *self.starts[at:]], [*ends, *self.ends[at:]])


def _readings(text: str) -> Iterator[Reading]:
    reading = Reading(text, range(len(text)), range(1, len(text) + 1))
    yield reading
    for _ in range(MOST_ESCAPED):
        if not ESCAPES.search(reading.text):
            return
        reading = reading.unescaped()
        yield reading


def _unescaped(escape: str) -> str:
    if escape[0] == "%":
        return unquote(escape)
    if escape[0] == "&":
        return html.unescape(escape)
    kind = escape[1].lower()
    if kind == "x" and len(escape) > 2:
        return _text(bytes.fromhex(escape.replace(escape[:2], "")))
    if kind == "u" and len(escape) > 2:
        return _from_code_points(escape)

    return PLAIN_ESCAPES.get(escape[1], escape[1])


def _from_code_points(escape: str) -> str:
    """Read `\\ud83d\\ude00` as the one character that a pair of surrogates stands for."""
    points = [int(digits, 16) for digits in re.split(r"(?i)\\u", escape)[1:]]
    text = "".join(chr(point) if point <= 0x10FFFF else "?" for point in points)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _decodings(word: str) -> Iterator[str]:
    """Read a word as base64 or hexadecimal; what it is joined to (`key_c2VjcmV0`) may shift where base64 begins."""
    if HEXADECIMAL.fullmatch(word):
        yield bytes.fromhex(word).decode("utf-8", "replace")
    plain = word.rstrip("=").replace("-", "+").replace("_", "/")
    for first in range(4):
        part = plain[first:]
        whole = part[:-1] if len(part) % 4 == 1 else part
        yield binascii.a2b_base64(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace")
