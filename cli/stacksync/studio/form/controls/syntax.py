"""Whether what stands in a code field can be read, for the languages that Python can read."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from stacksync.runtime import JsonError, decode

LONGEST = 200_000  # characters; more would be felt while typing


@dataclass(frozen=True)
class Syntax:
    """The state of a code field.

    Args:
        state: `ok`, `wrong`, `empty` or `unchecked`.
        message: the same in words.
        line: where it is wrong, from 1; 0 where nobody can say.
        column: likewise, in characters.
    """

    state: str
    message: str
    line: int = 0
    column: int = 0


class SyntaxFaultError(ValueError):
    """What is wrong with a text, and where."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{reason} (line {line}, column {column})" if line else reason)
        self.line, self.column = line, column


def syntax(language: str, text: str) -> Syntax:
    """Check a text against the grammar of its language."""
    if not text.strip():
        return Syntax("empty", f"{language}: empty")
    if language not in CHECKS:
        return Syntax("unchecked", f"{language}: not checked")
    if len(text) > LONGEST:
        return Syntax("unchecked", f"{language}: too long to be checked")
    try:
        CHECKS[language](text)
    except SyntaxFaultError as fault:
        return Syntax("wrong", f"{language}: {fault}", fault.line, fault.column)
    except (ValueError, SyntaxError) as error:
        return Syntax("wrong", f"{language}: {error}")
    except (RecursionError, MemoryError):
        return Syntax("unchecked", f"{language}: nested too deeply to be checked")

    return Syntax("ok", f"{language}: can be read")


def _json(text: str) -> None:
    try:
        decode(text)
    except JsonError as error:
        place = (error.lineno, error.column) if error.kind == "syntax" else ()
        raise SyntaxFaultError(error.reason, *place) from None


def _python(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the code's own doings, such as "\d" in a text
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise SyntaxFaultError(error.msg, error.lineno or 0, error.offset or 0) from None


def _yaml(text: str) -> None:
    import yaml

    try:
        for _event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else ()
        raise SyntaxFaultError(str(error.problem), *place) from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _xml(text: str) -> None:
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        said = expat.errors.messages[error.code]
        raise SyntaxFaultError(said, error.lineno, error.offset + 1) from None


def _refuse_entities(*_declaration: object) -> None:
    """Entities that hold one another can grow a few lines into gigabytes."""
    raise ValueError("declares entities, which are not read here")


CHECKS: dict[str, Callable[[str], object]] = {"json": _json, "python": _python, "yaml": _yaml, "xml": _xml}
