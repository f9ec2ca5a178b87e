"""The files of a connector as `check` looks at them: each found by one walk, and read and parsed once."""

from collections import defaultdict
from functools import cached_property

from stacksync.connector import Connector
from stacksync.connector_files import own_files
from stacksync.inspection.places import TextFile, read_text
from stacksync.inspection.python_file import PythonFile


class FileCache:
    """A connector's files."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.root = connector.root
        self._texts: dict[str, TextFile | None] = {}
        self._sources: dict[str, PythonFile] = {}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file of the connector, from its root."""
        return tuple(sorted({name for name, _ in own_files(self.connector)}))

    @cached_property
    def by_folder(self) -> dict[str, tuple[str, ...]]:
        """The names of the files in each folder; the root's is empty."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self.files:
            folder, _, file = name.rpartition("/")
            found[folder].append(file)
        return {folder: tuple(files) for folder, files in found.items()}

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
