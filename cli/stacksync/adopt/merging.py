"""Bring together what both sides have: the template's lines first, then those of the user that it lacks."""

import re
from collections.abc import Iterator

from stacksync.requirements.file import requirement_lines

_BOM = "\ufeff"


def decoded(content: bytes) -> str:
    """Return a text with plain line ends, without a byte order mark; bytes that are no text survive `encoded`."""
    return content.decode("utf-8", "surrogateescape").removeprefix(_BOM).replace("\r\n", "\n")


def encoded(text: str, like: bytes) -> bytes:
    """Return a text with the line ends and the byte order mark of another content."""
    windows = like.count(b"\r\n")
    ends = text.replace("\n", "\r\n") if windows > like.count(b"\n") - windows else text
    mark = _BOM if like.startswith(_BOM.encode()) else ""
    return (mark + ends).encode("utf-8", "surrogateescape")


def merged_patterns(ours: str, theirs: str, more: tuple[str, ...] = ()) -> str:
    """Return the lines of a file of patterns, such as .gitignore: their order counts, and the later ones go first.

    Args:
        ours: The template's, which stay together, so that a later release finds them.
        theirs: The user's, which come after and so still hold.
        more: Patterns that neither has.
    """
    known = {line.strip() for line in ours.splitlines()}
    lines = [line.rstrip("\n") for line in theirs.split("\n")]
    # A line that takes something back may need the one before it that is ours too.
    if not any(line.startswith("!") for line in lines):
        lines = [line for line in lines if not line.strip() or line.strip() not in known]
    own = "\n".join([*lines, *(pattern for pattern in more if pattern not in {*known, *lines})])
    own = re.sub(r"\n{3,}", "\n\n", own).strip("\n")
    return f"{ours.rstrip()}\n\n{own}\n" if own else ours


def merged_requirements(ours: str, theirs: str) -> tuple[str, list[str]]:
    """Return a requirements file with what both ask for, and the lines of the user that gave way to the template's."""
    named = {line.name for line in requirement_lines(ours) if line.name}
    included = {line.included for line in requirement_lines(ours) if line.included}
    kept, gone = [], []
    for line in theirs.splitlines():
        found = next(iter(requirement_lines(line)), None)
        twice = found is not None and (found.name in named if found.name else found.included in included)
        (gone if twice else kept).append(line)
    own = "\n".join(kept).strip("\n")
    return (f"{ours.rstrip()}\n\n{own}\n" if own else ours), [line for line in gone if line not in ours.splitlines()]


def missing_lines(theirs: bytes, result: bytes) -> Iterator[str]:
    """Yield the user's lines, blank ones aside, that a result does not have."""
    there = {line.strip() for line in decoded(result).split("\n")}
    yield from (line for line in decoded(theirs).split("\n") if line.strip() and line.strip() not in there)
