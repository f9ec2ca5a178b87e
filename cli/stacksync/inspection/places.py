"""A text and the places in it: from offsets to lines and columns, as editors count them."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stacksync.plain_files import read_plain

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, eq=False)
class TextFile:
    """A file's text, with its line endings as they are.

    Args:
        path: Where it is.
        name: How it is shown: from the connector's root, with forward slashes.
        text: Its content, without a byte order mark.
        marked: It begins with a byte order mark.
        fault: Why it could not be read; the text is empty or not exact then.
    """

    path: Path
    name: str
    text: str = ""
    marked: bool = False
    fault: str = ""

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return one line, without its ending."""
        if not 0 < number <= len(self.line_starts):
            return ""

        ends = [*self.line_starts[1:], len(self.text)]
        return self.text[self.line_starts[number - 1] : ends[number - 1]].rstrip("\r\n")

    def place(self, start: int = 0, end: int | None = None) -> "Place":
        """Return the place between two offsets."""
        start = min(max(start, 0), len(self.text))
        return Place(self, start, max(start, min(len(self.text), start if end is None else end)))


@dataclass(frozen=True)
class Place:
    """A stretch of a file, from one offset to before another."""

    file: TextFile
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line it begins in, from 1."""
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column it begins at, from 1, in characters."""
        return self.file.position(self.start)[1]

    @property
    def last(self) -> tuple[int, int]:
        """The line and column it ends before."""
        return self.file.position(self.end)


def read_text(path: Path, name: str) -> TextFile | None:
    """Read a file; None where there is none. One that is not UTF-8 is read as far as it can be."""
    try:
        data = read_plain(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        return TextFile(path, name, fault=error.strerror or str(error))

    marked, fault = data.startswith(b"\xef\xbb\xbf"), ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, fault = data.decode("utf-8-sig", "replace"), f"byte {error.start + 1} is not UTF-8"
    return TextFile(path, name, text, marked, fault)
