"""What a handler does with the connection of its request, where that can be told from its text."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stacksync.inspection.calls import Calls, assignments
from stacksync.inspection.handlers import Handler
from stacksync.inspection.syntax import Function, descend, dotted, text_of


@dataclass(frozen=True)
class Kind:
    """What an expression stands for: the `request`, a `connection`, or a `part` of one.

    Args:
        field: Of a connection, the field that it was chosen in; None for the one beside the form.
    """

    name: str
    field: str | None = None


@dataclass(frozen=True)
class KeyRead:
    """A value of a connection that is read by its key."""

    key: str
    node: ast.expr
    field: str | None


REQUEST, PART = Kind("request"), Kind("part")

# Calls that keep nothing of what they are given, or hand it on.
_LOOKING = {"bool", "dict", "isinstance", "len", "list", "print", "repr", "set", "str", "type"}

Scope = tuple[int, str]  # a function, and a name in it


class ConnectionReads:
    """The connection in a handler and in the functions of its file that it calls.

    Args:
        handler: The handler.
    """

    def __init__(self, handler: Handler) -> None:
        text = handler.source.file.text
        self._calls = Calls(handler)
        # Most handlers have no connection; looking for it in all of them is a good part of a check.
        reached = self._calls.reached if "connection" in text or "credentials" in text else ()
        self._nodes = {function: list(descend(function)) for function in reached}
        self._kinds: dict[Scope, Kind | None] = {}
        self._given: dict[Scope, list[tuple[Function, ast.AST | None]]] = defaultdict(list)
        for function in self._nodes:
            self._bind(function)
        arguments = handler.function.args.args
        scope = (id(handler.function), arguments[0].arg if arguments else "")
        if scope not in self._given:
            self._kinds[scope] = REQUEST

    def uses(self) -> list[ast.expr]:
        """Return where the request is asked for its connection, in the order of the text."""
        found = [node for function, node in self._expressions() if self._is_asked(function, node)]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))

    def reads(self) -> Iterator[KeyRead]:
        """Yield the keys that are read of a connection."""
        for function, node in self._expressions():
            owner, key = _lookup(node)
            kind = self._kind(function, owner) if owner is not None and key is not None else None
            if kind and kind.name == "connection" and key is not None:
                yield KeyRead(str(text_of(key)), key, kind.field)

    @property
    def is_guarded(self) -> bool:
        """Whether something is asked of the connection first, or a failure is caught, here or where it is handed to."""
        signs = (self._is_test, self._catches, self._escapes)
        for function, nodes in self._nodes.items():
            if any(sign(function, node) for node in nodes for sign in signs):
                return True
        return False

    def _expressions(self) -> Iterator[tuple[Function, ast.expr]]:
        for function, nodes in self._nodes.items():
            yield from ((function, node) for node in nodes if isinstance(node, ast.expr))

    def _bind(self, function: Function) -> None:
        """Note what each name of a function is given, and each parameter of the functions that it calls."""
        plain: dict[int, ast.AST] = {}
        for node in self._nodes[function]:
            plain |= {id(target): value for target, value in assignments(node)}
            for parameter, value in self._calls.arguments(node) if isinstance(node, ast.Call) else ():
                callee = self._calls.called(node)  # type: ignore[arg-type] # it is a call: it has arguments
                self._given[id(callee), parameter.arg].append((function, value))  # type: ignore[attr-defined]
        for node in self._nodes[function]:
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self._given[id(function), node.id].append((function, plain.get(id(node))))

    def _kind(self, function: Function, node: ast.AST | None) -> Kind | None:
        if isinstance(node, ast.Name):
            return self._kind_of_name((id(function), node.id))
        if isinstance(node, ast.BoolOp):
            return self._kind(function, node.values[0])
        if isinstance(node, ast.NamedExpr):
            return self._kind(function, node.value)
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Request":
            return REQUEST
        if isinstance(node, ast.expr) and self._is_asked(function, node):
            return Kind("connection", _field(node))

        owner, _ = _lookup(node)
        inner = self._kind(function, owner) if owner is not None else None
        return PART if inner and inner != REQUEST else None

    def _kind_of_name(self, scope: Scope) -> Kind | None:
        """Return what a name stands for, where all that it is given is the same."""
        if scope not in self._kinds:
            self._kinds[scope] = None  # while it is looked for: a name may be given itself
            kinds = {self._kind(function, value) for function, value in self._given.get(scope, ())}
            self._kinds[scope] = kinds.pop() if len(kinds) == 1 else None
        return self._kinds[scope]

    def _is_asked(self, function: Function, node: ast.expr) -> bool:
        """Say whether an expression is `request.connection(...)` or `request.credentials`."""
        asked = node.func if isinstance(node, ast.Call) else node
        wanted = "connection" if isinstance(node, ast.Call) else "credentials"
        if not isinstance(asked, ast.Attribute) or asked.attr != wanted:
            return False

        return self._kind(function, asked.value) == REQUEST

    def _concerns(self, function: Function, node: ast.AST) -> bool:
        """Say whether an expression is about the connection or a part of it."""
        kinds = (self._kind(function, each) for each in descend(node) if isinstance(each, ast.expr))
        return any(kind and kind != REQUEST for kind in kinds)

    def _is_test(self, function: Function, node: ast.AST) -> bool:
        tests: list[ast.expr] = []
        if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
            tests = [node.test]
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            tests = node.values
        elif isinstance(node, ast.comprehension):
            tests = node.ifs
        return any(self._concerns(function, test) for test in tests)

    def _catches(self, function: Function, node: ast.AST) -> bool:
        if not isinstance(node, ast.Try) or not node.handlers:
            return False

        inner = (each for statement in node.body for each in descend(statement))
        calls = (isinstance(each, ast.Call) and self._calls.called(each) is not None for each in inner)
        return any(self._concerns(function, statement) for statement in node.body) or any(calls)

    def _escapes(self, function: Function, node: ast.AST) -> bool:
        """Say whether the request or its connection is handed to code that cannot be seen here."""
        if not isinstance(node, ast.Call) or self._calls.called(node) or dotted(node.func) in _LOOKING:
            return False

        given = (self._kind(function, each) for each in [*node.args, *(keyword.value for keyword in node.keywords)])
        return any(kind and kind != PART for kind in given)


@lru_cache(maxsize=2048)
def connection_reads(handler: Handler) -> ConnectionReads:
    """Read a handler once: several rules ask."""
    return ConnectionReads(handler)


def _lookup(node: ast.AST | None) -> tuple[ast.expr | None, ast.expr | None]:
    """Return what a value is looked up in, and its key if that is a text: `x["key"]`, `x.get("key")`."""
    key: ast.expr | None = None
    owner: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        owner, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        owner, key = node.func.value, node.args[0]
    return owner, key if text_of(key) is not None else None


def _field(node: ast.expr) -> str | None:
    """Return the field whose connection is asked for; a name that is not known yet is none of the form's."""
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return None

    return text_of(node.args[0]) or "" if node.args else ""
