"""Find the modules of a connector: one scan, from which URLs, listing and schemas are made."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from .config import DIRECTORY_KEYS, FILE, MODULES_DIR, Config, read_config
from .yaml_file import YamlFileError, read_yaml

VERSION = re.compile(r"v\w+")
MODULE_CONFIG_FILE = "module_config.yaml"
SCHEMA_FILE = "schema.json"
DYNAMIC = "dynamic"

# What the platform's present kit lists beside the rest, with what it assumes where `module_settings` is silent.
PLATFORM_FLAGS = {"supports_action": True, "supports_trigger": False, "requires_credentials_for_schema": False}
ICON = "module_icon_svg_url"
ACTIONS = {
    "on_create": False,
    "on_update": False,
    "on_delete": False,
    "on_content_update": True,
    "on_content_initialized": True,
}

logger = logging.getLogger("stacksync.discovery")


@dataclass(frozen=True)
class VersionFolder:
    """A folder named as versions are, `src/modules/get_contacts/v1`; a version if it has a route file.

    Args:
        by_name: Each of its route files answers the URL of its own name, by the function of that name.
    """

    path: Path
    package: str
    route_files: tuple[Path, ...]
    has_schema: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    has_config: bool = False
    by_name: bool = False

    @property
    def module(self) -> str:
        """Return the name of the module's directory."""
        return self.path.parent.name

    @property
    def version(self) -> str:
        """Return the name of the version's directory."""
        return self.path.name

    @cached_property
    def module_path(self) -> str:
        """Return `<module>/<version>` as written on disk."""
        return f"{self.module}/{self.version}"

    @cached_property
    def url_base(self) -> str:
        """Return the beginning of this version's URLs."""
        return url_base(self.path)

    @property
    def schema_path(self) -> Path:
        """Return where the schema is, if there is one."""
        return self.path / SCHEMA_FILE

    @property
    def validate_input(self) -> bool | str | None:
        """Return what `validate_input` says of execute's input; None where it says nothing.

        True: checked against schema.json, False: not at all, "dynamic": against the form that the schema handler makes.
        """
        value = self.settings.get("validate_input")
        return value if isinstance(value, bool) or value == DYNAMIC else None

    def kind_of(self, route_file: Path) -> str | None:
        """Return the name of the function by which a route file answers; None where the file says so itself."""
        return route_file.stem if self.by_name else None

    def route_names(self) -> dict[str, Path]:
        """Return the route files by the dotted names they are imported under."""
        return {f"{self.package}.{escape(file.stem)}": file for file in self.route_files}

    def metadata(self, app_type: str, *, platform_keys: bool = True) -> dict[str, Any]:
        """Return this version as the platform's module listing shows it.

        Args:
            platform_keys: whether the keys of the platform's present kit are there in any case; else only those that
                `module_settings` gives, so that what the platform assumes of older modules stays as it was.
        """
        kind = self._text("module_type", self.module)
        version = self._text("module_version", self.version).removeprefix("v")
        known = {
            "module_id": f"{app_type}-{kind}-{version.replace('.', '_')}",
            "app_type": app_type,
            "module_type": kind,
            "module_category": self._text("module_category", "action"),
            "module_name": self._text("module_name", kind.replace("_", " ").title()),
            "module_version": version,
            "module_description": self._text("module_description", ""),
            "module_path": self.module_path,
        }
        given = {name for name in (*PLATFORM_FLAGS, ICON, *ACTIONS) if name in self.settings}
        return {**known, **self._platform_keys(None if platform_keys else given)}

    def _platform_keys(self, only: set[str] | None) -> dict[str, Any]:
        keys: dict[str, Any] = {
            name: self._flag(name, default) for name, default in PLATFORM_FLAGS.items() if only is None or name in only
        }
        if only is None or ICON in only:
            keys[ICON] = self._text(ICON, "") or None
        if only is None or only & ACTIONS.keys():
            keys["module_actions_schema"] = {name: self._flag(name, default) for name, default in ACTIONS.items()}
        return keys

    def _flag(self, key: str, default: bool) -> bool:
        value = self.settings.get(key)
        return value if isinstance(value, bool) else default

    def _text(self, key: str, default: str) -> str:
        value = self.settings.get(key)
        usable = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        return str(value) if usable and value != "" else default


@dataclass(frozen=True)
class Scan:
    """What stands where versions do, sorted by module and number.

    Args:
        versions: The versions: folders with a route file.
        without_routes: Folders that look like versions, by a form or a configuration, and have no route file.
    """

    versions: tuple[VersionFolder, ...] = ()
    without_routes: tuple[VersionFolder, ...] = ()


def scan(config: Config, layout: Layout | None = None) -> Scan:
    """Look once at every folder that stands where versions do, also behind links."""
    layout = layout or LAYOUT
    prefix = ".".join(config.modules_dir.relative_to(config.root).parts)
    paths = version_paths(config.modules_dir, layout)
    folders = sorted((_read_folder(path, prefix, layout) for path in paths), key=_order)
    rest = (folder for folder in folders if not folder.route_files)
    return Scan(
        versions=tuple(folder for folder in folders if folder.route_files),
        without_routes=tuple(folder for folder in rest if folder.has_schema or folder.has_config),
    )


def url_base(path: Path) -> str:
    """Return the URL that a version folder answers under; only spaces are rewritten."""
    return f"/{path.parent.name}/{path.name}".replace(" ", "_")


def escape(name: str) -> str:
    """Make a file's name one part of a dotted name, different from every other file's."""
    return name.replace("%", "%25").replace(".", "%2E")


def is_route_file(name: str) -> bool:
    """Say whether a file of a version's own folder is imported at the start."""
    return name.endswith(".py") and name != "__init__.py" and name[0] != "."


def version_paths(modules_dir: Path, layout: Layout | None = None) -> Iterator[Path]:
    """Yield the folders that are named as versions and stand where versions do."""
    layout = layout or LAYOUT
    for module in modules_dir.iterdir() if modules_dir.is_dir() else ():
        # Tools put half-written modules into hidden directories beside the target.
        if module.is_dir() and not module.name.startswith((".", *layout.skipped)):
            yield from (path for path in module.iterdir() if layout.version.fullmatch(path.name) and path.is_dir())


def _read_folder(path: Path, prefix: str, layout: Layout) -> VersionFolder:
    names = sorted(entry.name for entry in path.iterdir() if entry.is_file())
    files = tuple(path / name for name in names if layout.is_route_file(name))
    package = ".".join(filter(None, (prefix, escape(path.parent.name), path.name)))
    has_config = layout.config_file in names
    settings = layout.read_settings(path / layout.config_file) if has_config else {}
    return VersionFolder(path, package, files, layout.schema_file in names, settings, has_config, layout.by_name)


def _read_settings(file: Path) -> dict[str, Any]:
    try:
        content = read_yaml(file)
    except (YamlFileError, FileNotFoundError) as error:
        logger.warning("%s; its defaults are used", error)
        return {}

    settings = content.get("module_settings") if isinstance(content, dict) else None
    return settings if isinstance(settings, dict) else {}


@dataclass(frozen=True)
class Layout:
    """How a connector is laid out: as ours are, unless a compatibility package says otherwise.

    Args:
        file: The configuration file, in the connector's root.
        read_config: Reads that.
        directory_keys: Under which keys it may name the folder of the modules.
        modules_dir: That folder, where no key names another.
        version: What the names of version folders match.
        skipped: What the names of folders that hold no versions begin with, besides a dot.
        is_route_file: Says by its name whether a file of a version's own folder is imported at the start.
        by_name: Whether a route file answers the URL of its own name, by the function of that name.
        schema_file: The file with a version's form; empty where forms always come from code.
        config_file: The file with a version's metadata.
        read_settings: Reads the metadata; nothing where that cannot be read.
        loader: What imports the route files.
    """

    file: str = FILE
    read_config: Callable[[Path], Config] = read_config
    directory_keys: tuple[str, ...] = DIRECTORY_KEYS
    modules_dir: str = MODULES_DIR
    version: re.Pattern[str] = VERSION
    skipped: tuple[str, ...] = ()
    is_route_file: Callable[[str], bool] = is_route_file
    by_name: bool = False
    schema_file: str = SCHEMA_FILE
    config_file: str = MODULE_CONFIG_FILE
    read_settings: Callable[[Path], dict[str, Any]] = _read_settings
    loader: type[SourceFileLoader] = SourceFileLoader


LAYOUT = Layout()


def layout_of(root: Path) -> Layout:
    """Return how the connector in a folder is laid out; one without any configuration counts as one of ours."""
    try:
        kit = import_module(f"{__package__}.compat.kit")  # only connectors that are written for the kit have it
    except ModuleNotFoundError:
        return LAYOUT

    layout: Layout = kit.LAYOUT if kit.is_kit_project(root) else LAYOUT
    return layout


def _order(folder: VersionFolder) -> tuple[str, bool, list[int], str]:
    numbers = [int(digits) for digits in re.findall("[0-9]+", folder.version)]
    return folder.module, not numbers, numbers, folder.version
