"""The one place that prints.

Names, paths and errors of a connector are anybody's text: nothing in them reaches the terminal as an order to it.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

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


def writer() -> Callable[[Iterable[Piece], bool], None]:
    """Return what prints a line of pieces; to standard error if the second argument says so."""
    if not is_styled():
        return lambda pieces, err: say("".join(text for text, _ in pieces).rstrip(), err=err)

    from rich.console import Console  # takes longer to load than most commands to run
    from rich.text import Text

    consoles = Console(highlight=False), Console(highlight=False, stderr=True)

    def write(pieces: Iterable[Piece], err: bool) -> None:
        shown = ((in_one_line(text), style) for text, style in pieces)
        consoles[err].print(Text.assemble(*shown), soft_wrap=True)

    return write


@contextmanager
def progress(*, quiet: bool = False, err: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function that tells a step: in place where there is a terminal, in lines elsewhere."""
    if quiet or not is_styled(err=err):
        yield lambda step: None if quiet else say(step, err=err)
        return

    from rich.console import Console
    from rich.text import Text

    status = Console(stderr=err).status("")

    def tell(step: str) -> None:
        status.update(Text(in_one_line(step), overflow="ellipsis", no_wrap=True))
        status.start()

    try:
        yield tell
    finally:
        status.stop()
