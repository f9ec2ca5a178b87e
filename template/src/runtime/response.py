"""The envelope of an answer: `{"data": ..., "metadata": {...}}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response as FlaskResponse
from flask import make_response
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from .errors import ErrorReply, ManagedError, describe, read_status
from .strict_json import NotSerialisableError, encode

JSON = "application/json"
# RFC 9110, section 5: servers refuse any other, when it is too late for the envelope.
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class Response(FlaskResponse):
    """An answer in the platform's envelope; `metadata` and `data_type` are left out when there is none."""

    default_mimetype = JSON

    def __init__(
        self,
        data: Any = None,
        metadata: Mapping[str, Any] | None = None,
        status_code: int = 200,
        *,
        data_type: str | None = None,
    ) -> None:
        body: dict[str, Any] = {"data": data}
        if data_type:
            body["data_type"] = data_type
        if metadata:
            body["metadata"] = metadata
        super().__init__(encode(body), status=read_status(status_code), content_type=JSON)

    @classmethod
    def success(cls, data: Any = None, metadata: Mapping[str, Any] | None = None, status_code: int = 200) -> Response:
        """Make the same answer as `Response(...)`."""
        return cls(data, metadata, status_code)

    @classmethod
    def content(
        cls, content_objects: Iterable[Any], metadata: Mapping[str, Any] | None = None, status_code: int = 200
    ) -> Response:
        """Make an answer of paged content objects; entries without a name are left out."""
        objects = [_content_object(entry) for entry in content_objects if _name(entry)]
        pagination = {"has_more": False, "next_cursor": None}
        return cls({"content_objects": objects, "pagination": pagination}, metadata, status_code)

    @classmethod
    def error(cls, error: Any, data: Any = None, metadata: Any = None, status_code: int | None = None) -> FlaskResponse:
        """Make an error answer of a text or an exception; its own status counts unless one is given."""
        told = describe(error) if isinstance(error, (ManagedError, HTTPException)) else ErrorReply(str(error), 400)
        status = told.status if status_code is None else read_status(status_code)
        fault = ErrorReply(
            told.text,
            status,
            data={"error": data} if isinstance(data, str) else data or told.data,
            metadata={**_mapping(metadata), **_mapping(told.metadata)},
        )
        body = encode({**fault.envelope(), "status_code": status})
        return FlaskResponse(body, status=status, mimetype=JSON)


def respond(value: Any) -> Any:
    """Wrap what a handler returned; what Flask knows as a response passes through.

    Raises:
        NotSerialisableError: The handler returned nothing, or something without a JSON form.
    """
    if type(value) is Response:
        return value
    if isinstance(value, WerkzeugResponse):
        read_status(value.status_code)
        return value
    if isinstance(value, tuple) and len(value) > 1:
        return _respond_with(*value)
    if value is None:
        raise NotSerialisableError("the handler returned nothing")

    return value if callable(value) else Response(value)


def _respond_with(value: Any, *rest: Any) -> FlaskResponse:
    """Make the answer here, where what is wrong with its status or headers is an error of the handler."""
    # Flask takes `(value, headers)` too.
    if rest[0] is not None and not isinstance(rest[0], (Mapping, list, tuple)):
        rest = (read_status(rest[0]), *rest[1:])
    response = make_response((respond(value), *rest))
    for name, text in response.headers:
        if not (HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(text)):
            raise TypeError(f"{name[:40]!r} is no header that an answer can have")

    return response


def _mapping(metadata: Any) -> Mapping[str, Any]:
    if isinstance(metadata, Mapping):
        return metadata

    return {"metadata": metadata} if metadata else {}


def _name(entry: Any) -> Any:
    return isinstance(entry, Mapping) and (entry.get("id") or entry.get("content_object_name") or entry.get("name"))


def _content_object(entry: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "id": _name(entry),
        "content": entry.get("data") or entry.get("content") or [],
        "pagination": {
            "has_next_page": entry.get("has_next_page", False),
            "next_cursor": entry.get("next_cursor"),
        },
    }
    return {**shown, "metadata": entry["metadata"]} if entry.get("metadata") else shown
