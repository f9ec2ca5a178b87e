"""A connector that was made otherwise, as its files have it: nothing of it is imported or run."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from stacksync.adopt.published import is_published_content
from stacksync.connector import ANSWERS_FILE, Connector
from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain
from stacksync.runtime import (
    CONFIG_FILE,
    DIRECTORY_KEYS,
    MODULES_DIR,
    Config,
    VersionFolder,
    YamlFileError,
    read_yaml,
    scan,
)

# Where the vendor's template has had its modules.
PLACES = (MODULES_DIR, "src/routes")
_SECTIONS = ("app_settings", "local_development_settings")


@dataclass(frozen=True)
class Existing:
    """A connector as it is before it is adopted.

    Args:
        root: Its folder.
        tracked: The files that git has of it, from there; links and submodules too.
        modules_dir: The folder of its modules, from there.
        named_dir: What its configuration says that this is; None where it says nothing.
        settings: Its configuration.
    """

    root: Path
    tracked: frozenset[str]
    modules_dir: str
    named_dir: str | None
    settings: dict[str, object] = field(default_factory=dict)

    @cached_property
    def connector(self) -> Connector:
        """It, as other commands see connectors."""
        return Connector(self.root)

    @cached_property
    def versions(self) -> tuple[VersionFolder, ...]:
        """The versions of its modules, as the runtime finds them."""
        return scan(Config(self.root, self.root / self.modules_dir, public_settings={}), self.connector.layout).versions

    @property
    def sources(self) -> list[str]:
        """Its Python files."""
        return sorted(path for path in self.tracked if path.endswith(".py"))

    @property
    def examples(self) -> list[str]:
        """The versions that are the vendor's examples, unedited: they are published under this connector's name."""
        return [version.module_path for version in self.versions if self._is_example(version)]

    @property
    def names_origins(self) -> bool:
        """Whether its configuration says which pages may call it."""
        return any("cors_origins" in self.section(name) for name in _SECTIONS)

    def section(self, name: str) -> dict[str, object]:
        """Return a section of its configuration; empty where it is none."""
        found = self.settings.get(name)
        return found if isinstance(found, dict) else {}

    def holds(self, path: str) -> bool:
        """Tell whether a path lies in the folder of its modules."""
        return path.startswith(f"{self.modules_dir}/")

    def _is_example(self, version: VersionFolder) -> bool:
        return bool(version.route_files) and all(is_published_content(read_plain(file)) for file in version.route_files)


def refuse_no_connector(root: Path) -> None:
    """Refuse a folder that holds nothing to adopt, whatever else is to be said of it.

    Raises:
        StacksyncError: There is neither a configuration nor a module.
    """
    is_configured = (root / CONFIG_FILE).is_file() or Connector(root).is_kit_project
    if not is_configured and not any(_has_versions(root, place) for place in PLACES):
        raise _no_connector(root)


def read_existing(root: Path, tracked: frozenset[str]) -> Existing:
    """Read the connector in a folder.

    Args:
        root: The folder.
        tracked: The files that git has of it.

    Raises:
        StacksyncError: It is none, or one of this template, or its app_config.yaml cannot be read.
    """
    if (root / ANSWERS_FILE).is_file():
        fault = f"{root} was made from a template already: it has a {ANSWERS_FILE}."
        raise StacksyncError(fault, "stacksync update takes the releases of that template")

    connector = Connector(root)
    settings = _read_settings(root, connector.config_file)
    if connector.is_kit_project:
        return Existing(root, tracked, connector.layout.modules_dir, None, settings)

    named = next(_named_directories(settings), None)
    found = next((place for place in _places(root, settings) if _has_versions(root, place)), None)
    if found is None and not settings:
        raise _no_connector(root)
    return Existing(root, tracked, found or _empty_place(root, named), named, settings)


def _read_settings(root: Path, name: str) -> dict[str, object]:
    file = root / name
    try:
        content = read_yaml(file)
    except FileNotFoundError:
        return {}
    except (YamlFileError, OSError) as error:
        said = str(error).replace(str(file), name)
        raise StacksyncError(f"{said.rstrip('.')}.", "correct it and commit that, then adopt") from error
    if content is not None and not isinstance(content, dict):
        raise StacksyncError(f"{name}:1: must hold sections such as `app_settings`.", "correct it, then adopt")

    return content or {}


def _named_directories(settings: dict[str, object]) -> Iterator[str]:
    """Yield what is named as the modules' folder: by the key that counts first, then where the first SDK looked too."""
    for name in _SECTIONS:
        section = settings.get(name)
        found = section if isinstance(section, dict) else {}
        values = [found[key] for key in DIRECTORY_KEYS if key in found]
        yield from (PurePosixPath(os.path.normpath(str(value))).as_posix() for value in values[:1] if value)


def _places(root: Path, settings: dict[str, object]) -> Iterator[str]:
    named = [place for place in _named_directories(settings) if not place.startswith(("/", ".."))]
    yield from dict.fromkeys([*named, *PLACES])


def _has_versions(root: Path, place: str) -> bool:
    folder = root / place
    return folder.is_dir() and bool(scan(Config(root, folder, public_settings={})).versions)


def _empty_place(root: Path, named: str | None) -> str:
    """Return the folder of a connector that has no module yet."""
    usable = [place for place in (named, *PLACES) if place and (root / place).is_dir()]
    return usable[0] if usable and not usable[0].startswith(("/", "..")) else MODULES_DIR


def _no_connector(root: Path) -> StacksyncError:
    fault = f"{root} is no connector: it has no {CONFIG_FILE}, and no module in {' or '.join(PLACES)}."
    return StacksyncError(fault, "name the connector's folder: stacksync adopt PATH")
