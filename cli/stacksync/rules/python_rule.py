"""A rule about each Python file by itself."""

from collections.abc import Iterator

from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import Source
from stacksync.inspection.survey import Survey
from stacksync.rules.rule import Rule


class SourceRule(Rule):
    """A rule about each Python file."""

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong with each file."""
        for source in survey.sources:
            yield from self.check_source(source)

    def check_source(self, source: Source) -> Iterator[Finding]:
        """Yield what is wrong with a file."""
        raise NotImplementedError
