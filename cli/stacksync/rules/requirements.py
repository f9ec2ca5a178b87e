"""The rule about requirements.txt, and the files that it includes."""

import posixpath
from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.places import TextFile
from stacksync.inspection.survey import Survey
from stacksync.requirements.file import FILE, RequirementLine, requirement_lines
from stacksync.rules.rule import CheckRule


class RepeatedRequirement(CheckRule):
    """Each package is asked for once."""

    code = "REP009"
    title = "A package is required twice"
    why = "pip has to satisfy both lines: changing one has no effect, or leaves nothing to install."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the lines whose package an earlier one names, where both always count."""
        seen: dict[str, str] = {}
        for file, line in _lines(survey):
            if not line.requirement or line.requirement.marker:
                continue
            place = file.place(line.start, line.end)
            first = seen.setdefault(line.name, f"{file.name}:{place.line}")
            if first != f"{file.name}:{place.line}":
                yield self.found(place, f"{first} already requires {line.name}", "keep one of them")


def _lines(survey: Survey) -> Iterator[tuple[TextFile, RequirementLine]]:
    """Yield the lines of requirements.txt and of what it includes, each file after the one that names it."""
    seen, waiting = set[str](), [FILE]
    while waiting:
        name = waiting.pop(0)
        file = None if name in seen or name.startswith("..") else survey.text(name)
        seen.add(name)
        for line in requirement_lines(file.text) if file else ():
            if line.included:
                waiting.append(posixpath.normpath(posixpath.join(posixpath.dirname(name), line.included)))
            else:
                yield file, line  # type: ignore[misc] # there are lines, so there is a file


RULES: tuple[type[CheckRule], ...] = (RepeatedRequirement,)
