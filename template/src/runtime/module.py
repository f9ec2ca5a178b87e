"""A module as its route file writes it: handlers for execute, content and schema."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint
from flask import Response as FlaskResponse
from flask.typing import RouteCallable

from .choice import content_object
from .discovery import escape, url_base
from .errors import ManagedError, log_empty
from .request import MissingKeyError, Request, current
from .response import Response, respond
from .schema_file import SchemaFile, invalid, require_connection

Handler = TypeVar("Handler", bound=Callable[[Request], Any])

# The platform's own calls; their bodies are checked before any handler runs.
PLATFORM_RULES = {"/execute", "/content", "/schema"}


class Module(Blueprint):
    """A blueprint that knows the folder it lives in: `module = Module(__name__)`.

    Attributes:
        lists_platform_keys: whether the listing has the keys that came with the platform's present kit.
        schema_file: its form, where it has one.
        check_input: what returns the form's values of a request, converted and checked; None where nobody asks.
    """

    lists_platform_keys = True

    def __init__(self, import_name: str) -> None:
        file = Path(str(sys.modules[import_name].__file__))
        self.folder = file.parent
        self.module = self.folder.parent.name
        self.version = self.folder.name
        self.url_base = url_base(self.folder)
        self.schema_file: SchemaFile | None = None
        self.check_input: Callable[[Request], Any] | None = None
        self.has_execute_handler = False
        self._schema_handler: Callable[[Request], Any] | None = None
        self._content: dict[str, Callable[[Request], Any]] = {}
        super().__init__(escape(f"{self.url_base[1:]}/{file.stem}"), import_name, url_prefix=self.url_base)

    def execute(self, handler: Handler) -> Handler:
        """Answer `/execute` with `handler`; its `request.data` has been checked against schema.json."""

        def execute() -> Any:
            return handler(current())

        self.has_execute_handler = True
        self.add_url_rule("/execute", "execute", execute, methods=["POST"])
        return handler

    def content(self, name: str) -> Callable[[Handler], Handler]:
        """Answer for the content object `name` with a list of choices."""

        def register(handler: Handler) -> Handler:
            if not self._content:
                self.add_url_rule("/content", "content", self._answer_content, methods=["POST"])
            if name in self._content:
                raise ValueError(f"two handlers for the content object {name!r}")
            self._content[name] = handler
            return handler

        return register

    def schema(self, handler: Handler) -> Handler:
        """Answer `/schema` with a form that depends on what was filled in; schema.json is served without it."""

        def schema() -> Any:
            form = self._form(handler, current())
            return Response({"schema": form}) if isinstance(form, dict) else form

        self._schema_handler = handler
        self.add_url_rule("/schema", "schema", schema, methods=["GET", "POST"])
        return handler

    def base_form(self, *fields: dict[str, Any], after: str | None = None) -> dict[str, Any]:
        """Return the form of schema.json with further fields: behind the field `after`, else at the end.

        Raises:
            TypeError: There is no schema.json.
        """
        base = self.schema_file.read() if self.schema_file else None
        if base is None:
            raise TypeError(f"{self.folder} has no schema.json")

        order = list(base.get("ui_options", {}).get("ui_order", [each["id"] for each in base["fields"]]))
        at = len(order) if after is None else order.index(after) + 1
        order[at:at] = [field["id"] for field in fields]
        return {
            **base,
            "fields": [*base["fields"], *fields],
            "ui_options": {**base.get("ui_options", {}), "ui_order": order},
        }

    @property
    def makes_form(self) -> bool:
        """Say whether it has a schema handler."""
        return self._schema_handler is not None

    def checked_by_own_form(self, request: Request) -> Any:
        """Return the form's values of a request, checked against the form that the schema handler makes of them.

        Raises:
            ManagedError: They do not fit, or lack the connection that the form requires.
            TypeError: The handler makes no form.
        """
        if self._schema_handler is None:
            raise TypeError("the module has no handler under @module.schema")

        form = _form_in(respond(self._form(self._schema_handler, request.with_form_data(request.data))))
        require_connection(form, request.has_connection)
        return request.validate(form)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: RouteCallable | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Register a view as Flask does; plain values that it returns are put into the envelope."""
        if view_func is not None:
            endpoint = endpoint or view_func.__name__
            checks = self._check_input if rule == "/execute" else None
            view_func = _enveloped(view_func, checks, reads_body=rule in PLATFORM_RULES)
        if rule.endswith("/"):
            # Answered with and without its slash, instead of redirecting a POST.
            options.setdefault("strict_slashes", False)

        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)

    def _check_input(self, request: Request) -> None:
        """Convert and check the form's values that execute gets, where that is asked for."""
        if self.check_input is not None:
            request.replace_data(self.check_input(request))

    def _form(self, handler: Callable[[Request], Any], request: Request) -> Any:
        """Ask a handler for its form: without a connection the base form is answered, and never an error."""
        try:
            return handler(request)
        except ManagedError as error:
            base = self.schema_file.read() if self.schema_file and _lacks_connection(error, request) else None
            if base is None:
                raise
            return base

    def _answer_content(self) -> Response:
        request = current()
        return Response({"content_objects": [self._content_object(name, request) for name in _asked(request)]})

    def _content_object(self, name: str, request: Request) -> dict[str, Any]:
        """Ask for one content object: one that fails is empty, so that the form and its other lists stay usable."""
        handler = self._content.get(name)
        if handler is None:
            known = ", ".join(sorted(self._content))
            raise ManagedError(f"Unknown content object {name!r}; known are {known}", status_code=404)
        try:
            return content_object(name, handler(request))
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            log_empty(name, error)
            return content_object(name, [])


def _lacks_connection(error: ManagedError, request: Request) -> bool:
    """Say whether a handler failed because none is chosen yet; 401 is what an API client says without credentials."""
    return (isinstance(error, MissingKeyError) or error.status_code == 401) and not request.has_connection()


def _enveloped(view: RouteCallable, checks: Callable[[Request], None] | None, *, reads_body: bool) -> RouteCallable:
    @wraps(view)
    def answer(**values: Any) -> Any:
        if reads_body:
            request = current()
            request.json  # noqa: B018 - read here, so that what is no JSON is refused before any handler runs
            if checks is not None:
                checks(request)
        try:
            return respond(view(**values))
        except SystemExit as error:
            # Neither Flask nor a thread of gunicorn's answers it: the caller would never hear.
            raise RuntimeError("a handler must return or raise an error, and not end the process") from error

    return answer


def _form_in(answer: Any) -> dict[str, Any]:
    """Return the form in what a schema handler answered: `{"data": {"schema": …}}`, or `{"data": …}`."""
    body = answer.get_json() if isinstance(answer, FlaskResponse) else None
    data = body.get("data") if isinstance(body, dict) else None
    form = data["schema"] if isinstance(data, dict) and "schema" in data else data
    if not isinstance(form, dict):
        raise TypeError("the handler under @module.schema must return a form")

    return form


def _asked(request: Request) -> list[str]:
    if not isinstance(request.data, dict):
        raise invalid("`data` must be a JSON object")
    names = request.data.get("content_object_names") or []
    asked = [_asked_name(name) for name in names] if isinstance(names, list) else [None]
    texts = [name for name in asked if isinstance(name, str)]
    if len(texts) != len(asked):
        raise invalid('`content_object_names` must be a list such as [{"id": "users"}]')

    return texts


def _asked_name(name: Any) -> Any:
    if not isinstance(name, dict):
        return name

    return next((name[key] for key in ("id", "content_object_name", "name") if key in name), None)
