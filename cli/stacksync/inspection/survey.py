"""A connector as `check` looks at it: every file found by one walk, and read and parsed once."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from stacksync.connector import CONFIG_FILE, Connector
from stacksync.inspection.handlers import Handlers
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.places import TextFile, read_text
from stacksync.inspection.sources import Source
from stacksync.inspection.tracked import Tracked, ask_git
from stacksync.inspection.yaml_document import YamlDocument

if TYPE_CHECKING:
    from src.runtime.forms import Form, Note

SCHEMA, MODULE_CONFIG = "schema.json", "module_config.yaml"

_NOT_OURS = {"__pycache__", "node_modules", "site-packages", "venv"}
_FOREIGN_CODE = ("src/runtime/", "workflows_cdk/", "config/")


@dataclass(frozen=True, eq=False)
class Version:
    """A folder that holds, or is meant to hold, a version of a module: `src/modules/get_contacts/v1`."""

    survey: "Survey"
    name: str
    files: tuple[str, ...]

    @property
    def path(self) -> PurePosixPath:
        """The folder, from the connector's root."""
        return PurePosixPath(self.name)

    @property
    def is_found(self) -> bool:
        """Whether the runtime takes it for a version."""
        from stacksync.runtime import discovery

        return discovery.VERSION.fullmatch(self.path.name) is not None and self.path.parent.name[0] != "."

    @cached_property
    def schema(self) -> JsonDocument | None:
        """The form, as a file."""
        file = self.survey.text(f"{self.name}/{SCHEMA}")
        return JsonDocument(file) if file else None

    @cached_property
    def config(self) -> YamlDocument | None:
        """The module's metadata, as a file."""
        file = self.survey.text(f"{self.name}/{MODULE_CONFIG}")
        return YamlDocument(file) if file else None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The module's metadata."""
        section = self.config.get("module_settings") if self.config else None
        return section if isinstance(section, dict) else {}

    @cached_property
    def form(self) -> "Form | None":
        """The form, read by the runtime; None where it cannot be."""
        return read_form(self.schema.file.text) if self.schema and not self.schema.fault else None

    @cached_property
    def notes(self) -> "tuple[Note, ...]":
        """What the runtime has to say about the form."""
        return self.form.notes if self.form else ()

    @cached_property
    def routes(self) -> tuple[Source, ...]:
        """The route files: every Python file that stands in the folder itself."""
        names = [name for name in self.files if name.endswith(".py") and not name.startswith((".", "__init__."))]
        sources = (self.survey.source(f"{self.name}/{name}") for name in names)
        return tuple(source for source in sources if source)

    @cached_property
    def handlers(self) -> Handlers:
        """What the route files answer."""
        return Handlers(self.routes)


@lru_cache(maxsize=2048)
def read_form(text: str) -> "Form | None":
    """Read the text of a form, once: files are checked again and again, and versions of a module share much."""
    from stacksync.runtime import forms

    try:
        return forms.read_form(json.loads(text))
    except (forms.FormError, RecursionError):
        return None


class Survey:
    """A connector and its files."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.root = connector.root
        self._texts: dict[str, TextFile | None] = {}
        self._sources: dict[str, Source] = {}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file of the connector, from its root; not what tools made or installed."""
        return tuple(sorted(_walk(self.root)))

    def text(self, name: str) -> TextFile | None:
        """Return a file, read once; None where there is none."""
        if name not in self._texts:
            self._texts[name] = read_text(self.root / name, name)
        return self._texts[name]

    def source(self, name: str) -> Source | None:
        """Return a Python file, parsed once; None where there is none."""
        if name not in self._sources:
            file = self.text(name)
            if file is None:
                return None
            self._sources[name] = Source(file)
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
    def sources(self) -> tuple[Source, ...]:
        """Every Python file that is the connector's own: not the template's runtime, not tests."""
        names = [name for name in self.files if name.endswith(".py") and not name.startswith(_FOREIGN_CODE)]
        own = [name for name in names if not _is_test(name)]
        return tuple(source for source in map(self.source, own) if source)

    @cached_property
    def tracked(self) -> Tracked | None:
        """What git says about the files; None where there is no git."""
        return ask_git(self.root)


def is_module_file(name: str) -> bool:
    """Say whether a file's name is one that makes a folder a module's."""
    return name in (SCHEMA, MODULE_CONFIG) or (name.endswith(".py") and name != "__init__.py" and name[0] != ".")


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
