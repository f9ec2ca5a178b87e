"""A requirements file: what each of its lines asks for, read with the library that pip itself reads them with."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

FILE = "requirements.txt"
DEV_FILE = "requirements-dev.txt"  # what it is developed with, FILE included
LOCK = "requirements.lock"
# What makes the lock of a connector, and that of the template.
LOCK_OPTIONS = "--universal --generate-hashes --python-version 3.10 --no-python-downloads"
LOCK_COMMAND = f"uv pip compile {LOCK_OPTIONS} {FILE} -o {LOCK}"

# A line and what belongs to it: after a backslash, as tools write hashes, and the origins that they write below it.
_LINE = re.compile(r"^[ \t]*([^\s#](?:[^\n]*\\\r?\n)*[^\n]*)((?:\r?\n[ \t]+#.*)*)", re.MULTILINE)
# What may follow a requirement in its line: a comment, an option, the mark that the next line belongs to it.
_AFTER = re.compile(r"(?:^|\s+)#.*|\s+--\w.*|\s*\\\s*$", re.DOTALL)
_INCLUDED = re.compile(r"(?:-r|--requirement)[ =]*(\S+)")
_CONSTRAINTS = re.compile(r"(?:-c|--constraint)[ =]*(\S+)")
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]*")
_ADDRESS = re.compile(r"(?:[\w+]+://|git@)\S+")
_FOLDER = re.compile(r"\.{0,2}[/\\]\S*|\.{1,2}$|\S+[/\\]\S*|\S+\.(?:whl|zip|tar\.gz)(?:\[[^]]*\])?$")
_EGG = re.compile(r"#.*\begg=([\w.-]+)")
# The last part of an address: a repository, or an archive with its version.
_LAST = re.compile(r"([\w.-]+?)(?:\.git|-\d[\w.]*(?:\.tar\.gz|\.zip|-py\S*\.whl))?/?(?:@[^/\s]*)?(?:#.*)?$")

Read = Callable[[str], str | None]


@dataclass(frozen=True)
class RequirementLine:
    """One line of a requirements file.

    Args:
        start: Where it begins in the text.
        end: Where it ends, without the hashes below it.
        whole: Where it ends with them, and with what else belongs to it; before the end of its last line.
        requirement: What it asks for by name; None for options, and for addresses and folders without a name.
        location: The address or folder that it is installed from, where it has no name.
        included: The other file that it includes.
        constraints: The file of constraints that it names.
        hashed: It has hashes.
        asked_for: The tool that made a lock says that a requirements file names it, and not only another package.
    """

    start: int
    end: int
    requirement: Requirement | None = None
    location: str = ""
    included: str = ""
    constraints: str = ""
    whole: int = 0
    hashed: bool = False
    asked_for: bool = False

    @property
    def name(self) -> str:
        """The name of the package, in the one spelling that can be compared; of an address what it most likely is."""
        if self.requirement:
            return canonicalize_name(self.requirement.name)

        named = _EGG.search(self.location) or _LAST.search(self.location)
        return canonicalize_name(named[1]) if named else ""

    @property
    def version(self) -> str:
        """The pinned version; empty where something else is written."""
        pins = self.requirement.specifier if self.requirement else ()
        return next((each.version for each in pins if each.operator == "=="), "")

    def allows(self, pin: "RequirementLine") -> bool:
        """Say whether a pinned version will do. An address stands for itself."""
        wanted = self.requirement
        return wanted is None or bool(wanted.url) or wanted.specifier.contains(pin.version, prereleases=True)


def requirement_lines(text: str) -> Iterator[RequirementLine]:
    """Yield the lines of a requirements file that ask for something."""
    for match in _LINE.finditer(text):
        line = _AFTER.sub("", match[1].replace("\\\n", " ").replace("\\\r\n", " ")).strip()
        hashed, asked_for = "--hash=" in match[0], bool(re.search(r"#(?: via)? +-r ", match[2]))
        end = match.start(1) + len(match[1].rstrip("\r\n"))
        found = _read(line, match.start(1), end)
        if found:
            whole = match.start() + len(match[0].rstrip("\r\n"))
            yield replace(found, whole=whole, hashed=hashed, asked_for=asked_for)


def installed_lines(file: str, read: Read) -> Iterator[RequirementLine]:
    """Yield what a requirements file asks for by name or by address, and the files that it includes.

    Args:
        file: Its name, from where `read` reads.
        read: Returns the text of a file, None where there is none.
    """
    seen, waiting = set[str](), [file]
    while waiting:
        name = waiting.pop(0)
        text = None if name in seen else read(name)
        seen.add(name)
        for line in requirement_lines(text or ""):
            if line.included:
                waiting.append(str(PurePosixPath(name).parent / line.included))
            elif not line.constraints:
                yield line


def parse_requirement(text: str) -> RequirementLine | None:
    """Return what one requirement asks for, as on a command line of pip."""
    return _read(text, 0, len(text))


def _read(line: str, start: int, end: int) -> RequirementLine | None:
    if included := _INCLUDED.match(line):
        return RequirementLine(start, end, included=included[1])
    if constraints := _CONSTRAINTS.match(line):
        return RequirementLine(start, end, constraints=constraints[1])

    wanted = _EDITABLE.sub("", line) if _EDITABLE.match(line) else line
    try:
        return RequirementLine(start, end, Requirement(wanted))
    except InvalidRequirement:
        is_location = _ADDRESS.match(wanted) or _FOLDER.fullmatch(wanted)
    return RequirementLine(start, end, location=wanted) if is_location and wanted[:1] != "-" else None
