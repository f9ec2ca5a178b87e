"""A rule about each Python file by itself."""

from collections.abc import Iterator

from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.survey import Survey
from stacksync.rules.rule import CheckRule


class PythonRule(CheckRule):
    """A rule about each Python file."""

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong with each file."""
        for source in survey.sources:
            yield from self.check_file(source)

    def check_file(self, source: PythonFile) -> Iterator[Finding]:
        """Yield what is wrong with a file."""
        raise NotImplementedError
