"""Errors: what a connector raises, and the envelope every error reaches its caller in."""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from flask import Flask
from flask import Response as FlaskResponse
from werkzeug.exceptions import HTTPException

from .config import DEVELOPMENT, Config
from .strict_json import encode

# An answer of 100 to 199 is not the last one, and no server sends others.
STATUS = re.compile("[2-5][0-9][0-9]")

logger = logging.getLogger("stacksync.errors")


def read_status(value: Any) -> int:
    """Return the status that a handler gave, as a number or a text.

    Raises:
        TypeError: It is no status that an answer can have; a fault of the connector.
    """
    if type(value) is int and 200 <= value <= 599:
        return value
    text = str(value)
    if isinstance(value, str) and STATUS.fullmatch(text):
        return int(text)

    raise TypeError(f"{text[:20]!r} is no status of an answer; those are 200 to 599")


class ManagedError(Exception):
    """An error meant for the caller: a text, data, and the HTTP status to answer with."""

    def __init__(self, error: Any, data: Any = None, metadata: Any = None, status_code: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.data = {} if data is None else data
        self.metadata = {} if metadata is None else metadata
        self.status_code = status_code

    @classmethod
    def validation_error(cls, error: Any, data: Any = None, metadata: Any = None) -> ManagedError:
        """Make a 400: the input is wrong."""
        return cls(error, data, metadata, 400)

    @classmethod
    def unauthorized(cls, message: str = "Unauthorized access", metadata: Any = None) -> ManagedError:
        """Make a 401: the credentials are missing or wrong."""
        return cls(message, None, metadata, 401)

    @classmethod
    def forbidden(cls, message: str = "Access forbidden", metadata: Any = None) -> ManagedError:
        """Make a 403: the credentials do not allow this."""
        return cls(message, None, metadata, 403)

    @classmethod
    def not_found(cls, resource: str, identifier: Any, metadata: Any = None) -> ManagedError:
        """Make a 404 that says which resource is missing."""
        data = {"resource": resource, "identifier": identifier}
        return cls(f"{resource} not found: {identifier}", data, metadata, 404)

    @classmethod
    def not_found_error(cls, error: Any, resource: str, identifier: Any) -> ManagedError:
        """Make a 404 with a text of your own."""
        return cls(error, {"identifier": identifier}, {"error_type": "not_found", "resource": resource}, 404)

    @classmethod
    def server_error(cls, error: Any, metadata: Any = None) -> ManagedError:
        """Make a 500: the connector itself is at fault."""
        return cls(error, None, metadata, 500)

    @classmethod
    def service_error(cls, error: Any, service: str, data: Any = None) -> ManagedError:
        """Make a 502: the third-party service is at fault."""
        return cls(error, data, {"error_type": "service", "service": service}, 502)


@dataclass(frozen=True)
class ErrorReply:
    """What is said about one error: to the caller, and under `error_id` in the log.

    Args:
        names_status: whether the body repeats the status, as the platform's kit does for errors that nobody handled.
    """

    text: str
    status: int
    data: Any = field(default_factory=dict)
    metadata: Any = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    error_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    names_status: bool = False

    def envelope(self) -> dict[str, Any]:
        """Return the body of the answer."""
        known = self.metadata if isinstance(self.metadata, Mapping) else {"metadata": self.metadata}
        base = {"timestamp": datetime.now(timezone.utc).isoformat(), "environment": environment()}
        body = {"error": self.text, "data": self.data, "metadata": {**base, **known, "error_id": self.error_id}}
        return {**body, "status_code": self.status} if self.names_status else body

    def response(self) -> FlaskResponse:
        """Return the answer itself."""
        answer = FlaskResponse(encode(self.envelope()), status=self.status, mimetype="application/json")
        answer.headers.extend(self.headers)
        return answer


def environment() -> str:
    """Return ENVIRONMENT as it was given."""
    return os.environ.get("ENVIRONMENT", "").strip() or "development"


def describe(error: BaseException) -> ErrorReply:
    """Decide what the caller is told about `error`: what its author wrote for callers, else that something failed."""
    if isinstance(error, ManagedError):
        return _describe_managed(error)
    if isinstance(error, HTTPException):
        return _describe_http(error)
    if isinstance(error, ValueError):
        return ErrorReply(str(error), 400, metadata={"type": "validation_error", "original_error": str(error)})

    return ErrorReply("Internal server error", 500, names_status=True)


def install(app: Flask, config: Config) -> None:
    """Answer every error of `app` in the envelope."""

    def answer(error: Exception) -> FlaskResponse:
        if isinstance(error, HTTPException) and error.response is not None:
            return error.response  # type: ignore[return-value]
        fault = describe(error)
        try:
            log(error, fault)
            response = fault.response()
        except Exception as broken:  # noqa: BLE001 - what a handler put into its error may be anything
            fault = ErrorReply("Internal server error", 500, error_id=fault.error_id, names_status=True)
            log(broken, fault)
            return fault.response()
        if config.errors_always_400 and not isinstance(error, HTTPException):
            response.status_code = 400
        return response

    app.register_error_handler(Exception, answer)


def _describe_managed(error: ManagedError) -> ErrorReply:
    try:
        return ErrorReply(str(error.error), read_status(error.status_code), error.data, error.metadata)
    except TypeError as fault:
        logger.error("%s: %s", type(error).__name__, fault)
        return ErrorReply("Internal server error", 500, names_status=True)


def log(error: Exception, fault: ErrorReply) -> None:
    """Log an error under its id; HTTP errors are the caller's, and logged with the request."""
    if isinstance(error, HTTPException):
        return

    # Texts of managed errors are not logged: they may quote what a user typed.
    known = isinstance(error, ManagedError)
    level = logging.ERROR if fault.status >= 500 and not known else logging.WARNING
    text = "%s answered with %d"
    shown = None if known else error
    logger.log(level, text, type(error).__name__, fault.status, exc_info=shown, extra={"error_id": fault.error_id})


def log_empty(name: str, error: Exception) -> None:
    """Log why a list of choices is empty; in development with the reason, which its caller does not get."""
    fault = describe(error)
    log(error, fault)
    if isinstance(error, ManagedError) and environment().lower() in DEVELOPMENT:
        logger.warning("No choices for %s: %s", name, fault.text, extra={"error_id": fault.error_id})


def _describe_http(error: HTTPException) -> ErrorReply:
    status = error.code or 500
    headers = tuple((name, value) for name, value in error.get_headers() if name.lower() != "content-type")
    return ErrorReply(error.description or error.name, status, {"code": status, "name": error.name}, headers=headers)
