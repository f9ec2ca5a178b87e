"""Rules about the folders of modules."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import ClassVar

from stacksync.inspection.file_cache import FileCache
from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.places import Place, TextFile
from stacksync.inspection.survey import Survey
from stacksync.inspection.version import Version
from stacksync.rules.rule import CheckRule, VersionRule
from stacksync.runtime import MODULE_CONFIG_FILE, SCHEMA_FILE, is_route_file, url_base
from stacksync.runtime.kit import CONFIG_FILE

_MODULE_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Files that only a version folder has; a Python file alone may be anything.
_TELLING = ("route.py", MODULE_CONFIG_FILE)
_TELLING_OF_KIT = ("execute.py",)
_BESIDE = {"tests", "examples", "cassettes"}


def first_file(cache: FileCache, folder: str, names: tuple[str, ...]) -> Place:
    """Return the place to show for a fault of a folder: the beginning of the file that says most of it."""
    name = f"{folder}/{min(names, key=_rank)}"
    return (cache.text(name) or TextFile(cache.root / name, name)).place()


def _rank(name: str) -> tuple[bool, bool, bool, bool, str]:
    is_other = name != MODULE_CONFIG_FILE and not is_route_file(name)
    return name != "route.py", name != SCHEMA_FILE, is_other, is_other and name[0] == ".", name


def _telling(survey: Survey, folder: PurePosixPath, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files of a folder by which it is that of a version."""
    if any(
        part.startswith(survey.connector.layout.skipped) for part in folder.parts if survey.connector.layout.skipped
    ):
        return ()

    telling = _TELLING_OF_KIT if survey.connector.is_kit_project else _TELLING
    return tuple(name for name in names if name in telling)


class Misplaced(CheckRule):
    """Modules lie where they are looked for."""

    code = "MOD001"
    title = "A module lies where it is not looked for"
    why = "Modules are found at <modules>/<module>/<version>/ and nowhere else; this one has no URL."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield files of modules that lie too high or too deep."""
        for folder, names in survey.in_modules.items():
            telling = _telling(survey, folder, names)
            if len(folder.parts) == 2 or not _BESIDE.isdisjoint(folder.parts) or not telling:
                continue
            place = first_file(survey, f"{survey.modules_dir}/{folder}".removesuffix("/."), telling)
            depth = "deep" if len(folder.parts) > 2 else "high"
            yield self.found(place, f"the module lies too {depth} to be found", f"move it to {_home(survey, folder)}")


def _home(survey: Survey, folder: PurePosixPath) -> str:
    versions = [part for part in folder.parts if re.fullmatch(r"(?i)v\d+", part)]
    names = [part for part in folder.parts if part not in versions]
    return f"{survey.modules_dir}/{names[-1] if names else 'my_module'}/{versions[-1].lower() if versions else 'v1'}"


class VersionName(CheckRule):
    """Folders of versions are called v1, v2 and so on."""

    code = "MOD002"
    title = "A version's folder has a name that is not looked for"
    why = "Only folders called v and a number, such as v1, are versions; this one has no URL."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield folders beside versions that hold a module, under another name."""
        for folder, names in survey.in_modules.items():
            name = folder.name
            named_right = len(folder.parts) != 2 or survey.connector.layout.version.fullmatch(name) or name in _BESIDE
            if named_right or not _telling(survey, folder, names):
                continue
            number = re.search(r"\d+", name)
            tip = f"call it v{number.group() if number else 1}"
            place = first_file(survey, f"{survey.modules_dir}/{folder}", names)
            yield self.found(place, f'"{name}" is not a version', tip)


class ModuleName(VersionRule):
    """Modules have names that are the same everywhere."""

    code = "MOD003"
    title = "A module's folder is not called in lowercase letters, digits and underscores"
    why = "The name is part of the URL and of the module's id: spaces are rewritten there, and case counts."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield a name that is written differently elsewhere."""
        name = version.path.parent.name
        if not _MODULE_NAME.fullmatch(name):
            plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
            plain = plain if _MODULE_NAME.fullmatch(plain) else f"module_{plain}".rstrip("_")
            tip = f"call the folder {plain}; workflows that use the module call its URL, which changes with it"
            yield self.found(first_file(version.cache, version.name, version.files), f'"{name}" is no module name', tip)


class SharedUrl(CheckRule):
    """Every version has a URL of its own."""

    code = "MOD004"
    title = "Two folders have one URL"
    why = "Neither is served: both answer 503."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield every folder whose URL another one has."""
        by_url: dict[str, list[Version]] = defaultdict(list)
        for version in survey.versions:
            by_url[url_base(survey.root / version.name)].append(version)
        for url, versions in by_url.items():
            for version in versions if len(versions) > 1 else ():
                other = next(each for each in versions if each is not version)
                place = first_file(survey, version.name, version.files)
                yield self.found(place, f"{url} is the URL of {other.name} too", "rename or remove one of them")


class SharedId(CheckRule):
    """Every version has an id of its own."""

    code = "MOD005"
    title = "Two modules have one id"
    why = "The platform tells modules apart by their type and version: it would take the two for one."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield every version whose type and number an earlier one has."""
        seen: dict[tuple[str, str], Version] = {}
        for version in survey.versions:
            kind, number = _identity(version)
            other = seen.setdefault((kind, number), version)
            if other is version:
                continue
            keys = [key for key in ("module_type", "module_version") if key in version.settings]
            place = first_file(survey, version.name, version.files)
            if keys and version.config:
                place = version.config.at(("module_settings", keys[0]))
            message = f"{other.name} is {kind} {number} too"
            yield self.found(place, message, "give it a module_type or module_version of its own")


def _identity(version: Version) -> tuple[str, str]:
    kind = str(version.settings.get("module_type") or version.path.parent.name)
    number = str(version.settings.get("module_version") or version.path.name)
    return kind, number.removeprefix("v").replace(".", "_")


class SharedName(CheckRule):
    """Every module has a name of its own."""

    code = "MOD015"
    title = "Two modules have one display name"
    why = "People could not tell them apart where the platform lists them. Versions of one module may share a name."
    severity: ClassVar[Severity] = "warning"

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield each module whose name an earlier one has, once."""
        seen: dict[str, Version] = {}
        told = set()
        for version in survey.versions:
            name, (kind, _) = _display_name(version), _identity(version)
            other = seen.setdefault(" ".join(name.split()).casefold(), version)
            if _identity(other)[0] == kind or kind in told:
                continue
            told.add(kind)
            place = first_file(survey, version.name, version.files)
            if "module_name" in version.settings and version.config:
                place = version.config.at(("module_settings", "module_name"))
            yield self.found(place, f'{other.name} is called "{name}" too', "give it a module_name of its own")


def _display_name(version: Version) -> str:
    """Return what the platform lists a version as."""
    return str(version.settings.get("module_name") or _identity(version)[0].replace("_", " ").title())


class NoRoute(CheckRule):
    """What looks like a version is one."""

    code = "MOD006"
    title = "A folder looks like a version and has no route file"
    why = "Only a folder with a route file is a version: this one is not listed, and execute answers 404."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield the folders with a form or a configuration, and no code."""
        for folder in survey.without_routes:
            place = first_file(survey, folder.name, folder.files)
            file = "execute.py" if folder.folder.by_name else "route.py"
            yield self.found(place, f"there is no {file} in {folder.name}", "write one, or remove the folder")


class NoSchema(VersionRule):
    """A version has a form."""

    code = "MOD007"
    title = "A version has no schema.json"
    why = "The platform shows no form for it, and input is not checked."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield a version without a form."""
        if version.schema is None and not version.handlers.makes_form:
            place = first_file(version.cache, version.name, version.files)
            file = "schema.py" if version.folder.by_name else SCHEMA_FILE
            yield self.found(place, f"there is no {file} in {version.name}", "describe the form in one")


class NoConfig(VersionRule):
    """A version says what it is called."""

    code = "MOD008"
    title = "A version has no module_config.yaml"
    why = "The platform lists it under its folder's name, without a description."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield a version without metadata."""
        if version.folder.has_config:
            return

        place = first_file(version.cache, version.name, version.files)
        file, tip = MODULE_CONFIG_FILE, "write one with module_settings: module_name and module_description"
        if version.folder.by_name:
            file, tip = CONFIG_FILE, 'write one with CONFIG = ModuleConfig(module_name="…", module_description="…")'
        yield self.found(place, f"there is no {file} in {version.name}", tip)


RULES: tuple[type[CheckRule], ...] = (
    Misplaced,
    VersionName,
    ModuleName,
    SharedUrl,
    SharedId,
    SharedName,
    NoRoute,
    NoSchema,
    NoConfig,
)
