"""A module as its route file writes it: handlers for execute, content and schema."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint
from flask import request as flask_request
from flask.typing import RouteCallable

from .choice import as_choice
from .discovery import escape, url_base
from .errors import ManagedError
from .request import Request, read_body, unwrap
from .response import Response, respond
from .schema_file import SchemaFile

Handler = TypeVar("Handler", bound=Callable[[Request], Any])

# The platform's own calls; their bodies are checked before any handler runs.
PLATFORM_RULES = {"/execute", "/content", "/schema"}


class Module(Blueprint):
    """A blueprint that knows the folder it lives in: `module = Module(__name__)`."""

    def __init__(self, import_name: str) -> None:
        file = Path(str(sys.modules[import_name].__file__))
        self.folder = file.parent
        self.module = self.folder.parent.name
        self.version = self.folder.name
        self.url_base = url_base(self.folder)
        self.schema_file: SchemaFile | None = None
        self._content: dict[str, Callable[[Request], Any]] = {}
        super().__init__(escape(f"{self.url_base[1:]}/{file.stem}"), import_name, url_prefix=self.url_base)

    def execute(self, handler: Handler) -> Handler:
        """Answer `/execute` with `handler`; its `request.data` has been checked against schema.json."""

        def execute() -> Any:
            request = Request(flask_request)
            if self.schema_file is not None:
                request.data = self.schema_file.validated(request.data)
            return handler(request)

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
            form = handler(Request(flask_request))
            return Response({"schema": form}) if isinstance(form, dict) else form

        self.add_url_rule("/schema", "schema", schema, methods=["GET", "POST"])
        return handler

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
            view_func = _enveloped(view_func, reads_body=rule in PLATFORM_RULES)
        if rule.endswith("/"):
            # Answered with and without its slash, instead of redirecting a POST.
            options.setdefault("strict_slashes", False)

        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)

    def _answer_content(self) -> Response:
        request = Request(flask_request)
        objects = [{"content_object_name": name, "data": self._choices(name, request)} for name in _asked(request)]
        return Response({"content_objects": objects})

    def _choices(self, name: str, request: Request) -> list[Any]:
        handler = self._content.get(name)
        if handler is None:
            known = ", ".join(sorted(self._content))
            raise ManagedError(f"Unknown content object {name!r}; known are {known}", status_code=404)

        choices = handler(request)
        if choices is None or isinstance(choices, (str, bytes, dict)):
            raise TypeError(f"the handler of content object {name!r} must return a list of choices")
        return [as_choice(entry) for entry in choices]


def _enveloped(view: RouteCallable, *, reads_body: bool) -> RouteCallable:
    @wraps(view)
    def answer(**values: Any) -> Any:
        if reads_body:
            read_body(unwrap(flask_request))
        try:
            return respond(view(**values))
        except SystemExit as error:
            # Neither Flask nor a thread of gunicorn's answers it: the caller would never hear.
            raise RuntimeError("a handler must return or raise an error, and not end the process") from error

    return answer


def _asked(request: Request) -> list[str]:
    if not isinstance(request.data, dict):
        raise _invalid("`data` must be a JSON object")
    names = request.data.get("content_object_names") or []
    asked = (
        [name.get("id") if isinstance(name, dict) else name for name in names] if isinstance(names, list) else [None]
    )
    texts = [name for name in asked if isinstance(name, str)]
    if len(texts) != len(asked):
        raise _invalid('`content_object_names` must be a list such as [{"id": "users"}]')

    return texts


def _invalid(text: str) -> ManagedError:
    return ManagedError(text, metadata={"type": "validation_error"})
