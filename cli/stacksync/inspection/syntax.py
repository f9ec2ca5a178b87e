"""What a Python text says, as a syntax tree; nothing of it is run."""

import ast
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TypeVar

from stacksync.modules.routes import parse_python

Node = TypeVar("Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef

_LEAVES = (ast.Constant, ast.Name, ast.alias, ast.Global, ast.Nonlocal)
_PLAIN = {"attr", "conversion", "ctx", "id", "is_async", "level", "name", "op", "ops", "simple", "type_comment"}


def _holding(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that hold other nodes, but for operators, which say nothing here."""
    return () if issubclass(kind, _LEAVES) else tuple(name for name in kind._fields if name not in _PLAIN)


_KINDS = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]
_HOLDING = {kind: _holding(kind) for kind in _KINDS}


class Syntax:
    """A Python text.

    Args:
        tree: What it says; empty where it does not parse.
        error: Why it does not parse.
        place: The line and the column of the error, from 1.
    """

    def __init__(self, text: str) -> None:
        self.tree = ast.Module([], [])
        self.error = ""
        self.place = (1, 1)
        try:
            self.tree = parse_python(text)
        except SyntaxError as error:
            self.error, self.place = error.msg, (max(error.lineno or 1, 1), max(error.offset or 1, 1))

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
    def texts(self) -> list[ast.Constant]:
        """Every text in it that is not a docstring, and does not stand for nothing in another way."""
        idle = {id(node.value) for node in self.all(ast.Expr)}
        return [node for node in self.all(ast.Constant) if isinstance(node.value, str) and id(node) not in idle]


@lru_cache(maxsize=2048)
def parse(text: str) -> Syntax:
    """Read a text, once: files are checked again and again, and versions of a module share most of theirs."""
    return Syntax(text)


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
