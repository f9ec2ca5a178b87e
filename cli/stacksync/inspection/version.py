"""A version of a module: its files, and what they say."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from stacksync.inspection.built_forms import Asked, built_content, written_content
from stacksync.inspection.file_cache import FileCache
from stacksync.inspection.handlers import Handlers
from stacksync.inspection.json_document import JsonDocument
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.yaml_document import YamlDocument
from stacksync.runtime import MODULE_CONFIG_FILE, SCHEMA_FILE, JsonError, VersionFolder, decode
from stacksync.runtime.kit import CONFIG_FILE, config_call, literals

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field, Form, Note, Rule


@dataclass(frozen=True, eq=False)
class Version:
    """A version of a module, `src/modules/get_contacts/v1`, or a folder that looks like one.

    Args:
        cache: The connector's files.
        folder: The folder, as the runtime finds it.
        name: The folder's name from the connector's root.
    """

    cache: FileCache
    folder: VersionFolder
    name: str

    @property
    def path(self) -> PurePosixPath:
        """The folder, from the connector's root."""
        return PurePosixPath(self.name)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files in the folder itself."""
        return self.cache.by_folder.get(self.name, ())

    @cached_property
    def schema(self) -> JsonDocument | None:
        """The form, as a file."""
        file = self.cache.text(f"{self.name}/{SCHEMA_FILE}")
        return JsonDocument(file) if file else None

    @cached_property
    def config(self) -> YamlDocument | None:
        """The module's metadata, as a file; None where it is code."""
        file = self.cache.text(f"{self.name}/{MODULE_CONFIG_FILE}")
        return YamlDocument(file) if file else None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The module's metadata, as far as its text tells."""
        if self.folder.by_name:
            return dict(self.folder.settings)

        section = self.config.get("module_settings") if self.config else None
        return section if isinstance(section, dict) else {}

    @cached_property
    def module_config(self) -> ast.Call | None:
        """The call of ModuleConfig in a config.py, in projects of the platform's present kit."""
        source = self.cache.source(f"{self.name}/{CONFIG_FILE}") if self.folder.by_name else None
        return config_call(source.syntax.tree) if source else None

    @property
    def tells_settings(self) -> bool:
        """Whether all of the metadata is written out, and nothing computed."""
        return self.module_config is None or len(literals(self.module_config)) == len(self.module_config.keywords)

    @cached_property
    def form(self) -> "Form | None":
        """The form, read by the runtime; None where it cannot be."""
        return read_form(self.schema.file.text) if self.schema and not self.schema.fault else None

    @cached_property
    def notes(self) -> "tuple[Note, ...]":
        """What the runtime has to say about the form."""
        from stacksync.runtime import forms

        return forms.remarks(self.form) if self.form else ()

    @property
    def fields_and_changes(self) -> "Iterator[Field]":
        """Every field of the form, at any depth, and what its rules make of fields."""
        yield from self.form.walk() if self.form else ()
        for rule in all_rules(self.form) if self.form else ():
            for change in rule.changes:
                yield from change.field.walk()

    @cached_property
    def routes(self) -> tuple[PythonFile, ...]:
        """The route files: every Python file that stands in the folder itself."""
        sources = (self.cache.source(f"{self.name}/{file.name}") for file in self.folder.route_files)
        return tuple(source for source in sources if source)

    @cached_property
    def built_content(self) -> tuple[Asked, ...]:
        """The content objects that its code asks for, in a form that a schema handler makes."""
        written = written_content if self.folder.by_name else built_content
        return tuple(asked for source in self.routes for asked in written(source))

    @cached_property
    def handlers(self) -> Handlers:
        """What the route files answer."""
        return Handlers(self.routes, by_name=self.folder.by_name)


def all_rules(form: "Form") -> "Iterator[Rule]":
    """Yield the rules of a form and of its fields, in the order they apply."""
    yield from form.rules
    for field in form.walk():
        yield from field.rules


@lru_cache(maxsize=2048)
def read_form(text: str) -> "Form | None":
    """Read the text of a form, once: files are checked again and again, and versions of a module share much."""
    from stacksync.runtime import forms

    try:
        return forms.read_form(decode(text))
    except (forms.FormError, JsonError):
        return None
