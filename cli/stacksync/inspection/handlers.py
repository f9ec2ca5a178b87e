"""What the route files of a version answer, as far as it can be told without running them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from stacksync.inspection.python_file import PythonFile
from stacksync.inspection.syntax import Function, dotted
from stacksync.modules.routes import Route, answers_schema, read_routes
from stacksync.runtime.kit import handler_in

_REGISTERING = {"add_url_rule", "register_blueprint"}


@dataclass(frozen=True, eq=False)
class Handler:
    """A function that answers a route."""

    source: PythonFile
    route: Route

    @property
    def function(self) -> Function:
        """The function."""
        return self.route.handler


class Handlers:
    """The handlers of a version.

    Args:
        sources: Its route files.
        by_name: Each of them answers by the function of its own name.
    """

    def __init__(self, sources: tuple[PythonFile, ...], *, by_name: bool = False) -> None:
        self.sources = sources
        self.by_name = by_name
        routes = ((source, read_routes(source.syntax.tree, self._kind_of(source))) for source in sources)
        self.all = tuple(Handler(source, route) for source, found in routes for route in found)

    def of(self, path: str) -> tuple[Handler, ...]:
        """Return the handlers of a path such as `/execute`."""
        return tuple(handler for handler in self.all if f"/{handler.route.path.strip('/')}" == path)

    @cached_property
    def by_content(self) -> dict[str, Handler]:
        """The handlers that answer one content object each, by its name."""
        return {handler.route.content: handler for handler in self.all if handler.route.content is not None}

    @cached_property
    def for_any_content(self) -> tuple[Handler, ...]:
        """The handlers that answer `/content` as a whole."""
        return tuple(handler for handler in self.of("/content") if handler.route.content is None)

    @cached_property
    def makes_form(self) -> bool:
        """Whether the form comes from code, so that schema.json does not tell all of it."""
        return any(answers_schema(each.syntax.tree, self._kind_of(each)) for each in self.sources)

    @cached_property
    def uses_sdk(self) -> bool:
        """Whether they are written for Stacksync's own SDK."""
        imports = (node for source in self.sources for node in source.syntax.all(ast.ImportFrom))
        return any((node.module or "").partition(".")[0] == "workflows_cdk" for node in imports)

    @cached_property
    def hidden(self) -> bool:
        """Whether there may be handlers that cannot be seen from here: registered by a call, or by another file."""
        return any(source.fault is not None or self._hides(source) for source in self.sources)

    def _kind_of(self, source: PythonFile) -> str | None:
        return PurePosixPath(source.file.name).stem if self.by_name else None

    def _hides(self, source: PythonFile) -> bool:
        """Say whether a file may answer more than can be seen: by what it imports or makes under its own name."""
        if not self.by_name:
            return _registers_elsewhere(source)

        found = handler_in(source.syntax.tree, str(self._kind_of(source)))
        return _imports_all(source) or not isinstance(found, (Function, type(None)))


def _imports_all(source: PythonFile) -> bool:
    return any(alias.name == "*" for node in source.syntax.all(ast.ImportFrom) for alias in node.names)


def _registers_elsewhere(source: PythonFile) -> bool:
    if _imports_all(source):
        return True
    if any(node.attr in _REGISTERING for node in source.syntax.all(ast.Attribute)):
        return True

    owners = {name for node in decorators(source.syntax.tree) if (name := _owner(node))} | _modules(source)
    return any(node.id in owners for node in _loose_names(source))


def decorators(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the decorators of a file's own functions."""
    for node in tree.body:
        if isinstance(node, Function):
            yield from node.decorator_list


def _owner(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return dotted(target.value) if isinstance(target, ast.Attribute) else ""


def _modules(source: PythonFile) -> set[str]:
    made = [node for node in source.syntax.all(ast.Assign) if isinstance(node.value, ast.Call)]
    found = [node for node in made if dotted(node.value.func).rpartition(".")[2] == "Module"]  # type: ignore[attr-defined]
    return {target.id for node in found for target in node.targets if isinstance(target, ast.Name)}


def _loose_names(source: PythonFile) -> Iterator[ast.Name]:
    """Yield the names that are read, but not for one of their attributes in a decorator."""
    known: set[int] = set()
    for decorator in decorators(source.syntax.tree):
        known |= {id(node) for node in ast.walk(decorator)}
    return (node for node in source.syntax.all(ast.Name) if isinstance(node.ctx, ast.Load) and id(node) not in known)
