"""A Python file of a connector, read as a syntax tree; nothing of it is imported."""

import ast
import sys
from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

from stacksync.inspection.document import Fault
from stacksync.inspection.places import Place, TextFile

Node = TypeVar("Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef

_LEAVES = (ast.Constant, ast.Name, ast.alias, ast.Global, ast.Nonlocal)
_PLAIN = {"attr", "conversion", "ctx", "id", "is_async", "level", "name", "op", "ops", "simple", "type_comment"}

# The fields of each kind of node that hold other nodes, but for operators, which say nothing here.
_HOLDING: dict[type[ast.AST], tuple[str, ...]] = {
    kind: () if issubclass(kind, _LEAVES) else tuple(name for name in kind._fields if name not in _PLAIN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


class Source:
    """A Python file.

    Args:
        file: Its text.
        tree: What it says; empty when there is a fault.
        fault: Why it cannot be parsed.
    """

    def __init__(self, file: TextFile) -> None:
        self.file = file
        self.tree = ast.Module([], [])
        self.fault: Fault | None = None
        try:
            self.tree = ast.parse(file.text)
        except SyntaxError as error:
            self.fault = Fault(f"does not parse: {error.msg}", self._offset(error.lineno or 1, (error.offset or 1) - 1))
        except (ValueError, RecursionError, MemoryError) as error:
            self.fault = Fault(f"does not parse: {error or type(error).__name__}", file.place())

    @cached_property
    def _by_type(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in descend(self.tree):
            found.setdefault(type(node), []).append(node)
        return found

    def all(self, kind: type[Node]) -> list[Node]:
        """Return every node of one type, in the order of the text."""
        return self._by_type.get(kind, [])  # type: ignore[return-value] # they are stored under their own type

    @property
    def functions(self) -> Iterator[Function]:
        """Every function, at any depth."""
        yield from self.all(ast.FunctionDef)
        yield from self.all(ast.AsyncFunctionDef)

    @cached_property
    def docstrings(self) -> set[int]:
        """The ids of the constants that are docstrings, or otherwise stand for nothing."""
        return {id(node.value) for node in self.all(ast.Expr) if isinstance(node.value, ast.Constant)}

    @cached_property
    def texts(self) -> list[ast.Constant]:
        """Every text in it that is not a docstring."""
        found = self.all(ast.Constant)
        return [node for node in found if isinstance(node.value, str) and id(node) not in self.docstrings]

    def at(self, node: ast.AST) -> Place:
        """Return the place of a node; of a function, its name."""
        if isinstance(node, Function):
            line = self.file.line(node.lineno)
            column = max(line.find(node.name, line.find("def ")), 0)
            start = self.file.line_starts[node.lineno - 1] + column
            return self.file.place(start, start + len(node.name))
        if not isinstance(node, (ast.expr, ast.stmt, ast.alias, ast.keyword, ast.arg)):
            return self.file.place()

        start = self._characters(node.lineno, node.col_offset)
        return self.file.place(start, self._characters(node.end_lineno or node.lineno, node.end_col_offset or 0))

    def _characters(self, line: int, column: int) -> int:
        """Turn a line and a column, which Python counts in bytes, into an offset."""
        start = self.file.line_starts[min(line, len(self.file.line_starts)) - 1]
        text = self.file.line(line)
        return start + (column if text.isascii() else len(text.encode()[:column].decode(errors="replace")))

    def _offset(self, line: int, column: int) -> Place:
        start = self.file.line_starts[min(max(line, 1), len(self.file.line_starts)) - 1] + max(column, 0)
        return self.file.place(start, start + 1)


def descend(root: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and every node within it that says something, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        inner: list[ast.AST] = []
        for name in _HOLDING[type(node)]:
            value = getattr(node, name, None)
            if value.__class__ is list:
                inner += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                inner.append(value)
        waiting += reversed(inner)


def dotted(node: ast.AST) -> str:
    """Return a name such as `requests.get` as it is written; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""

    return ""


def text_of(node: ast.AST | None) -> str | None:
    """Return the text that a node is, None where it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
