"""The SDK's router: routes by the place of the file that they stand in, `main.py` included."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, TypeVar

from flask import Flask

from src.runtime import Module, install, run
from src.runtime.compat import siblings
from src.runtime.tooling import Layout

from .main_routes import MainRoutes, Route, asks_for_more_than_router, let_main_answer

View = TypeVar("View", bound=Callable[..., Any])
MODULE = "__router_module__"
CONFIG_FILE = "app_config.yaml"


class Router:
    """`router = Router(app)` in main.py, `@router.route("/execute")` in the route files."""

    def __init__(
        self,
        app: Flask | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        sentry_dsn: str | None = None,
        cors_origins: Sequence[str] | None = None,
    ) -> None:
        self.app = app
        self.config = dict(config or {})
        self._own = MainRoutes()
        self.overrides: dict[str, Any] = {"sentry_dsn": sentry_dsn} if sentry_dsn else {}
        if cors_origins:
            self.overrides["cors_origins"] = tuple(cors_origins)
        if app is not None:
            self._serve(app, sys._getframe(1).f_globals)

    def init_app(self, app: Flask) -> None:
        """Load the modules into `app`, where the router was made without one."""
        self._serve(app, sys._getframe(1).f_globals)

    def run_app(self, app: Flask) -> None:
        """Serve `app` for development."""
        run(app)

    def route(self, rule: str | None = None, **options: Any) -> Callable[[View], View]:
        """Register a view under the URL of its file; POST only unless `methods` says otherwise."""
        frame = sys._getframe(1)
        file, module = Path(frame.f_code.co_filename).resolve(), _module_of(frame)

        def register(view: View) -> View:
            path = view.__name__ if rule is None else rule
            options.setdefault("methods", ["POST"])
            if module is None:
                self._own.add(Route(view, file, path, options))
                return view

            # Numbered, for the SDK's connectors repeat function names.
            options.setdefault("endpoint", f"{view.__name__}_{len(module.deferred_functions)}")
            module.add_url_rule(f"/{path.removeprefix('/')}", view_func=view, **options)
            return view

        return register

    def _serve(self, app: Flask, caller: dict[str, Any]) -> None:
        self.app = app
        # Route files import these from main, which is still in the middle of making them.
        main = _main_module(caller["__name__"])
        vars(main).setdefault("router", self)
        vars(main).setdefault("app", app)
        sys.modules["main"] = main

        app.config.update(self.config)
        siblings.install()
        layout = Layout(loader=siblings.SiblingLoader)
        connector = install(app, _root_of(Path(caller["__file__"])), layout, self.overrides)
        asking = [folder for folder in connector.folders if asks_for_more_than_router(folder.package)]
        modules = [module for folder in asking for module in connector.modules.get(folder.url_base, ())]
        let_main_answer(app, (module.name for module in modules))
        self._own.serve(app, connector.config.modules_dir)


def _main_module(caller: str) -> ModuleType:
    """Return main.py, which may have another file make the router while it is imported."""
    own = sys.modules["__main__"]
    is_script = Path(getattr(own, "__file__", None) or "").name == "main.py"
    return sys.modules.get("main") or (own if is_script else sys.modules[caller])


def _root_of(file: Path) -> Path:
    """Return the connector's folder, from the file that makes the router: main.py, or one below."""
    folder = file.resolve().parent
    return next((each for each in (folder, *folder.parents) if (each / CONFIG_FILE).is_file()), folder)


def _module_of(frame: FrameType | None) -> Module | None:
    """Return the module of the route file that is being run, which may call a helper to register its routes."""
    while frame is not None:
        namespace = frame.f_globals
        if isinstance(getattr(namespace.get("__spec__"), "loader", None), siblings.SiblingLoader):
            return _module_in(namespace)
        frame = frame.f_back

    return None


class RouterModule(Module):
    """A module in the SDK's style: what the platform assumes of it stays as it was."""

    lists_platform_keys = False


def _module_in(namespace: dict[str, Any]) -> Module:
    if MODULE not in namespace:
        namespace[MODULE] = RouterModule(namespace["__name__"])
    module: Module = namespace[MODULE]
    return module
