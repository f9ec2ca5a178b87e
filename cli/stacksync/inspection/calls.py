"""The functions of a file that a handler calls, and what they are given: as far as can be told without running them."""

import ast
from functools import cached_property

from stacksync.inspection.handlers import Handler
from stacksync.inspection.syntax import Function, descend, dotted


class Calls:
    """A handler, and the functions of its file that it calls, directly or through others.

    Args:
        handler: The handler.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._functions = {function.name: function for function in handler.source.syntax.functions}

    @cached_property
    def reached(self) -> list[Function]:
        """The handler's function, and those that are called."""
        reached, waiting = [self._handler.function], [self._handler.function]
        while waiting:
            calls = (node for node in descend(waiting.pop()) if isinstance(node, ast.Call))
            fresh = [each for each in dict.fromkeys(map(self.called, calls)) if each and each not in reached]
            reached += fresh
            waiting += fresh
        return reached

    def called(self, call: ast.Call) -> Function | None:
        """Return the function of the file that a call calls."""
        return self._functions.get(dotted(call.func))

    def arguments(self, call: ast.Call) -> list[tuple[ast.AST, ast.AST]]:
        """Return the parameters of the function that is called, each with what it is given."""
        function = self.called(call)
        if function is None:
            return []

        named = {each.arg: each for each in (*function.args.args, *function.args.kwonlyargs)}
        by_name = [(named[each.arg], each.value) for each in call.keywords if each.arg in named]
        return [*zip(function.args.args, call.args, strict=False), *by_name]


def assignments(node: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """Return what a statement or expression gives names to, each with its value."""
    if isinstance(node, ast.Assign):
        return [(target, node.value) for target in node.targets]
    if isinstance(node, ast.AnnAssign | ast.NamedExpr):
        return [(node.target, node.value)] if node.value else []

    return []
