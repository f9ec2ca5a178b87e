"""What there is to say of a connector's own files: secrets, variables, and what names the files that were moved."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from stacksync.adopt.published import own_lines
from stacksync.inspection.findings import Finding
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.secret_values import is_secret_name, looks_secret
from stacksync.inspection.syntax import dotted, text_of
from stacksync.masking import MASK

# A tracked .env, and a secret that is written in code.
_SECRETS = {"REP001", "PY011"}
_READS = {"os.getenv", "os.environ.get", "environ.get", "getenv", "os.environ.pop"}
_TABLES = {"os.environ", "environ"}
# What the runtime reads as well, or the platform sets.
_KNOWN = {"ENVIRONMENT", "REGION", "PORT", "API_KEY", "SENTRY_DSN", "PATH", "HOME", "PYTHONPATH"}
# NAME=value and NAME: value; `ENV NAME value` of a Dockerfile, and `--name value` of a command.
_NAMED_VALUE = re.compile(
    r"""(?ix) (?: \b([\w-]+)(\s*[=:]\s*) | (?<=\benv\s)([\w-]+)(\s+) | (?<!\S)(--?[\w-]+)(\s+) )
    ("[^"]*"|'[^']*'|\S+)"""
)
_USER_AND_PASSWORD = re.compile(r"(://)[^/\s@]+@")


@dataclass(frozen=True)
class Variable:
    """A variable of the environment that the code reads, and where first."""

    name: str
    place: str


@dataclass(frozen=True)
class OwnLine:
    """A line of a moved file that is the user's, as it may be shown: without the value of a secret."""

    number: int
    text: str


def is_about_secrets(finding: Finding) -> bool:
    """Tell whether a finding is of what should be in no repository."""
    return finding.code in _SECRETS


def variables_of(sources: Iterable[PythonFile]) -> list[Variable]:
    """Return the variables of the environment that code reads."""
    found: dict[str, Variable] = {}
    for source in sources:
        for name, node in _variables(source):
            if name not in _KNOWN:
                found.setdefault(name, Variable(name, f"{source.file.name}:{source.at(node).line}"))
    return sorted(found.values(), key=lambda each: each.name)


def lines_of_user(content: bytes) -> list[OwnLine]:
    """Return the lines of a moved file that the vendor's template never had, as they may be shown."""
    return [OwnLine(number, without_secret(line.strip())) for number, line in own_lines(content)]


def without_secret(line: str) -> str:
    """Return a line with a mask in the place of each value that is a secret, or under a name that secrets have."""
    shown = _NAMED_VALUE.sub(_masked, line)
    shown = _USER_AND_PASSWORD.sub(rf"\1{MASK}@", shown)
    return " ".join(MASK if looks_secret(word) else word for word in shown.split(" "))


def mentions(texts: Mapping[str, str], moved: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield where a file names one that was moved, as FILE:LINE, and that one."""
    names = [name for name in moved if "/" in name or "." in name]
    patterns = {name: re.compile(rf"(?<![\w./-])(?:\./)?{re.escape(name)}(?![\w/-])") for name in names}
    for file, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            yield from ((f"{file}:{number}", name) for name, pattern in patterns.items() if pattern.search(line))


def _masked(match: "re.Match[str]") -> str:
    name, between, value = filter(None, match.groups())
    plain = value.strip("\"'")
    hidden = (is_secret_name(name.lstrip("-")) and not plain.startswith("$")) or looks_secret(plain)
    return f"{name}{between}{MASK}" if hidden else match[0]


def _variables(source: PythonFile) -> Iterator[tuple[str, ast.expr]]:
    for call in source.syntax.all(ast.Call):
        name = text_of(call.args[0]) if call.args and dotted(call.func) in _READS else None
        if name:
            yield name, call
    for each in source.syntax.all(ast.Subscript):
        name = text_of(each.slice) if dotted(each.value) in _TABLES and isinstance(each.ctx, ast.Load) else None
        if name:
            yield name, each
