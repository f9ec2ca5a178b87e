"""Rules about the files of projects of the platform's present kit, stacksync-cdk."""

import ast
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import ClassVar

from stacksync.inspection.findings import Finding, Severity
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.syntax import text_of
from stacksync.inspection.version import Version
from stacksync.rules.rule import CheckRule, VersionRule
from stacksync.runtime.kit import CONFIG, CONFIG_FILE, MODULE_CONFIG, handler_in, literals

# What ModuleConfig takes, with the kind of each value (stacksync-cdk 1.0.1, lib/stacksync_cdk/module_config.py).
_TEXTS = ("module_name", "module_description", "module_category", "module_icon_svg_url")
_FLAGS = (
    *("supports_action", "supports_trigger", "requires_credentials_for_schema"),
    *("on_content_update", "on_content_initialized", "on_create", "on_update", "on_delete"),
)


class NoFunction(VersionRule):
    """A handler file has the function that is called as it is."""

    code = "MOD016"
    title = "A handler file does not define the function of its name"
    why = "schema.py, content.py and execute.py answer by a function of the same name; without it, the URL answers 404."

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the files that answer nothing."""
        for source in version.routes if version.folder.by_name else ():
            kind = PurePosixPath(source.file.name).stem
            if source.fault or handler_in(source.syntax.tree, kind) or _imports_all(source):
                continue
            functions = [node for node in source.syntax.tree.body if isinstance(node, ast.FunctionDef)]
            near = get_close_matches(kind, [node.name for node in functions], 1)
            named = next((node for node in functions if near and node.name == near[0]), None)
            place = source.at(named) if named else source.file.place()
            tip = f"call {near[0]} {kind}" if near else f"write def {kind}(request)"
            yield self.found(place, f"there is no function {kind}", tip)


class UnusedConfig(VersionRule):
    """What config.py says reaches the platform."""

    code = "MOD017"
    title = "config.py does not say what the platform reads"
    why = "Only CONFIG = ModuleConfig(...) counts. Where it is missing or fails, the defaults are used for all of it."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield why nothing, or not all, of a config.py counts."""
        source = version.cache.source(f"{version.name}/{CONFIG_FILE}") if version.folder.by_name else None
        if source is None or source.fault:
            return
        if version.module_config is None:
            yield from self._without_call(source)
            return

        for word in version.module_config.keywords:
            yield from self._keyword(source, word)

    def _without_call(self, source: PythonFile) -> Iterator[Finding]:
        node = handler_in(source.syntax.tree, CONFIG)  # the same question: what a name was given last
        if node is None and not _imports_all(source):
            yield self.found(source.file.place(), f"there is no {CONFIG}", f"write {CONFIG} = {MODULE_CONFIG}(…)")
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Dict, ast.Constant, ast.List)):
            message = f"{CONFIG} is no {MODULE_CONFIG}"
            yield self.found(source.at(node), message, f"write {CONFIG} = {MODULE_CONFIG}(…)")

    def _keyword(self, source: PythonFile, word: ast.keyword) -> Iterator[Finding]:
        if word.arg is None:
            return
        if word.arg not in (*_TEXTS, *_FLAGS):
            near = get_close_matches(word.arg, (*_TEXTS, *_FLAGS), 1)
            tip = f"write {near[0]}" if near else "remove it"
            yield self.found(source.at(word), f"{MODULE_CONFIG} has no {word.arg}, and fails", tip, severity="error")
        elif isinstance(word.value, ast.Constant) and not _fits(word.arg, word.value.value):
            kind = "True or False" if word.arg in _FLAGS else "a text"
            yield self.found(source.at(word.value), f"{word.arg} must be {kind}", "the default is used instead")


class FixedForm(VersionRule):
    """Forms that change are asked for again when a workflow runs."""

    code = "MOD018"
    title = "A form follows what is filled in, and the platform is not to ask for it again"
    why = "When a workflow runs, the templates in fields that schema() added are never replaced."
    severity: ClassVar[Severity] = "warning"

    def check_version(self, version: Version) -> Iterator[Finding]:
        """Yield the keyword that keeps the platform from asking."""
        source = version.cache.source(f"{version.name}/{CONFIG_FILE}") if version.module_config else None
        value = literals(version.module_config).get("on_content_update") if version.module_config else None
        if source is None or value is None or value.value is not False or not _reads_form(version):
            return

        message = "on_content_update is False, and schema() reads the form"
        yield self.found(source.at(value), message, "leave it out: True is the default")


def _reads_form(version: Version) -> bool:
    nodes = (node for handler in version.handlers.of("/schema") for node in ast.walk(handler.function))
    return any(
        (isinstance(node, ast.Attribute) and node.attr in ("form_data", "data", "json")) or text_of(node) == "form_data"
        for node in nodes
        if isinstance(node, ast.expr)
    )


def _imports_all(source: PythonFile) -> bool:
    return any(alias.name == "*" for node in source.syntax.all(ast.ImportFrom) for alias in node.names)


def _fits(name: str, value: object) -> bool:
    return isinstance(value, bool) if name in _FLAGS else value is None or isinstance(value, str)


RULES: tuple[type[CheckRule], ...] = (NoFunction, UnusedConfig, FixedForm)
