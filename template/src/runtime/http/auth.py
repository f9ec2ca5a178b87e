"""How a request is signed: an API key, a bearer token, OAuth 2.0; user and password are requests' `HTTPBasicAuth`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from requests import PreparedRequest, Response
from requests.auth import AuthBase

from ..errors import ManagedError
from .session import session


@dataclass
class BearerAuth(AuthBase):
    """Send `Authorization: Bearer TOKEN` (RFC 6750)."""

    token: str = field(repr=False)

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


@dataclass
class OAuth2(AuthBase):
    """Send an access token; renew it by refresh token or client credentials (RFC 6749, sections 6 and 4.4).

    With an access token alone nothing is renewed: the platform that made the connection does that.
    """

    access_token: str | None = field(default=None, repr=False)
    token_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    client_auth: str = "client_secret_basic"
    timeout: float = 30.0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request, fetching a token first where there is none."""
        if not self.access_token:
            self.renew()
        request.headers["Authorization"] = f"Bearer {self.access_token}"
        if self._renew_and_repeat not in request.hooks["response"]:
            request.hooks["response"].append(self._renew_and_repeat)
        return request

    def renew(self) -> None:
        """Get another access token.

        Raises:
            ManagedError: The connection lacks what is needed (401), or the token endpoint refused (502).
        """
        if not self._can_renew():
            raise ManagedError.unauthorized("The connection holds no access token, and nothing to get one with.")

        token = self._fetch()
        if not isinstance(token.get("access_token"), str):
            raise ManagedError.service_error(
                "The token endpoint gave no token.", str(urlsplit(self.token_url).hostname)
            )
        self.access_token = token["access_token"]
        self.refresh_token = token.get("refresh_token") or self.refresh_token

    def _can_renew(self) -> bool:
        return bool(self.token_url and self.client_id and (self.client_secret or self.refresh_token))

    def _fetch(self) -> dict[str, Any]:
        # Only a connector that renews its own tokens needs Authlib.
        from authlib.common.errors import AuthlibBaseError
        from authlib.integrations.requests_client import OAuth2Session

        client_auth = self.client_auth if self.client_secret else "none"
        client = OAuth2Session(self.client_id, self.client_secret, client_auth, scope=self.scope)
        # Through our own session, the token endpoint is called with the same care as the API.
        client.session = session(str(self.token_url), timeout=self.timeout)
        client.session.secrets = tuple(filter(None, (self.client_secret, self.refresh_token, self.access_token)))
        try:
            if self.refresh_token:
                return dict(client.refresh_token(self.token_url, self.refresh_token))
            return dict(client.fetch_token(self.token_url, grant_type="client_credentials"))
        except (AuthlibBaseError, TypeError, ValueError):
            return {}

    def _renew_and_repeat(self, response: Response, **kwargs: Any) -> Response:
        """Renew the token once where the API says 401; the call was not carried out, so it may be repeated."""
        request = response.request.copy()
        repeatable = request.body is None or isinstance(request.body, (bytes, str))
        if response.status_code != 401 or not self._can_renew() or not repeatable:
            return response

        _ = response.content  # leaves the connection to the next call
        response.close()
        self.renew()
        request.headers["Authorization"] = f"Bearer {self.access_token}"
        again: Response = response.connection.send(request, **kwargs)
        again.history.append(response)
        return again
