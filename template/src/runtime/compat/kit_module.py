"""A handler file of the kit as the runtime serves it: one function, one URL, the kit's own bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask
from flask import Response as FlaskResponse
from flask import request as flask_request

from .. import errors
from ..errors import ErrorReply, ManagedError
from ..module import Module
from ..request import read_body
from ..strict_json import encode

JSON = "application/json"
# The body of a request goes in, that of the answer comes out.
Answer = Callable[[dict[str, Any]], dict[str, Any]]


class HandlerFile(Module):
    """The handler of a file such as execute.py.

    Args:
        import_name: The file's dotted name.
        kind: Its own name, the last part of the URL.
        answer: Makes the body of the answer.
    """

    def __init__(self, import_name: str, kind: str, answer: Answer) -> None:
        super().__init__(import_name)
        self.kind = kind
        self._answer = answer
        # Not by Module's own: the kit takes other bodies, and wraps what a handler returns in its own way.
        Blueprint.add_url_rule(self, f"/{kind}", kind, self.view, methods=["POST"])

    def register(self, app: Flask, options: dict[str, Any]) -> None:  # type: ignore[override]
        """Register it, also under the folder's name as it is written: the kit does not rewrite spaces."""
        super().register(app, options)
        written = f"/{self.module}/{self.version}"
        if written != self.url_base:
            app.add_url_rule(f"{written}/{self.kind}", f"{self.name}.written", self.view, methods=["POST"])

    def view(self) -> FlaskResponse:
        """Answer a request."""
        body = read_body(flask_request, lenient=True)
        try:
            return reply(self._answer(body))
        except ManagedError as error:
            return _managed(error)
        except SystemExit:
            return _unexpected(RuntimeError("a handler must return or raise an error, and not end the process"))
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            return _unexpected(error)


def reply(body: dict[str, Any], status: int = 200) -> FlaskResponse:
    """Return an answer of JSON.

    Raises:
        NotSerialisableError: Some part of it has no JSON form.
    """
    return FlaskResponse(encode(body), status=status, mimetype=JSON)


def flat(error: ManagedError) -> dict[str, Any]:
    """Return the body that the kit answers with: what is empty is left out."""
    rest = {"data": error.data, "metadata": error.metadata}
    return {"error": str(error.error), **{key: value for key, value in rest.items() if value}}


def _managed(error: ManagedError) -> FlaskResponse:
    """Tell the caller what the handler wrote, as flat as the kit does."""
    fault = errors.describe(error)
    errors.log(error, fault)
    try:
        return reply(flat(error), fault.status)
    except TypeError as broken:  # what a handler put into its error may be anything
        return _unexpected(broken)


def _unexpected(error: Exception) -> FlaskResponse:
    """Tell the caller nothing of what failed inside; the kit sends the error's text."""
    fault = ErrorReply("Internal server error", 500, names_status=True)
    errors.log(error, fault)
    return fault.response()
