"""What a connector has of packages beside its requirements files: in images, scripts, settings and imports."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from stacksync.git.addresses import without_secrets
from stacksync.inspection.survey import Survey
from stacksync.inspection.syntax import Syntax
from stacksync.requirements.adopted_files import RequirementsFiles
from stacksync.requirements.dockerfiles import installed_in, is_dockerfile, requirements_in
from stacksync.requirements.file import RequirementLine, parse_requirement
from stacksync.requirements.sdk import BROUGHT, is_sdk, names_sdk

# Code that came with the template.
_FOREIGN_CODE = ("src/runtime/", "workflows_cdk/", "stacksync_cdk/")
_PROJECT = "pyproject.toml"
# Scripts and settings that may install a package, by their names.
_MAY_INSTALL = re.compile(
    r"""(?:^|/)(?:Makefile|Procfile|justfile|Pipfile(?:\.lock)?|Vagrantfile|setup\.py|noxfile\.py|devcontainer\.json
    |[^/]+\.(?:sh|bash|zsh|bat|cmd|ps1|ya?ml|toml|cfg|ini|lock|mk|tf))$""",
    re.VERBOSE | re.IGNORECASE,
)
# Where services keep theirs; other hidden folders belong to tools.
_HIDDEN_FOLDERS = (".github", ".circleci", ".devcontainer", ".gitlab")
# What images install other packages with.
_IMAGE_TOOLS = frozenset({"build", "pip", "pip-tools", "pipenv", "poetry", "setuptools", "uv", "wheel"})


@dataclass(frozen=True)
class Line:
    """A line of one of the connector's files.

    Args:
        place: FILE:LINE.
        text: What stands there, without the credentials of addresses.
    """

    place: str
    text: str


def lines_that_name_sdk(survey: Survey, files: RequirementsFiles) -> Iterator[Line]:
    """Yield the lines that may install the SDK: of scripts, images and settings, and of requirements files."""
    read = {file.name for file in files.all}
    for name in (*survey.files, *_hidden_files(survey)):
        file = survey.text(name) if _may_install(name) and name not in read else None
        if file:
            yield from _lines(name, file.text)
    for each in files.all:
        yield from _lines(each.name, each.before)


def imported_of_sdk(survey: Survey) -> dict[str, str]:
    """Return which of the packages that an SDK brings the connector imports, with the first place of each.

    Imports that may fail count too: with the SDK they did not.
    """
    found: dict[str, str] = {}
    names = [name for name in survey.files if name.endswith(".py") and not name.startswith(_FOREIGN_CODE)]
    for source in filter(None, map(survey.source, names)):
        for module, node in _imports(source.syntax):
            if module in BROUGHT:
                found.setdefault(module, f"{source.file.name}:{source.at(node).line}")
    return found


def requirements_of_images(survey: Survey) -> Iterator[tuple[str, str]]:
    """Yield the requirements files that images install, each after FILE:LINE."""
    for name, text in _images(survey):
        yield from ((_place(name, text, file), file) for file in requirements_in(text))


def installed_by_images(survey: Survey) -> Iterator[tuple[str, RequirementLine]]:
    """Yield the packages that images install by name or from a repository, each after FILE:LINE; the SDK left out."""
    for name, text in _images(survey):
        for line in installed_in(text):
            wanted = line.requirement.name if line.requirement else line.location
            is_package = bool(line.requirement) or line.location.startswith("git+")
            if is_package and line.name not in _IMAGE_TOOLS and not is_sdk(line):
                yield _place(name, text, wanted), line


def asked_by_project(survey: Survey) -> Iterator[tuple[str, RequirementLine]]:
    """Yield the `dependencies` of pyproject.toml, each after FILE:LINE; the SDK left out."""
    file = survey.text(_PROJECT)
    text = file.text if file else ""
    for wanted in _dependencies(text):
        line = parse_requirement(wanted)
        if line and line.requirement and not is_sdk(line):
            yield _place(_PROJECT, text, wanted), line


def _dependencies(text: str) -> list[str]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        project = tomllib.loads(text).get("project")
    except tomllib.TOMLDecodeError:
        return []
    found = project.get("dependencies") if isinstance(project, dict) else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _images(survey: Survey) -> Iterator[tuple[str, str]]:
    """Yield the Dockerfiles; those for development install tools of developers."""
    for name in survey.files:
        file = survey.text(name) if is_dockerfile(name) and "dev" not in name.rpartition("/")[2] else None
        if file:
            yield name, file.text


def _may_install(name: str) -> bool:
    return is_dockerfile(name) or bool(_MAY_INSTALL.search(name))


def _hidden_files(survey: Survey) -> Iterator[str]:
    for folder in _HIDDEN_FOLDERS:
        path = survey.root / folder
        if not path.is_symlink():
            yield from (survey.connector.relative(file) for file in sorted(path.rglob("*")) if file.is_file())


def _lines(name: str, text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        if names_sdk(line):
            yield Line(f"{name}:{number}", without_secrets(line.strip()))


def _place(name: str, text: str, word: str) -> str:
    """Return FILE:LINE of the first instruction that holds a word."""
    lines = (number for number, line in enumerate(text.splitlines(), start=1) if word in line and line[:1] != "#")
    return f"{name}:{next(lines, 1)}"


def _imports(syntax: Syntax) -> list[tuple[str, ast.stmt]]:
    """Return the packages that a file imports, in its order."""
    plain = ((alias.name, node) for node in syntax.all(ast.Import) for alias in node.names)
    others = ((node.module or "", node) for node in syntax.all(ast.ImportFrom) if not node.level)
    found: list[tuple[str, ast.stmt]] = [*plain, *others]
    return [(name.partition(".")[0], node) for name, node in sorted(found, key=lambda each: each[1].lineno)]
