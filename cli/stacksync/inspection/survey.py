"""A connector as `check` looks at it: its configuration, its versions and its code."""

from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stacksync.inspection.file_cache import FileCache
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.tracked import Tracked, ask_git
from stacksync.inspection.version import Version
from stacksync.inspection.yaml_document import YamlDocument

if TYPE_CHECKING:
    from stacksync.runtime import VersionFolder

_FOREIGN_CODE = ("src/runtime/", "workflows_cdk/", "stacksync_cdk/", "config/")


class Survey(FileCache):
    """A connector and its files."""

    @cached_property
    def config(self) -> YamlDocument | None:
        """The configuration: app_config.yaml, or stacksync.yml."""
        file = self.text(self.connector.config_file)
        return YamlDocument(file) if file else None

    @cached_property
    def modules_dir(self) -> str:
        """The folder of the modules from the root; empty where it is not inside the connector."""
        folder = self.connector.modules_dir
        inside = folder.is_relative_to(self.root) and folder != self.root
        return folder.relative_to(self.root).as_posix() if inside else ""

    @cached_property
    def in_modules(self) -> dict[PurePosixPath, tuple[str, ...]]:
        """The names of the files in each folder below that of the modules, by the folder's path from there."""
        if not self.modules_dir:
            return {}

        inside = (folder for folder in self.by_folder if f"{folder}/".startswith(f"{self.modules_dir}/"))
        return {PurePosixPath(folder).relative_to(self.modules_dir): self.by_folder[folder] for folder in inside}

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """Every version of every module: those that the runtime serves."""
        return tuple(map(self._version, self.connector.scan.versions))

    @cached_property
    def without_routes(self) -> tuple[Version, ...]:
        """The folders that look like versions, and are none because they have no route file."""
        return tuple(map(self._version, self.connector.scan.without_routes))

    @cached_property
    def sources(self) -> tuple[PythonFile, ...]:
        """Every Python file that is the connector's own: not the template's runtime, not tests."""
        names = [name for name in self.files if name.endswith(".py") and not name.startswith(_FOREIGN_CODE)]
        own = [name for name in names if not _is_test(name)]
        return tuple(source for source in map(self.source, own) if source)

    @cached_property
    def tracked(self) -> Tracked | None:
        """What git says about the files; None where there is no git."""
        return ask_git(self.root)

    def _version(self, folder: "VersionFolder") -> Version:
        return Version(self, folder, self.connector.relative(folder.path))


def _is_test(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "tests" in parts[:-1] or parts[-1].startswith(("test_", "conftest."))
