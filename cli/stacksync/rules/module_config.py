"""Rules about module_config.yaml, and what nobody wrote yet."""

import re
from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.document import Document
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.settings_schema import spoken, unknown_keys, violations
from stacksync.inspection.survey import Survey
from stacksync.inspection.version import Version
from stacksync.inspection.yaml_document import YamlDocument
from stacksync.rules.config_rule import with_sections
from stacksync.rules.rule import CheckRule, RepeatedKeyRule, VersionRule

CONFIG_SCHEMA = "module_config"

_LEFT_OVER = re.compile(r"(?i)\bto be changed\b|\bchange ?me\b")


class ConfigUnreadable(VersionRule):
    """The metadata can be read."""

    code = "MOD009"
    title = "module_config.yaml cannot be read"
    why = "Defaults are used for all of it."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield why the metadata cannot be read."""
        config = version.config
        if config is None:
            return
        if config.fault:
            yield self.found(config.fault.place, f"the file {config.fault.message}", "correct it")
        elif not isinstance(config.value, dict) or "module_settings" not in config.value:
            yield self.found(
                config.at(), "there is no section module_settings", "write one; other sections are not read"
            )


class ModuleConfigRule(VersionRule):
    """A rule about metadata that can be read."""

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield what is wrong with the metadata."""
        if config := with_sections(version.config):
            yield from self.check_config(version, config)

    def check_config(self, version: Version, config: YamlDocument) -> Iterator[Finding]:
        """Yield what is wrong with the metadata."""
        raise NotImplementedError


class UnknownKey(ModuleConfigRule, RepeatedKeyRule):
    """Every key is one that is read, and stands once."""

    code = "MOD010"
    title = "A key of module_config.yaml is not known, or repeated"
    why = "It is not read, so whatever it was to change stays as it is."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, version: Version, config: YamlDocument) -> Iterator[Finding]:
        """Yield the keys that are not read."""
        for unknown in unknown_keys(CONFIG_SCHEMA, config):
            yield self.found(
                config.at(unknown.path, key=True), f'"{unknown.path[-1]}" is not a key of the file', unknown.tip
            )
        yield from self.repeated(config)


class WrongValue(ModuleConfigRule):
    """Every value is of the kind it must be."""

    code = "MOD011"
    title = "A value of module_config.yaml is not of the kind it must be"
    why = "The default is used instead."

    def check_config(self, version: Version, config: YamlDocument) -> Iterator[Finding]:
        """Yield the values that cannot be used."""
        for fault in violations(CONFIG_SCHEMA, config):
            if fault.keyword != "required":
                yield self.found(config.at(fault.path), fault.message, fault.tip)


class VersionNumber(ModuleConfigRule):
    """The folder and the metadata speak of one version."""

    code = "MOD012"
    title = "module_version contradicts the version's folder"
    why = "The URL says one version, the module's id another; the version that was copied keeps the id of its original."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, version: Version, config: YamlDocument) -> Iterator[Finding]:
        """Yield a number that is not the folder's."""
        said, folder = version.settings.get("module_version"), version.path.name
        number = re.match(r"v?(\d+)(\.\d+)*$", str(said))
        if number and re.fullmatch(r"v\d+", folder) and int(number[1]) != int(folder[1:]):
            place = config.at(("module_settings", "module_version"))
            yield self.found(place, f"module_version is {spoken(said)} in {folder}", f'write "{folder[1:]}"')


class FixedForm(ModuleConfigRule):
    """Forms that change are asked for again when a workflow runs."""

    code = "MOD014"
    title = "A form comes from code, and the platform is not to ask for it again"
    why = "When a workflow runs, the templates in fields that the schema handler added are never replaced."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, version: Version, config: YamlDocument) -> Iterator[Finding]:
        """Yield the setting that keeps the platform from asking."""
        if version.handlers.makes_form and version.settings.get("on_content_update") is False:
            place = config.at(("module_settings", "on_content_update"))
            message = "on_content_update is false, and the module has a schema handler"
            yield self.found(place, message, "leave it out: true is the default")


class LeftOver(CheckRule):
    """What the template asked to be changed has been."""

    code = "MOD013"
    title = "A text still says that it is to be changed"
    why = "People would read it on the platform."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the texts that nobody wrote yet."""
        documents: list[Document | None] = [survey.config]
        for version in survey.versions:
            documents += [version.config, version.schema]
        for document in documents:
            text = document.file.text if document else ""
            for match in _LEFT_OVER.finditer(text):
                line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
                if document and not re.search(r"(^|\s)#", line):
                    place = document.file.place(*match.span())
                    yield self.found(place, f'"{match.group()}" is left over', "write what it should say")


RULES: tuple[type[CheckRule], ...] = (
    ConfigUnreadable,
    UnknownKey,
    WrongValue,
    VersionNumber,
    LeftOver,
    FixedForm,
)
