"""The files of a connector's modules, as an update reads them: which operations their code asks for, and where."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stacksync.connector import Connector
from stacksync.openapi.stored_shape import STORED_NAME
from stacksync.plain_files import read_plain
from stacksync.runtime import JsonError, decode
from stacksync.updates.line_ends import fitted

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

ROUTE = "route.py"
BOM = b"\xef\xbb\xbf"
_WORD = r"""["']({})["']"""
_OPERATION = re.compile(rf"\boperation\(\s*{_WORD.format(STORED_NAME)},\s*{_WORD.format(STORED_NAME)}\s*,?\s*\)")
_RECORDS = re.compile(
    rf"\bRecords\(\s*{_WORD.format(STORED_NAME)},\s*{_WORD.format('[a-z]+')}"
    rf"(?:,\s*{_WORD.format('v[0-9]+')})?\s*,?\s*\)"
)


@dataclass(frozen=True)
class Asking:
    """Where the code of a version asks for an operation, or for one of every object.

    Args:
        version: The version.
        line: The line of its code.
        start: Where in the code that begins.
        end: Where it ends.
        of: The version of a module for records whose operations are asked for; "" for those of the import.
    """

    version: "VersionFolder"
    line: int
    start: int
    end: int
    of: str = ""


class ModuleFiles:
    """The files of the modules, each read once."""

    def __init__(self, connector: Connector, api: str) -> None:
        self.connector, self.api = connector, api
        self._contents: dict[tuple[str, str], bytes | None] = {}

    def place(self, version: "VersionFolder") -> str:
        """Return the folder of a version, from the connector's root."""
        return self.connector.relative(version.path)

    def text(self, version: "VersionFolder", name: str) -> str | None:
        """Return the text of a file, its lines ending as ours do; None where it is none, or lies behind a link."""
        try:
            content = self.content(version, name)
            return None if content is None else content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            return None

    def content(self, version: "VersionFolder", name: str) -> bytes | None:
        """Return what a file holds; None where there is none, or it lies behind a link."""
        key = (self.place(version), name)
        if key not in self._contents:
            self._contents[key] = self._read(version, name)
        return self._contents[key]

    def _read(self, version: "VersionFolder", name: str) -> bytes | None:
        path = version.path / name
        if self.connector.link_to(path):
            return None
        try:
            return read_plain(path)
        except OSError:
            return None

    def object(self, version: "VersionFolder", name: str) -> dict[str, Any] | None:
        """Return the JSON object of a file; None where it holds none."""
        return json_object(self.text(version, name))

    def written(self, version: "VersionFolder", name: str, text: str) -> bytes:
        """Return a text as the file would hold it: its lines end, and it begins, as they do there."""
        present, made = self.content(version, name) or b"", text.encode()
        return (BOM if present.startswith(BOM) else b"") + (fitted(made, present) if present else made)

    def asking(self, operation: str) -> list[Asking]:
        """Return the versions whose code asks for an operation."""
        return self._operations.get(operation, [])

    def asking_for_records(self, does: str) -> list[Asking]:
        """Return the versions whose code does something to the records of every object."""
        return self._records.get(does, [])

    @property
    def of_api(self) -> "list[VersionFolder]":
        """The versions whose code asks for anything of the API."""
        found = [
            each.version for table in (self._operations, self._records) for known in table.values() for each in known
        ]
        return list({self.place(each): each for each in found}.values())

    @cached_property
    def _operations(self) -> dict[str, list[Asking]]:
        return self._found(_OPERATION)

    @cached_property
    def _records(self) -> dict[str, list[Asking]]:
        return self._found(_RECORDS)

    def _found(self, pattern: "re.Pattern[str]") -> dict[str, list[Asking]]:
        found: dict[str, list[Asking]] = {}
        for version, match in self._matches(pattern):
            line = match.string.count("\n", 0, match.start()) + 1
            of = (match.groups()[2:] or ("",))[0] or ""
            asking = Asking(version, line, match.start(), match.end(), of)
            if not any(each.version is version for each in found.setdefault(match[2], [])):
                found[match[2]].append(asking)
        return found

    def _matches(self, pattern: "re.Pattern[str]") -> "Iterator[tuple[VersionFolder, re.Match[str]]]":
        for version in self.connector.versions:
            found = pattern.finditer(self.text(version, ROUTE) or "")
            yield from ((version, match) for match in found if match[1] == self.api)


def newest(found: list[Asking]) -> list[Asking]:
    """Return the newest version of each module; they are in the order of their numbers."""
    return list({each.version.module: each for each in found}.values())


def json_object(text: str | None) -> dict[str, Any] | None:
    """Return the JSON object that a text stands for; None where it stands for none."""
    try:
        held = decode(text or "")
    except JsonError:
        return None
    return held if isinstance(held, dict) else None


def indent_of(text: str, value: Any) -> int | None:
    """Return by how much a file indents; None where it is written otherwise, and would not come back as it is."""
    match = re.search(r"\n( +)\S", text)
    indent = len(match[1]) if match else 2
    return indent if json.dumps(value, indent=indent, ensure_ascii=False).strip() == text.strip() else None


def line_with(text: str, path: tuple[str, ...]) -> int:
    """Return where a file says something: the line of the last of the ids and keys that lead there, in this order."""
    place = 0
    for step in path:
        found = text.find(json.dumps(step, ensure_ascii=False), place)
        place = found if found >= 0 else place
    return text.count("\n", 0, place) + 1
