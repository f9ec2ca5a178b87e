"""Rules about what Python files import."""

import ast
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import descend, dotted
from stacksync.requirements.dockerfiles import installed_in, is_dockerfile
from stacksync.requirements.environments import Distributions
from stacksync.requirements.file import FILE, installed_lines
from stacksync.requirements.imports import distribution_of, provides
from stacksync.rules.rule import CheckRule


class MissingRequirement(CheckRule):
    """Whatever is imported is installed."""

    code = "PY008"
    title = "An import is not in requirements.txt"
    why = "It works where it happens to be installed; in the image the module fails to load and answers 503."

    def check(self, survey: Survey) -> Iterator[Finding]:
        """Yield imports that nothing installs, each once a file."""
        if survey.text(FILE) is None:
            return

        known = _Known(survey)
        for source in survey.sources:
            for name, node in _imports(source).items():
                if not known.has(name) and name not in _siblings(survey, source):
                    yield self.found(source.at(node), f'nothing in {FILE} installs "{name}"', _tip(name))


def _tip(module: str) -> str:
    distribution = distribution_of(module)
    return f"add {distribution} to {FILE}" if distribution else f"add the package that it belongs to to {FILE}"


class _Known:
    """The imports that a connector can do: of Python, of its own files, and of what is installed for it."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        tops = {PurePosixPath(name).parts[0] for name in survey.files if name.endswith(".py")}
        self._modules = {*sys.stdlib_module_names, *(PurePosixPath(top).stem for top in tops)}

    def has(self, module: str) -> bool:
        if module not in self._modules and (provides(self._installed, module) or module in self._in_environment):
            self._modules.add(module)
        return module in self._modules

    @cached_property
    def _installed(self) -> frozenset[str]:
        def read(name: str) -> str | None:
            file = self._survey.text(name)
            return file.text if file else None

        images = filter(None, (self._survey.text(name) for name in self._survey.files if is_dockerfile(name)))
        lines = [*installed_lines(FILE, read), *(line for image in images for line in installed_in(image.text))]
        return frozenset(line.name for line in lines)

    @cached_property
    def _in_environment(self) -> frozenset[str]:
        return Distributions(self._survey.connector).modules_of(self._installed)


def _siblings(survey: Survey, source: PythonFile) -> set[str]:
    """Return the names that stand beside a file: Stacksync's SDK lets a route file import those."""
    folder = source.file.name.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    inner = {name[len(prefix) :].partition("/")[0] for name in survey.by_folder if name.startswith(prefix)}
    return inner | {name.removesuffix(".py") for name in survey.by_folder[folder]}


def _imports(source: PythonFile) -> dict[str, ast.AST]:
    """Return the packages that a file cannot do without, each with the place of its first import."""
    spared = {id(inner) for node in _optional(source) for inner in descend(node)}
    found: dict[str, ast.AST] = {}
    for node in source.syntax.all(ast.Import):
        for alias in node.names:
            if id(node) not in spared:
                found.setdefault(alias.name.partition(".")[0], alias)
    for each in source.syntax.all(ast.ImportFrom):
        if not each.level and each.module and id(each) not in spared:
            found.setdefault(each.module.partition(".")[0], each)
    return found


def _optional(source: PythonFile) -> Iterator[ast.stmt]:
    """Yield what runs for type checkers only, or expects that an import may fail."""
    for node in source.syntax.all(ast.If):
        if dotted(node.test).endswith("TYPE_CHECKING"):
            yield from node.body
    for each in source.syntax.all(ast.Try):
        caught = {dotted(name) for handler in each.handlers for name in _caught(handler)}
        if caught & {"ImportError", "ModuleNotFoundError", "Exception", ""}:
            yield from each.body


def _caught(handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return [ast.Name("")]

    return handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]


RULES: tuple[type[CheckRule], ...] = (MissingRequirement,)
