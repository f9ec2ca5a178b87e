"""What a rule is: a code, what it is about and why, and the test that finds what breaks it."""

from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.document import Document
from stacksync.inspection.findings import Edit, Finding, Severity
from stacksync.inspection.places import Place
from stacksync.inspection.survey import Survey
from stacksync.inspection.version import Version

Edits = tuple[Edit, ...]


class CheckRule:
    """One thing that can be wrong with a connector.

    Args:
        code: What it is switched on and off by; never given to another rule.
        title: What is wrong, in a few words.
        why: What comes of it, for people who read `--explain`.
        fixable: `--fix` fixes some of what it finds.
        alters: The attributes of a field that its fix alters. Such a fix changes how workflows that exist run, so that
            `--fix` makes it only when the rule is named: `--fix --select SCH022`.
        private: It finds secrets, which no report may show.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    why: ClassVar[str]
    severity: ClassVar[Severity] = "error"
    fixable: ClassVar[bool] = False
    alters: ClassVar[frozenset[str]] = frozenset()
    private: ClassVar[bool] = False

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong."""
        raise NotImplementedError

    def found(
        self, place: Place, message: str, tip: str = "", edits: Edits = (), severity: Severity | None = None
    ) -> Finding:
        """Return a finding of this rule, of the rule's own severity unless another is given."""
        alters = self.alters if edits else frozenset()
        return Finding(self.code, severity or self.severity, place, message, tip, edits, alters, self.private)


class VersionRule(CheckRule):
    """A rule about one version of one module."""

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong with each version."""
        for version in survey.versions:
            yield from self.check_version(version)

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what is wrong with a version."""
        raise NotImplementedError


class RepeatedKeyRule(CheckRule):
    """A rule about keys that stand twice, in JSON or YAML."""

    def repeated(self, document: Document) -> Iterator[Finding]:
        """Yield the keys that their object or section has already."""
        for place in document.repeated_keys():
            key = place.file.text[place.start : place.end].strip("\"'")
            yield self.found(place, f'"{key}" stands here a second time', "keep one of them")
