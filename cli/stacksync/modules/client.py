"""What a module for an operation imports of its connector's src/api_client.py: whether it is there, else its lines."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from stacksync.answers import Given
from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.plain_files import read_plain_text
from stacksync.source import TemplateSource

FILE = "src/api_client.py"
NEEDED = ("api_client", "list_fields", "list_objects", "list_records", "path_of")
# The statement by each name that it binds.
Defined = Mapping[str, ast.stmt]


def require_client(connector: Connector, source: TemplateSource) -> None:
    """Refuse a connector whose API client lacks what modules for operations import.

    Args:
        connector: The connector.
        source: The template, whose client has it.

    Raises:
        StacksyncError: It does; the message holds the lines to add.
    """
    if not connector.has_runtime:
        reason = "This connector is in the style of workflows-cdk, where no module is made for an operation."
        raise StacksyncError(reason, "leave out --operation")

    own = _Client(_text_of(connector.root / FILE))
    lacking = [name for name in NEEDED if name not in own.names]
    if lacking:
        lines = own.lines_lacking(_Client(_of_template(connector, source)))
        fault = f"{FILE} has no {', '.join(lacking)}, which modules for operations import. Add these lines to it:"
        raise StacksyncError(f"{fault}\n\n{lines}\n", "add them, adapt them to the API, and run this command again")


class _Client:
    """A Python file at its top level: what it imports and defines by which statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.imported: dict[str, ast.stmt] = {}
        self.defined: dict[str, ast.stmt] = {}
        for statement in _parsed(text).body:
            place = self.imported if isinstance(statement, (ast.Import, ast.ImportFrom)) else self.defined
            place.update(dict.fromkeys(_names_of(statement), statement))

    @property
    def names(self) -> set[str]:
        """What can be imported from it."""
        return {*self.imported, *self.defined}

    def lines_lacking(self, other: "_Client") -> str:
        """Return the lines of another file that give this one all that is needed: imports, then what they are for."""
        lacking = [name for name in _needed(other.defined, NEEDED) if name not in self.names]
        statements = [statement for name, statement in other.defined.items() if name in lacking]
        used = {name for statement in statements for name in _used_in(statement)} - self.names
        imports = [_import_of(name, other.imported[name]) for name in other.imported if name in used]
        return "\n".join([*imports, *(f"\n\n{other.source_of(statement)}" for statement in statements)])

    def source_of(self, statement: ast.stmt) -> str:
        """Return the lines of a statement."""
        return str(ast.get_source_segment(self.text, statement))


def _text_of(file: Path) -> str:
    try:
        return read_plain_text(file)
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StacksyncError(f"{FILE} cannot be read: {getattr(error, 'strerror', error)}.") from error


def _of_template(connector: Connector, source: TemplateSource) -> str:
    """Return the client that the template would give this connector."""
    from stacksync.template import render  # Copier takes half a second to import

    known = connector.answers
    given = {name: Given(str(known[name]), known[name], "NAME") for name in ("app_type", "auth") if name in known}
    with TemporaryDirectory(prefix="stacksync-") as folder:
        render(source, Path(folder) / "connector", given)
        return (Path(folder) / "connector" / FILE).read_text("utf-8")


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)  # unknown for a null byte, which is a ValueError before Python 3.11.4
        raise StacksyncError(f"{FILE}:{line or 1}: does not parse: {getattr(error, 'msg', error)}.") from error


def _names_of(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name for alias in statement.names)
    elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _needed(defined: Defined, names: tuple[str, ...]) -> set[str]:
    """Return these names, and those of the same file that they are made with."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in defined and name not in found:
            found.add(name)
            waiting += _used_in(defined[name])
    return found


def _used_in(statement: ast.stmt) -> list[str]:
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]


def _import_of(name: str, statement: ast.stmt) -> str:
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    return f"from {statement.module} import {name}" if isinstance(statement, ast.ImportFrom) else f"import {name}"
