"""Which content objects a `/content` handler answers that tells them apart itself, by comparing texts."""

import ast
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from stacksync.inspection.calls import Calls, assignments
from stacksync.inspection.handlers import Handler
from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.syntax import descend, dotted, text_of

_NAMES_KEY = "content_object_names"
_NAME_KEYS = {"content_object_name", "id", "name"}

# Expressions that are what a part of them is, and calls that return what they are given.
_PASSING: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Attribute: ("value",),
    ast.BoolOp: ("values",),
    ast.GeneratorExp: ("elt",),
    ast.IfExp: ("body", "orelse"),
    ast.ListComp: ("elt",),
    ast.NamedExpr: ("value",),
    ast.SetComp: ("elt",),
    ast.Starred: ("value",),
}
_PASSING_CALLS = {"enumerate", "list", "reversed", "set", "sorted", "str", "tuple"}
_NEVER_ANSWER = sys.stdlib_module_names | {"flask", "workflows_cdk", "stacksync_cdk"}


class ContentNames:
    """The names that a handler, and the functions of its file that it calls, compare with what was asked.

    Args:
        handler: The handler of `/content`.
    """

    def __init__(self, handler: Handler) -> None:
        self.source = handler.source
        self._calls = Calls(handler)
        self._asking: set[str] = set()
        while self._spread():
            pass
        self.compared: dict[str, ast.expr] = {}
        for node in self._nodes():
            for constant in self._constants(node):
                self.compared.setdefault(str(constant.value), constant)

    @property
    def is_whole(self) -> bool:
        """Whether the comparisons are all that decides: what was asked goes nowhere that cannot be seen."""
        return bool(self.compared) and not any(self._escapes(node) for node in self._nodes())

    @property
    def answers_any(self) -> bool:
        """Whether some answer is given under whatever name was asked for."""
        dicts = (node for node in self._nodes() if isinstance(node, ast.Dict))
        pairs = (pair for node in dicts for pair in zip(node.keys, node.values, strict=True))
        return any(text_of(key) in _NAME_KEYS and self._is_asking(value) for key, value in pairs)

    def _nodes(self) -> Iterator[ast.AST]:
        for function in self._calls.reached:
            yield from descend(function)

    def _is_asking(self, node: ast.AST) -> bool:
        """Say whether an expression is what was asked for: the list of names, one of them, or a part of one."""
        if isinstance(node, ast.Name):
            return node.id in self._asking
        if isinstance(node, ast.Subscript):
            return self._is_asking(node.value) or text_of(node.slice) == _NAMES_KEY
        if isinstance(node, ast.Call):
            return self._calls_for(node)

        inner = [getattr(node, name, None) for name in _PASSING.get(type(node), ())]
        return any(self._is_asking(each) for each in _flat(inner))

    def _calls_for(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Attribute) and self._is_asking(call.func.value):
            return True  # name.get("id"), name.strip()
        if isinstance(call.func, ast.Attribute):
            return call.func.attr == "get" and bool(call.args) and text_of(call.args[0]) == _NAMES_KEY

        return dotted(call.func) in _PASSING_CALLS and any(map(self._is_asking, call.args))

    def _spread(self) -> bool:
        """Follow what was asked for into the names that take it up; return whether there were new ones."""
        before = len(self._asking)
        for node in self._nodes():
            for target, value in self._bindings(node):
                if self._is_asking(value):
                    self._asking |= {each.id for each in descend(target) if isinstance(each, ast.Name)}
                    self._asking |= {target.arg} if isinstance(target, ast.arg) else set()
        return len(self._asking) > before

    def _bindings(self, node: ast.AST) -> Iterable[tuple[ast.AST, ast.AST]]:
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            return [(node.target, node.iter)]

        return self._calls.arguments(node) if isinstance(node, ast.Call) else assignments(node)

    def _constants(self, node: ast.AST) -> Iterator[ast.Constant]:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(self._is_asking(side) for side in sides):
                yield from (text for side in sides for text in _texts(side))
        elif isinstance(node, ast.Match) and self._is_asking(node.subject):
            patterns = (each for case in node.cases for each in descend(case.pattern))
            yield from (each for each in patterns if isinstance(each, ast.Constant) and isinstance(each.value, str))
        elif table := self._table(node):
            yield from (key for key in table.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))

    def _table(self, node: ast.AST) -> ast.Dict | None:
        """Return the dictionary in which what was asked for is looked up."""
        if isinstance(node, ast.Subscript) and self._is_asking(node.slice):
            return self._dict(node.value)
        if isinstance(node, ast.Compare) and self._is_asking(node.left):
            return self._dict(node.comparators[0])

        looks_up = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        if looks_up and node.args and self._is_asking(node.args[0]):  # type: ignore[attr-defined]
            return self._dict(node.func.value)  # type: ignore[attr-defined]
        return None

    def _dict(self, node: ast.AST) -> ast.Dict | None:
        if isinstance(node, ast.Dict):
            return node

        named = [each for each in self.source.syntax.all(ast.Assign) if dotted(node) in map(dotted, each.targets)]
        values = [each.value for each in named if dotted(node)]
        return values[0] if len(values) == 1 and isinstance(values[0], ast.Dict) else None

    def _escapes(self, node: ast.AST) -> bool:
        """Say whether what was asked for is given to code of another file, or looked up in what cannot be read."""
        if isinstance(node, ast.Subscript) and self._is_asking(node.slice):
            return self._table(node) is None
        if not isinstance(node, ast.Call) or not any(map(self._is_asking, [*node.args, *node.keywords])):
            return False
        if dotted(node.func).partition(".")[0] in _imported(self.source):
            return True

        looked_up = isinstance(node.func, ast.Attribute) and node.func.attr == "get" and self._is_asking(node.args[0])
        return looked_up and self._table(node) is None and text_of(node.args[0]) != _NAMES_KEY


def _texts(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield a text, or the texts of a tuple, list or set, if they can be names of content objects."""
    inner = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    for each in inner:
        text = text_of(each)
        if isinstance(each, ast.Constant) and text is not None and text not in {*_NAME_KEYS, _NAMES_KEY}:
            yield each


def _flat(found: list[Any]) -> Iterator[ast.AST]:
    for each in found:
        yield from each if isinstance(each, list) else [each] if each is not None else []


def _imported(source: PythonFile) -> set[str]:
    """Return the names that stand for code which may answer for this file."""
    names: set[str] = set()
    for node in source.syntax.all(ast.ImportFrom):
        if node.level or _root(node.module) not in _NEVER_ANSWER:
            names |= {alias.asname or alias.name for alias in node.names}
    for each in source.syntax.all(ast.Import):
        names |= {alias.asname or _root(alias.name) for alias in each.names if _root(alias.name) not in _NEVER_ANSWER}
    return names


def _root(module: str | None) -> str:
    return (module or "").partition(".")[0]
