"""Which fields of its form a handler reads, where that can be told from its text."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from stacksync.inspection.handlers import Handler
from stacksync.inspection.syntax import descend, dotted, text_of


@dataclass(frozen=True)
class Read:
    """A field that is read by its id.

    Args:
        needed: It is read in the way that fails when there is none: `request.data["x"]`.
        connection: It is asked for as a connection, which may be the one beside the form: `request.connection("x")`.
    """

    field: str
    node: ast.expr
    needed: bool
    connection: bool = False


class FormReads:
    """What a handler of execute or content reads of the form."""

    def __init__(self, handler: Handler) -> None:
        self._function = handler.function
        self._content = handler.route.path.strip("/") == "content"
        self._own_request = _first_argument(handler)
        self._nodes = list(descend(handler.function))
        self._bound = Counter(_bound_names(self._nodes))
        self._stands_for: dict[str, str] = {}
        while self._follow():
            pass

    def reads(self) -> Iterator[Read]:
        """Yield every field that is read from the form's values, in the order of the text."""
        wanted = "form" if self._content else "data"
        guarded = {text_of(node.left) for node in self._nodes if isinstance(node, ast.Compare) and _is_in(node)}
        for node in self._nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and self._kind(node.value) == wanted:
                name = text_of(node.slice)
                if name is not None and name not in guarded:
                    yield Read(name, node.slice, needed=True)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                name, kind = text_of(node.args[0]), self._kind(node.func.value)
                if self._falls_back(node):
                    continue  # in content's form_data or, in execute, what stands for it there
                if name is not None and (node.func.attr, kind) in (("get", wanted), ("connection", "request")):
                    yield Read(name, node.args[0], needed=False, connection=kind == "request")

    def _kind(self, node: ast.expr) -> str | None:
        """Return what an expression is: the request, its data, or the form's values."""
        if isinstance(node, ast.Name):
            return "request" if node.id == self._own_request else self._stands_for.get(node.id)
        if isinstance(node, ast.Attribute) and self._kind(node.value) == "request":
            return {"data": "data", "form_data": "form"}.get(node.attr)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self._kind(node.values[0])
        if isinstance(node, ast.Subscript):
            return "form" if text_of(node.slice) == "form_data" and self._kind(node.value) == "data" else None

        return self._kind_of_call(node) if isinstance(node, ast.Call) else None

    def _kind_of_call(self, call: ast.Call) -> str | None:
        if dotted(call.func).rpartition(".")[2] == "Request":
            return "request"
        if isinstance(call.func, ast.Attribute) and call.func.attr == "get" and call.args:
            if self._falls_back(call) and not self._content:
                return "data"
            return "form" if text_of(call.args[0]) == "form_data" and self._kind(call.func.value) == "data" else None

        return None

    def _falls_back(self, call: ast.Call) -> bool:
        """Say whether a call is `data.get("form_data", data)`, which reads the form wherever it is handed over."""
        if len(call.args) < 2 or text_of(call.args[0]) != "form_data" or not isinstance(call.func, ast.Attribute):
            return False

        return call.func.attr == "get" and self._kind(call.args[1]) == "data" == self._kind(call.func.value)

    def _follow(self) -> bool:
        """Take up the names that are given one of these values and never another; tell whether there were new ones."""
        before = len(self._stands_for)
        for node in self._nodes:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) else None
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            kind = self._kind(value) if value is not None else None
            for target in targets:
                if kind and isinstance(target, ast.Name) and self._bound[target.id] == 1:
                    self._stands_for[target.id] = kind
        return len(self._stands_for) > before


def _first_argument(handler: Handler) -> str | None:
    """Return the name of the request that a handler is given; those of the SDK are given none."""
    arguments = handler.function.args.args
    rebound = arguments and arguments[0].arg in _stored(descend(handler.function))
    return arguments[0].arg if arguments and not rebound else None


def _stored(nodes: Iterator[ast.AST]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _bound_names(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield each name as often as something is bound to it or changes what it holds."""
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif (changed := _changed(node)) is not None and isinstance(changed, ast.Name):
            yield changed.id


def _changed(node: ast.AST) -> ast.expr | None:
    """Return what a statement such as `data["x"] = 1` or `data.update(more)` changes."""
    if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return node.value
    function = node.func if isinstance(node, ast.Call) else None
    changes = isinstance(function, ast.Attribute) and function.attr in ("update", "setdefault")
    return function.value if changes and isinstance(function, ast.Attribute) else None


def _is_in(node: ast.Compare) -> bool:
    return isinstance(node.ops[0], ast.In | ast.NotIn)
