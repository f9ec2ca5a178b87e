"""OAuth 2.0: tokens that the platform delivers are sent as they come; those of client credentials are fetched here."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from requests import PreparedRequest, Response
from requests.auth import AuthBase, HTTPBasicAuth

from ..carried import keep_secret
from ..errors import ManagedError
from .auth import BearerAuth
from .deadline import time_left
from .faults import ApiError, Known, api_error, find_reason, refused
from .limits import Kept, fingerprint, seconds_until
from .sending import IDEMPOTENT, Retries
from .session import session

# A token is renewed a minute before it expires, or when a tenth of its life is left, whichever is later.
MARGIN, MARGIN_SHARE = 60.0, 0.1
EXPIRY = ("expires_in", "expires_at", "expires_on")
UNKNOWN_LIFE = 3600.0
# Fetching a token twice does no harm. Others wait for this one, each with a thread, so it must not take long.
FETCHING = Retries(longest_wait=1.0, budget=20.0, methods=IDEMPOTENT | {"POST"})


@dataclass
class OAuth2(AuthBase):
    """Send an access token: the one that the platform delivers, else one of client credentials (RFC 6749, section 4.4).

    Args:
        access_token: The connection's; never renewed here, for the platform does that.
        token_url: Where a token is fetched for `client_id` and `client_secret`.
        refresh_token: Deprecated and not used: only the platform renews the token of a user.
        scope: Asked for where it is given, as are `audience` and `resource`.
        client_auth: How the client shows who it is: `client_secret_basic` or `client_secret_post`.
        timeout: Seconds to wait for each part of the token endpoint's answer.
    """

    access_token: str | None = field(default=None, repr=False)
    token_url: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    client_auth: str = "client_secret_basic"
    timeout: float = 30.0
    audience: str | None = None
    resource: str | None = None

    advice = BearerAuth.advice

    def __post_init__(self) -> None:
        if self.refresh_token:
            text = "OAuth2: refresh_token is not used: the platform renews the access token of a connection"
            warnings.warn(text, DeprecationWarning, stacklevel=3)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request, fetching a token first where there is none.

        Raises:
            ManagedError: The connection holds no token and not all that one is fetched with (401).
            ApiError: The token endpoint gave none (502).
        """
        token = self.access_token or self._held().get(self._fetch)
        request.headers["Authorization"] = f"Bearer {token}"
        if not self.access_token and self._renew_and_repeat not in request.hooks["response"]:
            request.hooks["response"].append(self._renew_and_repeat)
        keep_secret(token)
        return request

    def _held(self) -> HeldToken:
        # Who holds a refresh token is a user, whom client credentials would not stand for.
        if self.refresh_token or not (self.token_url and self.client_id and self.client_secret):
            raise ManagedError.unauthorized(f"The connection holds no access token. {self.advice}")

        asked = (self.token_url, self.client_id, self.client_secret, self.scope, self.audience, self.resource)
        return TOKENS.of(fingerprint(None, *asked, self.client_auth))

    def _fetch(self) -> tuple[str, float]:
        """Fetch a token; return it and the seconds that it is valid for."""
        wanted = {"scope": self.scope, "audience": self.audience, "resource": self.resource}
        form = {"grant_type": "client_credentials", **{name: value for name, value in wanted.items() if value}}
        client_id, secret = str(self.client_id), str(self.client_secret)
        basic: AuthBase | None = None
        if self.client_auth == "client_secret_post":
            form.update(client_id=client_id, client_secret=secret)
        else:
            # Section 2.3.1: both are encoded as in a form first.
            basic = HTTPBasicAuth(quote_plus(client_id), quote_plus(secret))
        # Through our own session, the token endpoint is called with the same care as the API.
        client = session(str(self.token_url), basic, timeout=self.timeout, retries=FETCHING)
        client.secrets = (secret,)
        return _token_in(client.post(str(self.token_url), data=form, headers={"Accept": "application/json"}), secret)

    def _renew_and_repeat(self, response: Response, **kwargs: Any) -> Response:
        """Renew the token once where the API says 401; the call was not carried out, so it may be repeated."""
        request = response.request.copy()
        repeatable = request.body is None or isinstance(request.body, (bytes, str))
        if response.status_code != 401 or not repeatable:
            return response

        response.close()
        used = str(request.headers.get("Authorization")).removeprefix("Bearer ")
        request.headers["Authorization"] = f"Bearer {self._held().get(self._fetch, refused=used)}"
        again: Response = response.connection.send(request, **kwargs)
        again.history.append(response)
        return again


def _token_in(response: Response, secret: str) -> tuple[str, float]:
    """Read the answer of a token endpoint: JSON, or a form as some send it."""
    try:
        answer = response.json()
    except ApiError:
        answer = dict(parse_qsl(response.text))
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if isinstance(token, str) and token:
        lasts = next((answer[name] for name in EXPIRY if answer.get(name) is not None), UNKNOWN_LIFE)
        seconds = seconds_until(lasts)
        return token, UNKNOWN_LIFE if seconds is None else seconds

    # Without an error in it, the answer may hold the token somewhere else: it is not told.
    if not isinstance(answer, dict) or "error" not in answer:
        raise api_error(response.request, "gave no token")
    raise refused(response, Known([secret], lambda _: find_reason(answer)), what="gave no token")


@dataclass
class HeldToken:
    """One token; whoever comes first fetches it, the others wait for that."""

    text: str = ""
    ends: float = 0.0
    failure: ManagedError | None = None
    failed_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, fetch: Callable[[], tuple[str, float]], refused: str = "") -> str:
        """Return the token; fetch it where it is about to expire, or is the one that was refused."""
        asked_at = time.monotonic()
        if self._is_good(refused):
            return self.text
        if not self.lock.acquire(timeout=min(time_left(), threading.TIMEOUT_MAX)):
            raise ApiError("The token was not fetched in time.", status_code=504)
        try:
            if self._is_good(refused):
                return self.text
            # Those who waited for a fetch that failed do not repeat it one after the other.
            if self.failure and self.failed_at > asked_at:
                raise self.failure.with_traceback(None)
            return self._renew(fetch)
        finally:
            self.lock.release()

    def _is_good(self, refused: str) -> bool:
        return self.text not in ("", refused) and time.monotonic() < self.ends

    def _renew(self, fetch: Callable[[], tuple[str, float]]) -> str:
        try:
            token, seconds = fetch()
        except ManagedError as failure:
            self.failure, self.failed_at = failure, time.monotonic()
            raise
        self.text, self.failure = token, None
        self.ends = time.monotonic() + seconds - min(MARGIN, seconds * MARGIN_SHARE)
        return token


TOKENS = Kept(HeldToken, most=500)
