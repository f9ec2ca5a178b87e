"""A rule about app_config.yaml."""

from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.findings import Finding
from stacksync.inspection.settings_schema import Violation, violations
from stacksync.inspection.survey import Survey
from stacksync.inspection.yaml_document import YamlDocument
from stacksync.rules.rule import CheckRule

APP, LOCAL, RUNTIME = "app_settings", "local_development_settings", "runtime_settings"
SCHEMA = "app_config"


def with_sections(document: YamlDocument | None) -> YamlDocument | None:
    """Return a document that can be read and holds sections; None in the place of any other."""
    return document if document and not document.fault and isinstance(document.value, dict) else None


class ConfigRule(CheckRule):
    """A rule about a configuration that can be read."""

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield what is wrong with the configuration."""
        if config := with_sections(survey.config):
            yield from self.check_config(survey, config)

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield what is wrong with the configuration."""
        raise NotImplementedError


class ViolationRule(ConfigRule):
    """A rule about values that the configuration's JSON Schema does not allow, those that stand in `paths`."""

    paths: ClassVar[tuple[tuple[str, ...], ...]]

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield the values under the rule's paths that are not allowed."""
        for fault in violations(SCHEMA, config):
            if self.covers(fault):
                yield self.found(config.at(fault.path), fault.message, self.tip(fault))

    def covers(self, fault: Violation) -> bool:
        """Say whether a fault is this rule's."""
        return fault.path in self.paths

    def tip(self, fault: Violation) -> str:
        """Return what to do about a fault."""
        return fault.tip
