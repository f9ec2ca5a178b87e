"""What a route file answers, read from its syntax tree without importing it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from stacksync.runtime.kit import handler_in

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


def read_routes(tree: ast.Module, kind: str | None = None) -> list[Route]:
    """Return what a route file registers, in the order of the file.

    Args:
        tree: The file.
        kind: The function by which it answers the URL of that name, in files of the platform's present kit.
    """
    if kind is not None:
        found = handler_in(tree, kind)
        is_here = isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef))
        return [Route(f"/{kind}", ("POST",), None, found, found.lineno)] if is_here else []  # type: ignore[arg-type, union-attr]

    functions = (node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return [route for function in functions for route in _routes_of(function)]


def answered(tree: ast.Module, kind: str | None = None) -> list[tuple[str, str | None]]:
    """Return the paths that a route file answers, also by a function that it imports, with their content objects.

    Args:
        tree: The file.
        kind: As for `read_routes`.
    """
    if kind is None:
        return [(route.path, route.content) for route in read_routes(tree)]

    return [(f"/{kind}", None)] if handler_in(tree, kind) else []


def answers_schema(tree: ast.Module, kind: str | None = None) -> bool:
    """Say whether a route file makes the form; its arguments are those of `answered`."""
    return any(path.strip("/") == "schema" for path, _ in answered(tree, kind))


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
