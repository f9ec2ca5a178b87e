"""What a connector's requirements.txt asks for, and which of it an environment does not have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain_text

FILE = "requirements.txt"

_INCLUDED = re.compile(r"(?:-r|--requirement)[ =]*(\S+)")
_COMMENT = re.compile(r"(^|\s)#.*")
# What pip allows after a requirement: --hash, --config-settings.
_OPTIONS = re.compile(r"\s--\w.*")


@dataclass(frozen=True)
class Environment:
    """What an interpreter says of itself.

    Args:
        version: The Python version, `3.11.4`.
        installed: The versions of the installed packages by their normalised names.
    """

    version: str
    installed: Mapping[str, str]


def missing(root: Path, environment: Environment) -> list[str]:
    """Return what a connector requires and the environment does not have: names, with the versions that will do."""
    asked = list(_required(root / FILE, set()))
    if not any(is_flask(wanted) for wanted in asked):
        asked.append(Requirement("flask"))
    lacking = (f"{wanted.name}{wanted.specifier}" for wanted in asked if not _is_met(wanted, environment))
    return list(dict.fromkeys(lacking))


def is_flask(requirement: Requirement) -> bool:
    """Say whether a requirement is that for Flask, without which no connector runs."""
    return canonicalize_name(requirement.name) == "flask"


def line_of(root: Path, name: str) -> int | None:
    """Return the line of requirements.txt that names a package."""
    wanted = canonicalize_name(name)
    for number, line in enumerate(_text(root / FILE).splitlines(), start=1):
        if any(canonicalize_name(requirement.name) == wanted for requirement in _parsed(line)):
            return number
    return None


def _required(file: Path, seen: set[Path]) -> Iterator[Requirement]:
    if file in seen:
        return

    seen.add(file)
    for line in _text(file).replace("\\\n", " ").splitlines():
        included = _INCLUDED.match(line.strip())
        if included:
            yield from _required(file.parent / included[1], seen)
        else:
            yield from _parsed(line)


def _text(file: Path) -> str:
    try:
        return read_plain_text(file, "replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise StacksyncError(f"{file}: cannot be read: {error.strerror}.") from error


def _parsed(line: str) -> Iterator[Requirement]:
    """Yield the requirement of a line; an option or a bare address has no name that could be looked for."""
    line = _OPTIONS.sub("", _COMMENT.sub("", line)).strip()
    try:
        yield Requirement(line)
    except InvalidRequirement:
        return


def _is_met(requirement: Requirement, environment: Environment) -> bool:
    version = environment.version
    python = {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])}
    if requirement.marker and not requirement.marker.evaluate({**python, "extra": ""}):
        return True

    found = environment.installed.get(canonicalize_name(requirement.name))
    return found is not None and requirement.specifier.contains(found, prereleases=True)
