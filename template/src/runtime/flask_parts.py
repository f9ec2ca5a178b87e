"""What Flask does for sites and a connector does its own way, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import MapAdapter, Rule

from .strict_json import encode


def install(app: Flask) -> None:
    """Give an application these parts; one that has rules or sessions of its own keeps them."""
    app.json = JsonProvider(app)
    app.url_map.merge_slashes = False
    app.session_interface = Sessions()
    if app.url_rule_class is Rule:
        app.url_rule_class = LazyRule
    _find_routes_by_path(app)


class JsonProvider(DefaultJSONProvider):
    """Flask's own JSON (`jsonify`), held to the same rules."""

    sort_keys = False

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Serialise `obj`; the rules of the wire win over Flask's options."""
        return encode(obj)


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions for an application that has a key for them; a connector keeps none."""

    none = NullSession()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request; without a key it is empty and takes nothing, so one does for all."""
        return super().open_session(app, request) if app.secret_key else self.none


class LazyRule(Rule):
    """A rule that learns to make its URLs when the first is asked for, if ever.

    Werkzeug compiles two functions for each rule, a third of the start of a connector with two hundred modules.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_builder(append_unknown))
            return made[0](rule, **values)

        return build


def _find_routes_by_path(app: Flask) -> None:
    """Leave the Host header alone, where no rule of the application asks for it.

    Flask takes it apart twice for each request, which is more than a tenth of all that Flask does for one.
    """
    by_host = app.create_url_adapter

    def bind(request: Request | None) -> MapAdapter | None:
        if request is None:
            return by_host(None)
        urls, settings = app.url_map, app.config
        if urls.host_matching or app.subdomain_matching or settings["SERVER_NAME"] or settings.get("TRUSTED_HOSTS"):
            return by_host(request)

        host = request.environ.get("HTTP_HOST") or request.host
        path = request.path if request.environ.get("PATH_INFO") else ""
        query = request.query_string.decode("latin-1")
        return MapAdapter(urls, host, request.root_path, "", request.scheme, path, request.method, query)

    app.create_url_adapter = bind  # type: ignore[method-assign]
