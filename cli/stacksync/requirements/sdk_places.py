"""Where a connector installs packages beside its requirements files: in images, scripts and settings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stacksync.git.addresses import without_secrets
from stacksync.inspection.survey import Survey
from stacksync.requirements.adopted_files import RequirementsFiles
from stacksync.requirements.dockerfiles import installed_in, is_dockerfile, requirements_in
from stacksync.requirements.file import RequirementLine
from stacksync.requirements.sdk import is_sdk, names_sdk

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
