"""Which of a connector's requirements an environment does not have."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain_text
from stacksync.requirements.file import FILE, installed_lines, requirement_lines


@dataclass(frozen=True)
class Environment:
    """What an interpreter says of itself.

    Args:
        version: The Python version, `3.11.4`.
        installed: The versions of the installed packages by their normalised names.
    """

    version: str
    installed: Mapping[str, str]


def missing(root: Path, environment: Environment, file: str = FILE) -> list[str]:
    """Return what a connector requires and the environment does not have: names, with the versions that will do.

    Addresses and folders without a name are left out: it cannot be told which package they are.

    Args:
        file: The requirements file; what it includes counts too.
    """
    lines = installed_lines(file, lambda name: _text(root / name))
    asked = [line.requirement for line in lines if line.requirement]
    if not any(is_flask(wanted) for wanted in asked):
        asked.append(Requirement("flask"))
    lacking = (f"{wanted.name}{wanted.specifier}" for wanted in asked if not _is_met(wanted, environment))
    return list(dict.fromkeys(lacking))


def is_flask(requirement: Requirement) -> bool:
    """Say whether a requirement is that for Flask, without which no connector runs."""
    return canonicalize_name(requirement.name) == "flask"


def place_of(root: Path, name: str, file: str = FILE) -> str:
    """Return FILE:LINE of what names a package: in a requirements file, or else in FILE, which it may include."""
    for each in dict.fromkeys((file, FILE)):
        text = _text(root / each) or ""
        found = (line.start for line in requirement_lines(text) if line.name == canonicalize_name(name))
        start = next(found, None)
        if start is not None:
            return f"{each}:{text.count(chr(10), 0, start) + 1}"
    return file


def _text(file: Path) -> str | None:
    try:
        return read_plain_text(file, "replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StacksyncError(f"{file}: cannot be read: {error.strerror}.") from error


def _is_met(requirement: Requirement, environment: Environment) -> bool:
    version = environment.version
    python = {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])}
    if requirement.marker and not requirement.marker.evaluate({**python, "extra": ""}):
        return True

    found = environment.installed.get(canonicalize_name(requirement.name))
    return found is not None and requirement.specifier.contains(found, prereleases=True)
