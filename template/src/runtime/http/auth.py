"""What a connection holds, and how a request is signed with it; user and password are requests' `HTTPBasicAuth`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from ..errors import ManagedError


@dataclass
class BearerAuth(AuthBase):
    """Send `Authorization: Bearer TOKEN` (RFC 6750)."""

    token: str = field(repr=False)
    # What a user can do when the API answers 401.
    advice: ClassVar[str] = "Connect the account again."

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass
class ApiKeyAuth(AuthBase):
    """Send an API key in the header `header`, or in the query under the name `query` where the API wants it there."""

    key: str = field(repr=False)
    header: str = "X-API-Key"
    query: str | None = None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request."""
        if self.query is None:
            request.headers[self.header] = self.key
        else:
            request.url = self._with_key(str(request.url), self.query)
        return request

    def _with_key(self, url: str, name: str) -> str:
        parts = urlsplit(url)
        others = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != name]
        return parts._replace(query=urlencode([*others, (name, self.key)])).geturl()


def credential(connection: Mapping[str, Any], *names: str) -> str:
    """Return the first of `names` that the connection holds; generic API credentials may hold them as JSON.

    Raises:
        ManagedError: The connection holds none of them (401).
    """
    values = unpack(connection)
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()

    raise ManagedError.unauthorized(f"The connection holds no {' and no '.join(names)}. Connect the account again.")


def unpack(connection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a connection, those of its `api_credentials` among them where that text is a JSON object.

    Connections of the type `generic_api_credentials` hold only this text: one key, or JSON with several values.
    """
    values = dict(connection)
    try:
        held = json.loads(str(values.get("api_credentials")))
    except (ValueError, RecursionError):
        return values
    if not isinstance(held, dict):
        return values

    del values["api_credentials"]
    return {**values, **held}


def secrets_of(auth: object) -> list[str]:
    """Return the secrets an auth object holds: the fields a dataclass hides from its repr, else every text in it."""
    if is_dataclass(auth):
        held: Any = [getattr(auth, each.name) for each in fields(auth) if not each.repr]
    else:
        held = list(getattr(auth, "__dict__", {}).values())

    return list(_texts_in(held))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    elif isinstance(value, (list, tuple, Mapping)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(each)
