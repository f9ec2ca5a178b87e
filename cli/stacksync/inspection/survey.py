"""A connector as `check` looks at it: every file found by one walk, and read and parsed once."""

import os
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from stacksync.connector import CONFIG_FILE, Connector
from stacksync.inspection.places import TextFile, read_text
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.tracked import Tracked, ask_git
from stacksync.inspection.version import Version, is_module_file
from stacksync.inspection.yaml_document import YamlDocument

if TYPE_CHECKING:
    pass


_NOT_OURS = {"__pycache__", "node_modules", "site-packages", "venv"}
_FOREIGN_CODE = ("src/runtime/", "workflows_cdk/", "config/")


class Survey:
    """A connector and its files."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.root = connector.root
        self._texts: dict[str, TextFile | None] = {}
        self._sources: dict[str, PythonFile] = {}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file of the connector, from its root; not what tools made or installed."""
        found = list(_walk(self.root))
        for link in self.connector.linked_folders():
            place = self.connector.relative(link)
            found += [f"{place}/{name}" for name in _walk(link)]
        return tuple(sorted(found))

    def text(self, name: str) -> TextFile | None:
        """Return a file, read once; None where there is none."""
        if name not in self._texts:
            self._texts[name] = read_text(self.root / name, name)
        return self._texts[name]

    def source(self, name: str) -> PythonFile | None:
        """Return a Python file, parsed once; None where there is none."""
        if name not in self._sources:
            file = self.text(name)
            if file is None:
                return None
            self._sources[name] = PythonFile(file)
        return self._sources[name]

    @cached_property
    def config(self) -> YamlDocument | None:
        """The file app_config.yaml."""
        file = self.text(CONFIG_FILE)
        return YamlDocument(file) if file else None

    @cached_property
    def modules_dir(self) -> str:
        """The folder of the modules from the root; empty where it is not inside the connector."""
        folder = self.connector.modules_dir
        inside = folder.is_relative_to(self.root) and folder != self.root
        return folder.relative_to(self.root).as_posix() if inside else ""

    @cached_property
    def by_folder(self) -> dict[str, tuple[str, ...]]:
        """The names of the files in each folder; the root's is empty."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self.files:
            folder, _, file = name.rpartition("/")
            found[folder].append(file)
        return {folder: tuple(files) for folder, files in found.items()}

    @cached_property
    def in_modules(self) -> dict[PurePosixPath, tuple[str, ...]]:
        """The names of the files in each folder below that of the modules, by the folder's path from there."""
        if not self.modules_dir:
            return {}

        inside = (folder for folder in self.by_folder if f"{folder}/".startswith(f"{self.modules_dir}/"))
        return {PurePosixPath(folder).relative_to(self.modules_dir): self.by_folder[folder] for folder in inside}

    @cached_property
    def folders(self) -> tuple[Version, ...]:
        """Every folder that stands where versions stand and holds a file of a module, found by the runtime or not."""
        return tuple(
            Version(self, f"{self.modules_dir}/{folder}", files)
            for folder, files in self.in_modules.items()
            if len(folder.parts) == 2 and any(is_module_file(name) for name in files)
        )

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The versions that the runtime finds."""
        return tuple(folder for folder in self.folders if folder.is_found)

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


def _is_test(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "tests" in parts[:-1] or parts[-1].startswith(("test_", "conftest."))


def _walk(root: Path) -> Iterator[str]:
    above = len(os.path.join(root, ""))  # noqa: PTH118 - thousands of paths, and pathlib would make an object of each
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "." and name not in _NOT_OURS]
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        inside = folder[above:].replace(os.sep, "/")
        yield from (f"{inside}/{name}" for name in names) if inside else names
