"""Bring together what both sides have, line by line."""

import codecs
import re
from collections.abc import Iterator

_BOM = "\ufeff"


def decoded(content: bytes) -> str:
    """Return a text with plain line ends, without a byte order mark; bytes that are no text survive `encoded`."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell writes a list into a file
        return content.decode("utf-16", "replace").replace("\r\n", "\n")
    return content.decode("utf-8", "surrogateescape").removeprefix(_BOM).replace("\r\n", "\n")


def encoded(text: str, like: bytes) -> bytes:
    """Return a text with the line ends and the byte order mark of another content."""
    windows = like.count(b"\r\n")
    ends = text.replace("\n", "\r\n") if windows > like.count(b"\n") - windows else text
    mark = _BOM if like.startswith(_BOM.encode()) else ""
    return (mark + ends).encode("utf-8", "surrogateescape")


def merged_patterns(ours: str, theirs: str, more: tuple[str, ...] = ()) -> str:
    """Return the lines of a file of patterns, such as .gitignore, where a later line goes before an earlier one.

    Args:
        ours: The template's. They come last: no line of others brings `.env` back, and releases add lines at the end.
        theirs: The user's.
        more: Patterns that neither has.
    """
    known = {line.strip() for line in ours.splitlines()}
    lines = [line.rstrip("\n") for line in theirs.split("\n")]
    # A line that takes something back may need the one before it, though that is ours too.
    if not any(line.startswith("!") for line in lines):
        lines = [line for line in lines if not line.strip() or line.strip() not in known]
    own = "\n".join([*lines, *(pattern for pattern in more if pattern not in {*known, *lines})])
    own = re.sub(r"\n{3,}", "\n\n", own).strip("\n")
    return f"{own}\n\n{ours}" if own else ours


def missing_lines(theirs: bytes, result: bytes) -> Iterator[str]:
    """Yield the user's lines, blank ones aside, that a result does not have."""
    there = {line.strip() for line in decoded(result).split("\n")}
    yield from (line for line in decoded(theirs).split("\n") if line.strip() and line.strip() not in there)
