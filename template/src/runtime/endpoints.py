"""The endpoints that every connector has; what they answer is fixed when the connector starts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from html import escape
from typing import Any

from flask import Flask, Response, request

from .config import Config
from .discovery import VersionFolder
from .errors import ErrorReply
from .module import Module
from .schema_file import SchemaError, SchemaFile
from .strict_json import encode

logger = logging.getLogger("stacksync.schema")


@dataclass
class Connector:
    """A connector as it started: what was found, what of it was loaded, and what failed to load.

    Args:
        folders: the versions.
        without_routes: folders that look like versions; a form in them is served, as the platform's own kit does.
        failed: the error id by URL base.
        modules: what the route files of a version define, by URL base.
        endpoints: the names of all views of modules, also of those that failed later.
    """

    config: Config
    folders: tuple[VersionFolder, ...]
    without_routes: tuple[VersionFolder, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)
    modules: dict[str, list[Module]] = field(default_factory=dict)
    endpoints: frozenset[str] = frozenset()

    @cached_property
    def shared_urls(self) -> frozenset[str]:
        """Return the URLs that more than one folder claims."""
        claims = Counter(folder.url_base for folder in self.folders)
        return frozenset(url for url, count in claims.items() if count > 1)

    def refuse_shared_url(self, folder: VersionFolder) -> None:
        """Raise unless `folder` is the only one with its URL."""
        if folder.url_base in self.shared_urls:
            claimants = [str(other.path) for other in self.folders if other.url_base == folder.url_base]
            raise RuntimeError(f"{' and '.join(claimants)} have the same URL {folder.url_base}; rename one of them")

    def listed(self) -> list[VersionFolder]:
        """Return the versions that are served."""
        return [folder for folder in self.folders if folder.url_base not in self.failed]

    def listing(self) -> list[dict[str, Any]]:
        """Return the metadata of the versions that are served."""
        return [
            folder.metadata(self.config.app_type, platform_keys=self._is_of_our_style(folder))
            for folder in self.listed()
        ]

    def route_files(self, base: str) -> list[str]:
        """Return the route files of the versions that claim a URL, as paths within the connector."""
        claimants = (folder for folder in self.folders if folder.url_base == base)
        return [file.relative_to(self.config.root).as_posix() for each in claimants for file in each.route_files]

    def _is_of_our_style(self, folder: VersionFolder) -> bool:
        return all(module.lists_platform_keys for module in self.modules.get(folder.url_base, ()))


def install(app: Flask, connector: Connector) -> None:
    """Add the built-in endpoints to `app`, after those of the modules."""
    if connector.failed:
        app.before_request(partial(_refuse_failed, connector))
    _add_schemas(app, connector)
    listing = connector.listing()
    app_config = {"app_settings": connector.config.public_settings, "modules": listing}
    for path, data in {
        "/health": {"status": "healthy"},
        "/app-config": app_config,
        "/modules-list": {"modules": listing},
    }.items():
        _add(app, path, _fixed_view({"data": data}))

    _add(app, "/ready", partial(_answer_ready, connector))
    _add(app, "/", _start_view(connector.config, listing, encode({"data": app_config})))
    # Made when first asked for: main.py may add routes until then.
    routes = cache(lambda: encode({"data": _routes(app, connector)}))
    _add(app, "/routes", lambda: Response(routes(), mimetype="application/json"))


def _add(app: Flask, rule: str, view: Callable[..., Response] | None, *methods: str) -> None:
    app.add_url_rule(rule, _endpoint(rule), view, methods=["GET", *methods])


def _endpoint(rule: str) -> str:
    # An application given to `install` may have functions named like these routes.
    return f"stacksync:{rule}"


def _fixed_view(body: Any) -> Callable[[], Response]:
    text = encode(body).encode()
    return lambda: Response(text, mimetype="application/json")


def _start_view(config: Config, listing: list[dict[str, Any]], as_json: str) -> Callable[[], Response]:
    page = start_page(config, listing)

    def start() -> Response:
        wanted = request.accept_mimetypes.best_match(["text/html", "application/json"])
        if wanted == "application/json":
            return Response(as_json, mimetype=wanted)
        return Response(page, mimetype="text/html")

    return start


def _refuse_failed(connector: Connector) -> Response | None:
    base = _base(request.path).replace(" ", "_")
    error_id = connector.failed.get(base)
    if error_id is None or _is_of_application(connector, request.endpoint):
        return None

    return ErrorReply(f"Module {base[1:]} failed to load", 503, {"module": base[1:]}, error_id=error_id).response()


def _is_of_application(connector: Connector, endpoint: str | None) -> bool:
    """Say whether the application given to `install` answers, which may have routes below the URL of a module."""
    return endpoint is not None and endpoint not in connector.endpoints and not endpoint.startswith(_endpoint(""))


def _base(path: str) -> str:
    return "/".join(path.split("/", 3)[:3])


def _answer_ready(connector: Connector) -> Response:
    if not connector.failed:
        return Response(encode({"data": {"status": "ready"}}), mimetype="application/json")

    failed = sorted(connector.failed)
    files = {base[1:]: connector.route_files(base) for base in failed}
    return ErrorReply("Some modules failed to load", 503, {"modules": list(files), "route_files": files}).response()


def _add_schemas(app: Flask, connector: Connector) -> None:
    config = connector.config
    # A version's own form goes before that of a folder which only has the same URL.
    lone = (folder for folder in connector.without_routes if folder.has_schema)
    forms = {folder.url_base: folder for folder in (*lone, *connector.folders)}
    for folder in forms.values():
        if folder.url_base in connector.failed:
            continue
        file = SchemaFile(folder.schema_path, config.modules_dir, reread=config.is_development)
        view = partial(_answer_schema, file, "Schema not found" if folder.has_schema else None)
        # The path that the listing publishes has the spaces of the folder's name, and the first SDK answered it.
        for path in dict.fromkeys((folder.url_base, f"/{folder.module_path}")):
            _add(app, f"{path}/schema", view, "POST")
    _add(app, "/<path:where>/schema", _unknown_schema, "POST")


def _answer_schema(file: SchemaFile, missing: str | None) -> Response:
    try:
        schema = file.read()
    except SchemaError as error:
        logger.error("%s", error)
        return _no_schema("Invalid schema format", 400)
    if schema is None:
        return _no_schema(missing) if missing else _unknown_schema(request.path[1 : -len("/schema")])

    return Response(encode({"data": {"schema": schema}}), mimetype="application/json")


def _unknown_schema(where: str) -> Response:
    return _no_schema(f"Schema not found for {where}")


def _no_schema(text: str, status: int = 404) -> Response:
    body = encode({"data": {"schema": {}, "error": text}})
    return Response(body, status=status, mimetype="application/json")


def _routes(app: Flask, connector: Connector) -> dict[str, Any]:
    served = (rule for rule in app.url_map.iter_rules() if _base(rule.rule) not in connector.failed)
    rules = sorted(served, key=lambda rule: rule.rule)
    endpoints = [
        {"path": each.rule, "endpoint": each.endpoint, "methods": sorted(each.methods or ())} for each in rules
    ]
    named = (pair for folder in connector.listed() for pair in folder.route_names().items())
    root = connector.config.root
    files = [{"path": file.relative_to(root).as_posix(), "module": name} for name, file in named]
    return {"endpoints": endpoints, "route_files": files}


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid #8888; padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; }}
code {{ font-family: ui-monospace, monospace; }}
</style>
</head>
<body>
<main>
<h1>{name}</h1>
<p>{description}</p>
<p>App type <code>{kind}</code>, environment <code>{environment}</code>.</p>
<h2>Modules</h2>
{modules}
</main>
</body>
</html>
"""
TABLE = """<table>
<thead><tr><th scope="col">Name</th><th scope="col">Path</th><th scope="col">Description</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def start_page(config: Config, modules: Sequence[Mapping[str, str]]) -> str:
    """Return the page; every text in it is escaped."""
    rows = "\n".join(_row(module) for module in modules)
    return PAGE.format(
        name=escape(config.app_name),
        kind=escape(config.app_type),
        description=escape(config.app_description),
        environment=escape(config.environment),
        modules=TABLE.format(rows=rows) if rows else "<p>This connector has no modules yet.</p>",
    )


def _row(module: Mapping[str, str]) -> str:
    name, path, text = (escape(module[key]) for key in ("module_name", "module_path", "module_description"))
    return f"<tr><td>{name}</td><td><code>{path}</code></td><td>{text}</td></tr>"
