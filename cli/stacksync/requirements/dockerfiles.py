"""What a connector's Dockerfiles install with pip besides its requirements files."""

import re
import shlex
from collections.abc import Iterator

from stacksync.requirements.file import RequirementLine, parse_requirement

_FILES = (".txt", ".in")
_INSTALL = re.compile(r"\bpip3?\s+install\s+([^&|;\n]+)")


def is_dockerfile(name: str) -> bool:
    """Say whether a file is a Dockerfile by its name."""
    last = name.rpartition("/")[2]
    return last.startswith("Dockerfile") or last.endswith(".Dockerfile")


def installed_in(text: str) -> Iterator[RequirementLine]:
    """Yield what is named on the command lines of pip; what files are named there is read elsewhere."""
    for words in _command_lines(text):
        for word in words:
            found = parse_requirement(word) if word[:1] not in "-$" and not word.endswith(_FILES) else None
            if found:
                yield found


def requirements_in(text: str) -> Iterator[str]:
    """Yield the requirements files that are named on the command lines of pip."""
    for words in _command_lines(text):
        for option, following in zip(words, [*words[1:], ""], strict=True):
            line = parse_requirement(f"{option} {following}" if option in ("-r", "--requirement") else option)
            if line and line.included:
                yield line.included


def _command_lines(text: str) -> Iterator[list[str]]:
    for match in _INSTALL.finditer(re.sub(r"\\\r?\n", " ", text)):
        yield _words(match[1])


def _words(command: str) -> list[str]:
    try:
        return [word for word in shlex.split(command, comments=True) if word]
    except ValueError:
        return []
