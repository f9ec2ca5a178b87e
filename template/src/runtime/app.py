"""Put the parts together: one Flask application for one connector, with its modules loaded."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import MappingProxyType, ModuleType, TracebackType
from typing import Any, NoReturn

from flask import Flask

from . import endpoints, errors, flask_parts, logs, monitoring, security, stand_in
from .config import Config, ConfigError, port_of_environment
from .discovery import DYNAMIC, LAYOUT, Layout, VersionFolder, scan
from .endpoints import Connector
from .module import Module
from .request import Request
from .schema_file import SchemaFile

ROOT = Path(__file__).resolve().parents[2]

logger = logging.getLogger("stacksync.loading")


def create_app(root: Path | None = None) -> Flask:
    """Make the connector's application; a broken configuration ends the process with one message.

    Args:
        root: The connector's folder; by default the one that this runtime lies in.
    """
    app = Flask("connector", root_path=str(root or ROOT), static_folder=None)
    install(app, root)
    return app


def install(
    app: Flask,
    root: Path | None = None,
    layout: Layout = LAYOUT,
    overrides: Mapping[str, Any] = MappingProxyType({}),
) -> Connector:
    """Make an application that exists already serve a connector.

    Args:
        app: The application.
        root: The connector's folder; by default the one that this runtime lies in.
        layout: Where the connector has what.
        overrides: Fields of `Config` that the caller knows better than the configuration file.
    """
    try:
        config = replace(layout.read_config(root or ROOT), **overrides)
        _prepare(app, config)
        stand_in.install(app, config)
        if stand_in.asked_cassette():
            from .cassettes import installing  # a connector in production never loads it

            installing.install(config)
    except ConfigError as error:
        refuse(str(error))

    with _no_collection():
        found = scan(config, layout)
        connector = Connector(config, found.versions, found.without_routes)
        app.extensions["stacksync"] = connector
        before = frozenset(app.view_functions)
        _load_modules(app, connector, layout.loader)
        connector.endpoints = frozenset(app.view_functions) - before
        endpoints.install(app, connector)
    return connector


def run(app: Flask) -> None:
    """Serve `app` for development, without a debugger, where PORT or else its configuration says."""
    config: Config = app.extensions["stacksync"].config
    try:
        port = port_of_environment() or config.port
    except ConfigError as error:
        refuse(str(error))
    app.run(config.host, port, debug=False, use_debugger=False, use_reloader=False, threaded=True)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let Python not look for garbage: what is loaded is kept, and a fifth of the time went into finding none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _prepare(app: Flask, config: Config) -> None:
    root = str(config.root)
    if root not in sys.path:
        sys.path.insert(0, root)
    flask_parts.install(app)
    errors.install(app, config)
    security.install_cors(app, config)
    logs.install(app, config)
    monitoring.publish_metrics(app, config)
    monitoring.report_errors(app, config)
    security.install(app, config)


def _load_modules(app: Flask, connector: Connector, loader: type[SourceFileLoader]) -> None:
    modules_dir, reread = connector.config.modules_dir, connector.config.is_development
    prepare(connector.folders, loader)
    for folder in connector.folders:
        try:
            connector.refuse_shared_url(folder)
            modules = load(folder, app)
            _check_input(folder, modules, SchemaFile(folder.schema_path, modules_dir, reread=reread))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a route file may do anything
            _report(connector, folder, error)
            continue
        connector.modules[folder.url_base] = modules


def _check_input(folder: VersionFolder, modules: list[Module], schema_file: SchemaFile) -> None:
    """Give each module what its input is checked by: decision 17 of the form specification says which form counts."""

    def by_schema(request: Request) -> Any:
        return schema_file.checked(request.data, request.has_connection)

    check = _maker_of_form(modules).checked_by_own_form if folder.validate_input == DYNAMIC else by_schema
    for module in modules:
        module.schema_file = schema_file
        wanted = module.has_execute_handler if folder.validate_input is None else folder.validate_input
        module.check_input = check if wanted else None


def _maker_of_form(modules: list[Module]) -> Module:
    found = next((module for module in modules if module.makes_form), None)
    if found is None:
        raise RuntimeError(f"validate_input: {DYNAMIC} needs a handler under @module.schema")

    return found


def _report(connector: Connector, folder: VersionFolder, error: BaseException) -> None:
    error_id = connector.failed[folder.url_base] = uuid.uuid4().hex
    error = error.with_traceback(_part_within(folder.path, error.__traceback__))
    logger.error("%s failed to load", folder.module_path, exc_info=error, extra={"error_id": error_id})


def _part_within(path: Path, frames: TracebackType | None) -> TracebackType | None:
    """Return a traceback from its first line in a folder on: how Python came to import it helps nobody."""
    while frames and not Path(frames.tb_frame.f_code.co_filename).is_relative_to(path):
        frames = frames.tb_next
    return frames


class RouteFileFinder:
    """Tell Python where route files are, for their dotted names may be such as no import statement could spell."""

    def __init__(self, folders: Iterable[VersionFolder], loader: type[SourceFileLoader]) -> None:
        self.loader = loader
        self.files: dict[str, Path] = {}
        self.packages: dict[str, Path] = {}
        for folder in folders:
            self.files |= folder.route_names()
            self.packages |= {folder.package: folder.path, folder.package.rpartition(".")[0]: folder.path.parent}

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Find a route file, or a folder that one lies in."""
        file = self.files.get(fullname)
        if file is not None:
            return spec_from_file_location(fullname, file, loader=self.loader(fullname, str(file)))

        folder = self.packages.get(fullname)
        return None if folder is None else _package_spec(fullname, folder)


def prepare(folders: Iterable[VersionFolder], loader: type[SourceFileLoader]) -> None:
    """Make the folders importable, and forget what an earlier application imported from them."""
    finder = RouteFileFinder(folders, loader)
    others = [other for other in sys.meta_path if not isinstance(other, RouteFileFinder)]
    sys.meta_path[:] = [finder, *others]
    for name in (*finder.files, *finder.packages):
        sys.modules.pop(name, None)


def load(folder: VersionFolder, app: Flask) -> list[Module]:
    """Import the route files of one version and register the modules that they define.

    Raises:
        Exception: Whatever a route file raised, or Flask about its rules; nothing of the version stays imported. Rules
            that `app` took before cannot be taken back: a failed version's URLs are refused before they are looked up.
    """
    before = set(sys.modules)
    try:
        files = [import_module(name) for name in folder.route_names()]
        modules = [module for file in files for module in _modules_in(file)]
        for module in modules:
            app.register_blueprint(module)
        _refuse_shared_paths(app, modules)
    except BaseException:
        for name in set(sys.modules) - before:
            if name == folder.package or name.startswith(f"{folder.package}."):
                del sys.modules[name]
        raise

    return modules


def _refuse_shared_paths(app: Flask, modules: list[Module]) -> None:
    """Raise when two route files of a version answer the same path: which of them would is nobody's choice.

    Raises:
        RuntimeError: Two do; it names both.
    """
    if len(modules) < 2:
        return  # most versions have one file, and to go through all rules sorts them anew

    owners = {module.name: Path(str(sys.modules[module.import_name].__file__)) for module in modules}
    claims: dict[tuple[str, str], Path] = {}
    for rule in app.url_map.iter_rules():
        owner = owners.get(rule.endpoint.rpartition(".")[0])
        if owner is None:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            first = claims.setdefault((rule.rule, method), owner)
            if first != owner:
                raise RuntimeError(f"{first} and {owner} both answer {method} {rule.rule}; leave it to one of them")


def _package_spec(fullname: str, folder: Path) -> ModuleSpec | None:
    init = folder / "__init__.py"
    if init.is_file():
        return spec_from_file_location(fullname, init, submodule_search_locations=[str(folder)])

    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec


def _modules_in(file: ModuleType) -> Iterable[Module]:
    own = (value for value in vars(file).values() if isinstance(value, Module) and value.import_name == file.__name__)
    return {id(module): module for module in own}.values()


# gunicorn takes this exit status of a worker for "cannot start" and stops, instead of starting workers for ever.
EXIT_CANNOT_START = 3
# Seconds for the worker that tells to be as far.
PATIENCE = 10.0


def refuse(message: str) -> NoReturn:
    """End the process with `message`.

    Of gunicorn's workers one does so, and the others wait to be ended: where a second one cannot start either, gunicorn
    (27.0) shows a traceback of its own.
    """
    worker = _gunicorn_worker()
    if worker is not None and not _tells(worker):
        _wait_for_the_end(worker)
        raise SystemExit(0)

    sys.stderr.write(f"{message}\n")
    raise SystemExit(EXIT_CANNOT_START)


def _gunicorn_worker() -> Any:
    """Return the worker that this process is: the owner of the handler of SIGTERM, with whatever configuration."""
    handler = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return handler if hasattr(handler, "age") and hasattr(handler, "alive") else None


def _tells(worker: Any) -> bool:
    """Choose one: workers that are started together count on from each other, so one of them has this remainder."""
    return bool((worker.age - 1) % worker.cfg.workers == 0)


def _wait_for_the_end(worker: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while worker.alive and time.monotonic() < deadline:
        time.sleep(0.02)
