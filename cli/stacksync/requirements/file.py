"""What requirements.txt asks for, and what requirements.lock pins: name, versions and place of each entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from stacksync.inspection.places import Place, TextFile

# A line that is not indented, with the hashes and the origin that stand indented below it.
_ENTRY = re.compile(r"^([^\s#].*)((?:\r?\n[ \t].*)*)", re.MULTILINE)
# What may follow a requirement in its line: a comment, an option, the mark that the next line belongs to it.
_AFTER = re.compile(r"\s+#.*|\s+--\w.*|\s*\\\s*$")


@dataclass(frozen=True)
class Entry:
    """A requirement where it is written.

    Args:
        asked_for: The tool that made the lock says that a requirements file names it, and not only another package.
    """

    requirement: Requirement
    place: Place
    hashed: bool
    asked_for: bool

    @property
    def name(self) -> str:
        """The name of the package, in the one spelling that can be compared."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The pinned version; empty where something else is written."""
        return next((each.version for each in self.requirement.specifier if each.operator == "=="), "")

    def allows(self, pin: "Entry") -> bool:
        """Say whether a pinned version will do. An address stands for itself."""
        return bool(self.requirement.url) or self.requirement.specifier.contains(pin.version, prereleases=True)


def entries(file: TextFile) -> Iterator[Entry]:
    """Yield what has a name; pip's options and bare addresses have none."""
    for match in _ENTRY.finditer(file.text):
        try:
            requirement = Requirement(_AFTER.sub("", match[1]).strip())
        except InvalidRequirement:
            continue
        hashed, asked_for = "--hash=" in match[0], bool(re.search(r"#(?: via)? +-r ", match[2]))
        yield Entry(requirement, file.place(match.start(1), match.end(1)), hashed, asked_for)
