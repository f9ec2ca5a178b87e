"""The requirements and constraints files of a connector, read by one walk, and changed line by line in memory."""

import codecs
import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from stacksync.connector import Connector
from stacksync.inspection.places import TextFile
from stacksync.plain_files import read_plain
from stacksync.requirements.file import RequirementLine, requirement_lines
from stacksync.requirements.sdk import is_sdk

# How requirements files are called that no other file includes: they are installed by scripts and by hand.
_BY_NAME = re.compile(
    r"(?:(?:^|/)requirements/[^/]+|(?:^|[/_.-])(?:requirements|constraints)[\w.-]*)\.(?:txt|in)$", re.I
)
# The package and its extras, and what versions of it will do, in whatever spelling.
_NAME_AND_VERSIONS = re.compile(r"([\w.-]+\s*(?:\[[^]]*\])?)\s*[^;#\\\r\n]*?\s*(?=;|#|\s--\w|\\|[\r\n]|$)")
_HASH = re.compile(r"(?:\s*\\)?\s*--hash[ =]\S+")
# By its marks; pip reads these encodings too, and PowerShell writes one where a list is redirected into a file.
_MARKED = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class RequirementsFile:
    """A requirements or constraints file.

    Args:
        file: Its text.
        is_constraints: It says which versions will do, and installs nothing.
        is_own: It lies in the connector, and can be changed.
    """

    def __init__(self, file: TextFile, is_constraints: bool = False, is_own: bool = True) -> None:
        self._file = file
        self.name, self.is_constraints, self.is_own = file.name, is_constraints, is_own
        self._edits: dict[tuple[int, int], str] = {}
        self._appended = ""

    @cached_property
    def lines(self) -> tuple[RequirementLine, ...]:
        """What its lines ask for, as they stood."""
        return tuple(requirement_lines(self._file.text))

    @property
    def before(self) -> str:
        """The text as it is on disk."""
        return self._file.text

    @property
    def text(self) -> str:
        """The text with all changes."""
        text = self._file.text
        for (start, end), words in sorted(self._edits.items(), reverse=True):
            text = text[:start] + words + text[end:]
        if text and self._appended and not text.endswith("\n"):
            text += self._newline
        return text + self._appended

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what is on disk."""
        return self.text != self.before

    def place(self, line: RequirementLine) -> str:
        """Return FILE:LINE of a line."""
        return f"{self.name}:{self._file.position(line.start)[0]}"

    def written(self, line: RequirementLine) -> str:
        """Return what a line asks for as it is written, without hashes and comments below it."""
        return self._file.text[line.start : line.end].partition("\\")[0].strip()

    def remove(self, line: RequirementLine) -> None:
        """Take a line out, with its hashes and the comments of tools below it."""
        whole = self._file.text
        start = whole.rfind("\n", 0, line.start) + 1
        after = re.compile(r"\r?\n|$").search(whole, line.whole)
        self._edits[start, after.end() if after else line.whole] = ""

    def set_versions(self, line: RequirementLine, versions: str) -> None:
        """Ask for other versions of a package; extras, marker and comment stay, hashes of the old ones go."""
        text = self._file.text[line.start : line.whole]
        found = _NAME_AND_VERSIONS.match(text)
        if found:
            rest = _HASH.sub("", text[found.end() :]).removesuffix("\\").rstrip()
            gap = found[0][len(found[0].rstrip()) :] if rest else ""
            self._edits[line.start, line.whole] = f"{found[1].rstrip()}{versions}{gap}{rest}"

    def drop_hashes(self) -> None:
        """Take out all hashes, and the option that asks for them."""
        for line in self.lines:
            if line.hashed and (line.start, line.whole) not in self._edits:
                self._edits[line.start, line.whole] = _HASH.sub("", self._file.text[line.start : line.whole])
        for option in re.finditer(r"^[ \t]*--require-hashes[ \t]*(?:\r?\n|$)", self._file.text, re.MULTILINE):
            self._edits[option.span()] = ""

    def append(self, lines: list[str]) -> None:
        """Add lines at the end, after an empty one."""
        gap = [""] if self.text.strip() else []
        self._appended += "".join(f"{line}{self._newline}" for line in [*gap, *lines])

    @cached_property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self._file.text else "\n"


class RequirementsFiles:
    """A connector's requirements and constraints files.

    Args:
        connector: The connector.
        names: Every file of it.
        main: The one that everything is installed from; where there is none it counts as empty.
    """

    def __init__(self, connector: Connector, names: tuple[str, ...], main: str) -> None:
        self._connector = connector
        self.main = RequirementsFile(_read(connector.root, main) or TextFile(connector.root / main, main))
        self._by_name = {main: self.main}
        self._included = list[str]()
        self._follow(self.main)
        for name in names:
            if _BY_NAME.search(name) and name not in self._by_name:
                self._add(name)

    @property
    def all(self) -> tuple[RequirementsFile, ...]:
        """Every file, the main one first."""
        return tuple(self._by_name.values())

    @property
    def reached(self) -> tuple[RequirementsFile, ...]:
        """The main file, and what it leads to."""
        found = dict[str, RequirementsFile]()
        waiting = [self.main, *(self._by_name[name] for name in self._included)]
        while waiting:
            each = waiting.pop(0)
            if each.name not in found:
                found[each.name] = each
                waiting += [self._by_name[name] for name, _ in _led_to(each) if name in self._by_name]
        return tuple(found.values())

    @property
    def names(self) -> frozenset[str]:
        """The names of the packages that the main file installs, and what it includes; the SDK left out."""
        installing = (each for each in self.reached if not each.is_constraints)
        return frozenset(line.name for each in installing for line in each.lines if line.name and not is_sdk(line))

    def include(self, name: str) -> bool:
        """Have the main file include another; say whether there is one that it does not lead to yet."""
        self._add(name)
        if name not in self._by_name or self._by_name[name] in self.reached:
            return False

        self.main.append([f"-r {name}"])
        self._included.append(name)
        return True

    def _add(self, name: str, is_constraints: bool = False) -> None:
        file = _read(self._connector.root, name)
        if file is None or name in self._by_name:
            return

        is_own = not name.startswith("..") and not self._connector.link_to(self._connector.root / name)
        self._by_name[name] = RequirementsFile(file, is_constraints or "constraints" in name, is_own)
        self._follow(self._by_name[name])

    def _follow(self, file: RequirementsFile) -> None:
        for name, is_constraints in _led_to(file):
            self._add(name, is_constraints)


def _led_to(file: RequirementsFile) -> Iterator[tuple[str, bool]]:
    """Yield the files that one includes or names as constraints, and whether those install nothing."""
    for line in file.lines:
        other = line.included or line.constraints
        if other and "://" not in other and not posixpath.isabs(other):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file.name), other.replace("\\", "/")))
            yield path, file.is_constraints or bool(line.constraints)


def _read(root: Path, name: str) -> TextFile | None:
    try:
        data = read_plain(root / name)
    except OSError:
        return None

    mark, encoding = next((each for each in _MARKED if data.startswith(each[0])), (b"", "utf-8"))
    return TextFile(root / name, name, data[len(mark) :].decode(encoding, "replace"))
