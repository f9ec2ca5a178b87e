"""What a connector's Dockerfiles install with pip besides its requirements files."""

import re
import shlex
from collections.abc import Iterator

from stacksync.requirements.file import RequirementLine, parse_requirement

_INSTALL = re.compile(r"\bpip3?\s+install\s+([^&|;\n]+)")


def is_dockerfile(name: str) -> bool:
    """Say whether a file is a Dockerfile by its name."""
    last = name.rpartition("/")[2]
    return last.startswith("Dockerfile") or last.endswith(".Dockerfile")


def installed_in(text: str) -> Iterator[RequirementLine]:
    """Yield what is named on the command lines of pip; what files are named there is read elsewhere."""
    for match in _INSTALL.finditer(re.sub(r"\\\r?\n", " ", text)):
        for word in _words(match[1]):
            found = parse_requirement(word) if word[:1] not in "-$" else None
            if found:
                yield found


def _words(command: str) -> list[str]:
    try:
        return [word for word in shlex.split(command, comments=True) if word]
    except ValueError:
        return []
