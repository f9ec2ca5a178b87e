"""What the vendor's own template has published, as hashes: an unedited file of it is nobody's work.

`python cli/published.py` makes the list from the history of that template.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("published.json")

_LINE_DIGITS = 16  # of 64: a line is only shown or left out by it
_BOM = b"\xef\xbb\xbf"


def content_hash(content: bytes) -> str:
    """Return what a content is known by, whatever its line ends: a checkout on Windows may have others."""
    return hashlib.sha256(_plain(content)).hexdigest()


def line_hashes(content: bytes) -> Iterator[str]:
    """Yield what each line that says something is known by, indentation aside."""
    yield from (_line_hash(line) for line in _plain(content).split(b"\n") if line.strip())


def is_published(path: str, content: bytes) -> bool:
    """Tell whether a file, by its path and its content, is as the vendor's template had it at some time."""
    return content_hash(content) in _list()["files"].get(path, ())


def is_published_content(content: bytes) -> bool:
    """Tell whether a content is one of the vendor's template, in whatever file."""
    return content_hash(content) in _contents()


def published_paths() -> frozenset[str]:
    """Return the name of every file that the vendor's template had at some time."""
    return frozenset(_list()["files"])


def own_lines(content: bytes) -> list[tuple[int, str]]:
    """Return the lines, with their numbers, that no published file of those that are moved has."""
    known = set(_list()["lines"])
    lines = enumerate(_plain(content).decode("utf-8", "replace").split("\n"), 1)
    return [(number, line) for number, line in lines if line.strip() and _line_hash(line.encode()) not in known]


def _line_hash(line: bytes) -> str:
    return hashlib.sha256(line.strip()).hexdigest()[:_LINE_DIGITS]


def _plain(content: bytes) -> bytes:
    return content.removeprefix(_BOM).replace(b"\r\n", b"\n")


@cache
def _list() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


@cache
def _contents() -> frozenset[str]:
    return frozenset(each for hashes in _list()["files"].values() for each in hashes)
