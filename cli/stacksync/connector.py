"""A connector on disk: where it is, what it was made from, and its modules. Nothing of it is imported or run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stacksync.errors import StacksyncError, UsageError
from stacksync.runtime import (
    CONFIG_FILE,
    Config,
    Layout,
    Scan,
    VersionFolder,
    YamlFileError,
    layout_of,
    line_of,
    read_yaml,
    scan,
)
from stacksync.runtime.kit import FILE as KIT_FILE

ANSWERS_FILE = ".copier-answers.yml"


@dataclass(frozen=True)
class Connector:
    """A connector, whoever made it. Each file is read when first asked for; one that cannot be read counts as empty."""

    root: Path

    @cached_property
    def layout(self) -> Layout:
        """How it is laid out: as ours are, or as the projects of the platform's present kit."""
        return layout_of(self.root)

    @property
    def config_file(self) -> str:
        """The name of its configuration: app_config.yaml, or stacksync.yml."""
        return self.layout.file

    @property
    def is_kit_project(self) -> bool:
        """Whether it is a project of the platform's present kit, stacksync-cdk."""
        return self.config_file == KIT_FILE

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The content of its configuration."""
        return read_mapping(self.root / self.config_file)

    @property
    def app_settings(self) -> Mapping[str, Any]:
        """The section of the configuration that the platform reads."""
        section = self.settings.get("app_settings")
        return section if isinstance(section, dict) else {}

    @property
    def app_type(self) -> str:
        """The connector's identifier."""
        return str(self.app_settings.get("app_type") or "connector")

    @property
    def app_name(self) -> str:
        """The name that users see."""
        return str(self.app_settings.get("app_name") or self.app_type)

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """What the template asked and was told, with `_src_path` and `_commit`; empty where it was not made by us."""
        return read_mapping(self.root / ANSWERS_FILE)

    @property
    def directory_key(self) -> str | None:
        """The key under which app_config.yaml names the modules directory."""
        return next((key for key in self.layout.directory_keys if key in self.app_settings), None)

    @property
    def modules_dir(self) -> Path:
        """The folder of the modules, which may be missing."""
        named = self.app_settings.get(self.directory_key or "")
        return Path(os.path.normpath(self.root / str(named or self.layout.modules_dir)))

    @property
    def has_runtime(self) -> bool:
        """Whether its modules are written with `src.runtime`, and not with Stacksync's workflows-cdk package."""
        return (self.root / "src" / "runtime" / "__init__.py").is_file()

    @property
    def has_modules_dir(self) -> bool:
        """Whether the folder of the modules is there, inside the connector."""
        return self.modules_dir.is_relative_to(self.root) and self.modules_dir.is_dir()

    @cached_property
    def scan(self) -> Scan:
        """What stands where versions do, as the runtime finds and sorts it."""
        if not self.has_modules_dir:
            return Scan()

        return scan(Config(self.root, self.modules_dir, public_settings={}), self.layout)

    @property
    def versions(self) -> tuple[VersionFolder, ...]:
        """Every version of every module."""
        return self.scan.versions

    def relative(self, path: Path) -> str:
        """Return a path below the root as it is shown: from the root, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def require_modules_dir(self) -> Path:
        """Return the folder of the modules.

        Raises:
            StacksyncError: It is not inside the connector, or missing while modules stand in the usual place.
        """
        folder = self.modules_dir
        if folder.is_relative_to(self.root) and (folder.is_dir() or not (self.root / self.layout.modules_dir).is_dir()):
            return folder

        fault = "names a folder outside the connector"
        if folder.is_relative_to(self.root):
            fault = f"names {self.relative(folder)}, which does not exist"
        place = f"{self.config_file}:{self._line_of_directory()}"
        raise StacksyncError(
            f"{place}: {self.directory_key} {fault}.", f'{self.directory_key}: "{self.layout.modules_dir}"'
        )

    def refuse_links(self, path: Path) -> None:
        """Refuse to write or remove what a link leads to: it is another folder, and may be anybody's.

        Raises:
            StacksyncError: `path`, or a folder between it and the root, is a link.
        """
        link = self.link_to(path)
        if link:
            fault = f"{self.relative(link)} is a link to {link.readlink()}, and nothing is written or removed there."
            raise StacksyncError(fault, "change what it leads to in its own place, or put a copy in that of the link")

    def link_to(self, path: Path) -> Path | None:
        """Return the link by which `path` leaves the connector: itself, or the first folder on the way to it."""
        inside = [place for place in (path, *path.parents) if place != self.root and place.is_relative_to(self.root)]
        return next((place for place in reversed(inside) if place.is_symlink()), None)

    def _line_of_directory(self) -> int:
        return line_of(self.root / self.config_file, "app_settings", str(self.directory_key))


def find_connector(start: Path | None = None) -> Connector:
    """Return the connector that `start` lies in, the current folder by default.

    Raises:
        UsageError: It lies in none.
    """
    folder = Path(os.path.abspath(start or Path.cwd()))  # noqa: PTH100 - resolve() would leave by links
    for root in (folder, *folder.parents):
        if any((root / name).is_file() for name in (CONFIG_FILE, KIT_FILE)):
            return Connector(root)

    raise UsageError(
        f"{folder} is not in a connector: there is no {CONFIG_FILE} here or above.",
        "change into a connector's folder, or make one: stacksync new my_connector",
    )


def read_mapping(file: Path) -> Mapping[str, Any]:
    """Return the content of a YAML file, empty where there is none to read."""
    try:
        content = read_yaml(file)
    except (FileNotFoundError, YamlFileError):
        return {}

    return content if isinstance(content, dict) else {}
