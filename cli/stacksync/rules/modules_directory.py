"""Rules about where app_config.yaml says that the modules are."""

from collections.abc import Iterator
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.settings_schema import spoken
from stacksync.inspection.survey import Survey
from stacksync.inspection.yaml_document import YamlDocument
from stacksync.rules.config_rule import APP, LOCAL, RUNTIME, ConfigRule
from stacksync.rules.rule import CheckRule
from stacksync.runtime import MODULES_DIR


class ModulesDirectory(ConfigRule):
    """The folder of the modules is there."""

    code = "CFG007"
    title = "The folder of the modules does not exist"
    why = "The connector refuses to start: it would have no modules."

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield the key that names a folder which is not there."""
        key, app = survey.connector.directory_key, config.get(APP)
        named = app.get(key) if isinstance(app, dict) and key else None
        if named is not None and not isinstance(named, str):
            return  # CFG011

        place = config.at((APP, key) if key else (APP,), key=key is None)
        if not survey.modules_dir:
            yield self.found(place, f"{spoken(named)} is not a folder inside the connector", f'write "{MODULES_DIR}"')
        elif not (survey.root / survey.modules_dir).is_dir():
            said = f"{key} names {survey.modules_dir}" if key else f"the modules are looked for in {survey.modules_dir}"
            yield self.found(place, f"{said}, which does not exist", _nearest_folder(survey))


def _nearest_folder(survey: Survey) -> str:
    folders = {name.rpartition("/")[0] for name in survey.files if name.endswith(("/schema.json", "/route.py"))}
    found = {"/".join(folder.split("/")[:-2]) for folder in folders} - {""}
    return (
        f'write "{min(found)}", which holds modules' if found else f"create {survey.modules_dir}, or correct the path"
    )


class DirectoryUnread(ConfigRule):
    """The folder of the modules is named where that is read."""

    code = "CFG008"
    title = "The folder of the modules is only named in a section where it is not read"
    why = f"It is read from {APP} alone; elsewhere it changes nothing."
    severity: ClassVar[Severity] = "warning"

    def check_config(self, survey: Survey, config: YamlDocument) -> Iterator[Finding]:
        """Yield keys that stand in the wrong section, unless the right one says the same."""
        from stacksync.runtime import DIRECTORY_KEYS

        for section in (LOCAL, RUNTIME):
            values = config.get(section)
            for key in DIRECTORY_KEYS if isinstance(values, dict) else ():
                if key in values and not survey.connector.directory_key:
                    place = config.at((section, key), key=True)
                    yield self.found(place, f'"{key}" is not read in {section}', f"move it to {APP}")


RULES: tuple[type[CheckRule], ...] = (
    ModulesDirectory,
    DirectoryUnread,
)
