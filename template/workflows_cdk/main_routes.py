"""Routes of the connector's own: of main.py, and of other files that are no route files.

They stay where the SDK put them: under the path that is written, and behind what stands before them, which is the
modules where they follow the router. What they return goes out as it is, apart from objects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask, request

from src.runtime import Response
from src.runtime.compat import siblings

View = Callable[..., Any]


@dataclass(frozen=True)
class Route:
    """A view, the file that it stands in, its path there, and Flask's options."""

    view: View
    file: Path
    path: str
    options: Mapping[str, Any]


class MainRoutes:
    """The routes of main.py; those that come before there is an application wait for it."""

    def __init__(self) -> None:
        self._app: Flask | None = None
        self._modules_dir = Path()
        self._waiting: list[Route] = []

    def add(self, route: Route) -> None:
        """Answer a route, from when there is an application on."""
        if self._app is None:
            self._waiting.append(route)
        else:
            self._register(self._app, route)

    def serve(self, app: Flask, modules_dir: Path) -> None:
        """Answer the routes by an application, behind those that it has."""
        self._app, self._modules_dir = app, modules_dir
        while self._waiting:
            self._register(app, self._waiting.pop(0))

    def _register(self, app: Flask, route: Route) -> None:
        name = str(route.options.get("endpoint") or route.view.__name__)
        taken = sum(1 for endpoint in app.view_functions if endpoint.partition("#")[0] == name)
        options = {**route.options, "endpoint": f"{name}#{taken}" if taken else name}
        path = f"{_base(route.file, self._modules_dir)}/{route.path.removeprefix('/')}"
        app.add_url_rule(path, view_func=_answering(route.view), **options)


def let_main_answer(app: Flask, blueprints: Iterable[str]) -> None:
    """Have main.py answer the paths that it has in common with modules which the SDK could not load.

    There `from main import app` failed, so that such a module was passed over, and main.py alone answered.
    """
    names = frozenset(blueprints)
    for endpoint in [each for each in app.view_functions if each.rpartition(".")[0] in names]:
        app.view_functions[endpoint] = _second_to_main(app, app.view_functions[endpoint])


def asks_for_more_than_router(package: str) -> bool:
    """Say whether a file of a version's folder imported from main.py what the SDK did not have there."""
    return bool(getattr(sys.modules.get(package), siblings.ASKED_OF_MAIN, set()) - {"router"})


def _second_to_main(app: Flask, view: View) -> View:
    known: dict[tuple[str, str], View] = {}

    @wraps(view)
    def answer(**values: Any) -> Any:
        key = (str(request.url_rule), request.method)
        if key not in known:
            known[key] = _view_of_main(app, *key) or view
        return known[key](**values)

    return answer


def _view_of_main(app: Flask, path: str, method: str) -> View | None:
    own = (rule.endpoint for rule in app.url_map.iter_rules() if rule.rule == path and method in (rule.methods or ()))
    names = [name for name in own if "." not in name and not name.startswith("stacksync:")]
    return app.view_functions[names[0]] if names else None


def _answering(view: View) -> View:
    @wraps(view)
    def answer(**values: Any) -> Any:
        value = view(**values)
        return Response(value) if isinstance(value, dict) else value

    return answer


def _base(file: Path, modules_dir: Path) -> str:
    """Return the beginning of the URLs of a file: its folder below that of the modules; nothing elsewhere."""
    if not file.is_relative_to(modules_dir):
        return ""

    parts = file.parent.relative_to(modules_dir).parts
    return "".join(f"/{part.replace(' ', '_')}" for part in parts)
