"""What a route file answers, read from its syntax tree without importing it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# Flask's decorators that name their method: https://flask.palletsprojects.com/en/stable/api/#flask.Flask.get
_METHODS = {"get", "post", "put", "patch", "delete"}
_PLATFORM = {"execute": ["POST"], "schema": ["GET", "POST"]}


@dataclass(frozen=True)
class Route:
    """One decorated function: `@module.execute`, `@router.route("/execute", methods=["POST"])`.

    Args:
        path: The part of the URL after `/<module>/<version>`.
        methods: The HTTP methods it answers.
        content: The content object it answers; None where it is for no single one.
        handler: The function.
        line: Where the decorator stands.
    """

    path: str
    methods: tuple[str, ...]
    content: str | None
    handler: ast.FunctionDef | ast.AsyncFunctionDef
    line: int


def parse_python(text: str | bytes) -> ast.Module:
    """Return the syntax tree of a Python text.

    Raises:
        SyntaxError: It is no Python, or too much of it, or too deep, for the parser of this Python.
    """
    try:
        return ast.parse(text)
    except (ValueError, RecursionError, MemoryError) as error:  # which of them, differs from one Python to the next
        raise SyntaxError(str(error) or "nested too deep, or too large, to be read") from None


def read_routes(tree: ast.Module) -> list[Route]:
    """Return what a route file registers, in the order of the file."""
    functions = (node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return [route for function in functions for route in _routes_of(function)]


def _routes_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Route]:
    for decorator in function.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        if not isinstance(target, ast.Attribute):
            continue
        found = _answered(target.attr, call)
        if found:
            yield Route(*found, handler=function, line=decorator.lineno)


def _answered(name: str, call: ast.Call | None) -> tuple[str, tuple[str, ...], str | None] | None:
    if call is None:
        return (f"/{name}", tuple(_PLATFORM[name]), None) if name in _PLATFORM else None

    text = _text(call.args[0]) if call.args else next((_text(k.value) for k in call.keywords if k.arg == "rule"), None)
    if text is None:
        return None
    if name == "content":
        return "/content", ("POST",), text
    if name in _METHODS:
        return text, (name.upper(),), None
    return (text, _methods(call), None) if name == "route" else None


def _methods(call: ast.Call) -> tuple[str, ...]:
    listed = next((keyword.value for keyword in call.keywords if keyword.arg == "methods"), None)
    if not isinstance(listed, (ast.List, ast.Tuple, ast.Set)):
        return ("GET",)

    return tuple(text.upper() for text in map(_text, listed.elts) if text)


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
