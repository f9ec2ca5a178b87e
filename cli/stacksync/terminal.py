"""The one place that prints.

Names, paths and errors of a connector are anybody's text: nothing in them reaches the terminal as an order to it.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Protocol

# A piece of a line, with the style it has in a terminal that shows colours.
Piece = tuple[str, str]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def printable(text: str) -> str:
    """Return a text without what would move the cursor, colour the terminal or turn the direction of writing."""
    if text.isascii() and text.isprintable():
        return text

    plain = _COLOURS.sub("", text).replace("\t", "    ").replace("\r\n", "\n")
    return "".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in plain)


def in_one_line(text: str) -> str:
    """Return a text as `printable` does, its line breaks visible as well."""
    return printable(text).replace("\n", r"\n")


def say(text: str, *, err: bool = False, end: str = "\n") -> None:
    """Print a text."""
    stream = sys.stderr if err else sys.stdout
    stream.write(printable(text) + end)
    stream.flush()  # whoever reads a pipe waits for each line


def is_styled(*, err: bool = False) -> bool:
    """Say whether standard output, or standard error, is a terminal that shows colours, and may."""
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Write(Protocol):
    """Prints a line of pieces."""

    def __call__(self, pieces: Iterable[Piece], err: bool, end: str = "\n") -> None:
        """Print it; to standard error if `err` says so."""


def writer() -> Write:
    """Return what prints lines of pieces, with their style where the terminal shows it."""
    if not is_styled():
        return _write_plain

    from rich.console import Console  # takes longer to load than most commands to run
    from rich.text import Text

    consoles = Console(highlight=False), Console(highlight=False, stderr=True)

    def write(pieces: Iterable[Piece], err: bool, end: str = "\n") -> None:
        shown = ((in_one_line(text), style) for text, style in pieces)
        consoles[err].print(Text.assemble(*shown), soft_wrap=True, end=end)

    return write


def _write_plain(pieces: Iterable[Piece], err: bool, end: str = "\n") -> None:
    text = "".join(text for text, _ in pieces)
    say(text.rstrip() if end else text, err=err, end=end)


def folded(pieces: Iterable[Piece], width: int, indent: int) -> list[list[Piece]]:
    """Return a line in rows that fit a width, broken between words only: what is to be copied stays whole.

    Args:
        indent: How far rows after the first are indented.
    """
    rows: list[list[Piece]] = [[]]
    used = 0
    for space, word in _words(pieces):
        length = sum(len(text) for text, _ in word)
        if any(text.strip() for text, _ in rows[-1]) and used + len(space[0]) + length > width:
            rows.append([(" " * indent, ""), *word])
            used = indent + length
        else:
            rows[-1] += [space, *word]
            used += len(space[0]) + length
    return [_joined(row) for row in rows]


def _joined(row: list[Piece]) -> list[Piece]:
    """Return the same with neighbours of one style in one piece, which a terminal is then told once."""
    together = groupby(row, key=lambda piece: piece[1])
    return [("".join(text for text, _ in pieces), style) for style, pieces in together]


def _words(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, list[Piece]]]:
    """Yield each word with the space before it; a word may be of several styles."""
    space: Piece = ("", "")
    word: list[Piece] = []
    for text, style in pieces:
        for part in re.findall(r"\s+|\S+", text):
            if not part.isspace():
                word.append((part, style))
                continue
            if word:
                yield space, word
                space, word = ("", ""), []
            space = (space[0] + part, style)
    yield space, word


@contextmanager
def progress(*, quiet: bool = False, err: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function that tells a step, or "" before a question: in place on a terminal, in lines elsewhere."""
    if quiet or not is_styled(err=err):
        yield lambda step: None if quiet or not step else say(step, err=err)
        return

    from rich.console import Console
    from rich.text import Text

    status = Console(stderr=err).status("")

    def tell(step: str) -> None:
        if not step:
            status.stop()
            return

        status.update(Text(in_one_line(step), overflow="ellipsis", no_wrap=True))
        status.start()

    try:
        yield tell
    finally:
        status.stop()
