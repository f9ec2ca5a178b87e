"""Put the parts together: one Flask application for one connector."""

from __future__ import annotations

import logging
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from flask import Flask
from flask import Request as FlaskRequest
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import MapAdapter

from . import cors, endpoints, errors, logs, metrics, security, sentry
from .config import Config, ConfigError, read_config
from .discovery import DYNAMIC, VersionFolder, scan
from .endpoints import Connector
from .json_text import JsonProvider
from .loading import load, prepare
from .module import Module
from .refusal import refuse
from .request import Request
from .schema_file import SchemaFile

ROOT = Path(__file__).resolve().parents[2]

logger = logging.getLogger("stacksync.loading")


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions for an application that has a key for them; a connector keeps none."""

    none = NullSession()

    def open_session(self, app: Flask, request: FlaskRequest) -> SecureCookieSession | None:
        """Return the session of a request; without a key it is empty and takes nothing, so one does for all."""
        return super().open_session(app, request) if app.secret_key else self.none


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
    loader: type[SourceFileLoader] = SourceFileLoader,
    overrides: Mapping[str, Any] = MappingProxyType({}),
) -> Connector:
    """Make an application that exists already serve a connector.

    Args:
        app: The application.
        root: The connector's folder; by default the one that this runtime lies in.
        loader: What imports the route files.
        overrides: Fields of `Config` that the caller knows better than the configuration file.
    """
    try:
        config = replace(read_config(root or ROOT), **overrides)
        _prepare(app, config)
    except ConfigError as error:
        refuse(str(error))

    connector = Connector(config, scan(config))
    app.extensions["stacksync"] = connector
    _load_modules(app, connector, loader)
    endpoints.install(app, connector)
    return connector


def run(app: Flask) -> None:
    """Serve `app` for development, without a debugger, where its configuration says."""
    config: Config = app.extensions["stacksync"].config
    app.run(config.host, config.port, debug=False, use_debugger=False, use_reloader=False, threaded=True)


def _prepare(app: Flask, config: Config) -> None:
    app.json = JsonProvider(app)
    app.url_map.merge_slashes = False
    app.session_interface = Sessions()
    _find_routes_by_path(app)
    errors.install(app, config)
    cors.install(app, config)
    for part in (logs, metrics, sentry, security):
        part.install(app, config)


def _find_routes_by_path(app: Flask) -> None:
    """Leave the Host header alone, where no rule of the application asks for it.

    Flask takes it apart twice for each request, which is more than a tenth of all that Flask does for one.
    """
    by_host = app.create_url_adapter

    def bind(request: FlaskRequest | None) -> MapAdapter | None:
        urls, settings = app.url_map, app.config
        asks = urls.host_matching or app.subdomain_matching or settings["SERVER_NAME"] or settings.get("TRUSTED_HOSTS")
        if request is None or asks:
            return by_host(request)

        host = request.environ.get("HTTP_HOST") or request.host
        path = request.path if request.environ.get("PATH_INFO") else ""
        query = request.query_string.decode("latin-1")
        return MapAdapter(urls, host, request.root_path, "", request.scheme, path, request.method, query)

    app.create_url_adapter = bind  # type: ignore[method-assign]


def _load_modules(app: Flask, connector: Connector, loader: type[SourceFileLoader]) -> None:
    root = str(connector.config.root)
    if root not in sys.path:
        sys.path.insert(0, root)

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
    check: Callable[[Request], Any] = schema_file.checked
    if folder.validate_input == DYNAMIC:
        check = _maker_of_form(modules).checked_by_own_form
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
