"""Rules about the settings in app_config.yaml."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.json_places import Step
from stacksync.inspection.places import TextFile
from stacksync.inspection.secret_values import is_secret_name, looks_secret
from stacksync.inspection.settings_schema import Violation, spoken, unknown_keys
from stacksync.inspection.survey import Survey
from stacksync.inspection.yaml_document import YamlDocument
from stacksync.rules.config_rule import APP, LOCAL, RUNTIME, SCHEMA, ConfigRule, ViolationRule
from stacksync.rules.rule import CheckRule, RepeatedKeyRule
from stacksync.runtime import DEFAULT_PORT, DIRECTORY_KEYS

# In app_config.yaml of Stacksync's workflows-app-connector-template.
_FIRST_APP_TYPE = "connector"


class ConfigUnreadable(CheckRule):
    """The configuration is there and can be read."""

    code = "CFG001"
    title = "app_config.yaml is missing or cannot be read"
    why = "The connector refuses to start without it, and the platform finds no connector."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield why there is no configuration."""
        config, tip = survey.config, "write an app_settings section with app_type and app_name"
        if config is None:
            name = survey.connector.config_file
            missing = TextFile(survey.root / name, name)
            yield self.found(missing.place(), "the file is missing", f"create it: {tip}")
        elif config.fault:
            yield self.found(config.fault.place, f"the file {config.fault.message}", "correct it; nothing else is read")
        elif not config.value:
            yield self.found(config.at(), "the file is empty", tip)
        elif not isinstance(config.value, dict):
            yield self.found(config.at(), f"the file holds {spoken(config.value)} instead of sections", tip)


class RepeatedSetting(ConfigRule, RepeatedKeyRule):
    """Each key stands once."""

    code = "CFG002"
    title = "A key of app_config.yaml is repeated"
    why = "Only the last one counts, whatever the others say."

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield every key that was there before."""
        yield from self.repeated(config)


class UnknownSetting(ConfigRule):
    """Every key is one that is read."""

    code = "CFG003"
    title = "A key of app_config.yaml is not a setting"
    why = "It is not read, so whatever it was to change stays as it is. In runtime_settings it even prevents the start."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield the keys that are not read; the kit has sections of its own."""
        if survey.connector.is_kit_project:
            return

        for unknown in unknown_keys(SCHEMA, config):
            *section, key = unknown.path
            if section == [LOCAL] and key in DIRECTORY_KEYS:
                continue  # known at another place: CFG008
            where = f"a setting of {section[0]}" if section else "a section"
            refused: Severity | None = "error" if section == [RUNTIME] else None
            yield self.found(
                config.at(unknown.path, key=True), f'"{key}" is not {where}', unknown.tip, severity=refused
            )


class AppType(ViolationRule):
    """The app type is an identifier."""

    code = "CFG004"
    title = "app_type is missing or not an identifier"
    why = "It is part of the id of every module, by which workflows know them."
    paths = ((APP, "app_type"),)

    def tip(self, fault: Violation) -> str:
        """Return what to do about a fault."""
        return "lowercase letters, digits and underscores, beginning with a letter"


class LeftAppType(ConfigRule):
    """The app type is the connector's own."""

    code = "CFG012"
    title = "app_type is still that of the first template"
    why = "It begins the id of every module: connectors that share it cannot be told apart."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield the app type that Stacksync's first template came with, where the app itself is called otherwise."""
        name = str(config.get(APP, "app_name") or "").strip().lower()
        if config.get(APP, "app_type") == _FIRST_APP_TYPE != name:
            tip = "name it after the API, before workflows use it: every module's id changes with it"
            yield self.found(config.at((APP, "app_type")), f'app_type is still "{_FIRST_APP_TYPE}"', tip)


class AppName(ViolationRule):
    """The connector has a name."""

    code = "CFG005"
    title = "app_name is missing or empty"
    why = "It is what people see when they look for the connector."
    paths = ((APP, "app_name"),)


class Icon(ConfigRule):
    """The icon can be shown."""

    code = "CFG006"
    title = "app_icon_svg_url is not the https address of an SVG file"
    why = "The platform shows the icon from there; a page loaded over https shows nothing that is not."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield the icon if it is none."""
        url = config.get(APP, "app_icon_svg_url")
        place = config.at((APP, "app_icon_svg_url"))
        tip = "an address such as https://example.com/icon.svg"
        if isinstance(url, str) and url and not re.match(r"https://[^\s/?#]", url):
            yield self.found(place, f"{spoken(url)} is not an https address", tip)
        elif isinstance(url, str) and re.search(r"(?i)\.(png|jpe?g|gif|ico|webp|bmp)([?#].*)?$", url):
            yield self.found(place, f"{spoken(url)} is not an SVG file", tip)


class Port(ViolationRule):
    """The port is one."""

    code = "CFG009"
    title = "port is not a port"
    why = "The connector refuses to start."
    paths = ((APP, "port"), (LOCAL, "port"))

    def tip(self, fault: Violation) -> str:
        """Return what to do about a fault."""
        return f"a number from 1 to 65535, such as {DEFAULT_PORT}"


class PublicSecret(ConfigRule):
    """No secret stands where everybody can read it."""

    code = "CFG010"
    private = True
    title = "A secret stands in app_config.yaml"
    why = "The file is in git, and Stacksync's own SDK publishes app_settings: what was there once is known."

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield the values that are secrets."""
        for path, value in _scalars(config.value, ()):
            key = str(path[-1]) if path else ""
            secret_name = is_secret_name(key) or (key == "sentry_dsn" and path[0] == APP)
            written = isinstance(value, str) and bool(value) and "$" not in value
            if (secret_name and written) or looks_secret(str(value)):
                tip = "take it out, read it from the environment (.env locally), and replace the secret"
                yield self.found(config.at(path), f'"{key}" holds a secret', tip)


def _scalars(value: Any, path: tuple[Step, ...], depth: int = 0) -> Iterator[tuple[tuple[Step, ...], Any]]:
    if depth > 20:
        return  # settings never are; a YAML anchor that holds itself is

    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if pairs is None:
        yield path, value
    for key, inner in pairs or ():
        yield from _scalars(inner, (*path, key), depth + 1)


class SettingValue(ViolationRule):
    """Every value is of the kind it must be."""

    code = "CFG011"
    title = "A setting is not of the kind it must be"
    why = "The connector refuses to start, or does something else than is written."
    paths = (*AppType.paths, *AppName.paths, *Port.paths)

    def covers(self, fault: Violation) -> bool:
        """Say whether no other rule is about the setting."""
        return fault.path not in self.paths and (fault.path != (APP, "app_icon_svg_url") or fault.keyword == "type")


RULES: tuple[type[CheckRule], ...] = (
    ConfigUnreadable,
    RepeatedSetting,
    UnknownSetting,
    AppType,
    LeftAppType,
    AppName,
    Icon,
    Port,
    PublicSecret,
    SettingValue,
)
