"""A `requests.Session` for one API: one host, HTTPS, always a timeout, retries, errors for the caller."""

from __future__ import annotations

import ipaddress
import posixpath
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from requests.auth import AuthBase
from requests.utils import get_auth_from_url
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError, ResponseError, SSLError
from urllib3.util import Retry

from ..errors import ManagedError
from .faults import PUBLIC_HEADERS, AnswerAdapter, refused, secrets_of, service_error, unreachable

# RFC 9110, section 9.2.2: repeating one of these has the effect of sending it once.
IDEMPOTENT = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"})
PASSING_FAULTS = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Retries:
    """How often and how long a call is tried again; `methods` may add POST where it only reads, as searches do."""

    attempts: int = 3
    backoff: float = 0.5
    longest_wait: float = 20.0
    budget: float = 60.0
    methods: frozenset[str] = IDEMPOTENT

    def as_retry(self) -> Retry:
        """Return these settings as urllib3 takes them."""
        return BoundedRetry(
            self,
            total=self.attempts,
            allowed_methods=self.methods,
            status_forcelist=PASSING_FAULTS,
            backoff_factor=self.backoff,
            backoff_jitter=self.backoff,
            backoff_max=self.longest_wait,
            raise_on_status=False,
        )


class BoundedRetry(Retry):
    """urllib3's Retry that also gives up: rather than come back before Retry-After, and when the budget is spent."""

    def __init__(self, bounds: Retries, *, deadline: float | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self.bounds = bounds
        self.deadline = deadline
        self.wait = 0.0

    def new(self, **changes: Any) -> BoundedRetry:
        """Copy with changes."""
        return super().new(bounds=self.bounds, deadline=self.deadline, **changes)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Return the seconds that Retry-After asks for; None when there is none, or none that can be read."""
        try:
            return super().get_retry_after(response)
        except InvalidHeader:
            return None

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> BoundedRetry:
        """Count one more attempt, or give up."""
        # Waiting longer was not asked for, and a certificate does not become valid.
        if isinstance(error, (ReadTimeoutError, SSLError)):
            raise error
        reason = error or ResponseError("too many error responses")
        # urllib3 repeats any method when the connection could not be made; we promise less.
        if (method or "").upper() not in self.bounds.methods:
            raise MaxRetryError(_pool, url or "", reason)  # type: ignore[arg-type]

        following = super().increment(method, url, response, error, _pool, _stacktrace)
        following.deadline = self.deadline or time.monotonic() + self.bounds.budget
        asked = following.get_retry_after(response) if response else None
        following.wait = following.get_backoff_time() if asked is None else asked
        if following.wait > self.bounds.longest_wait or time.monotonic() + following.wait > following.deadline:
            raise MaxRetryError(_pool, url or "", reason)  # type: ignore[arg-type]

        return following

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as was decided; urllib3 itself takes `Retry-After: 0` for none."""
        time.sleep(self.wait)


BY_DEFAULT = Retries()


def session(
    base_url: str, auth: AuthBase | None = None, *, timeout: float = 30.0, retries: Retries = BY_DEFAULT
) -> Session:
    """Make a session for the API at `base_url`.

    Args:
        base_url: Where the API begins, such as `https://api.example.com/v2`; what is called is below it.
        auth: Signs the requests; it is never asked to sign one for another host.
        timeout: Seconds to wait for a connection, and for each part of an answer; a call may give its own.
        retries: What is tried again, how often and how long.

    Raises:
        ManagedError: `base_url` is not a whole address.
    """
    made = Session(base_url, timeout)
    made.auth = auth
    for scheme in ("https://", "http://"):
        made.mount(scheme, AnswerAdapter(max_retries=retries.as_retry()))

    return made


class Session(requests.Session):
    """Calls to one API; what `session()` makes."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__()
        self.base_url = _prepared(base_url).rstrip("/")
        self.timeout = timeout
        self.secrets: tuple[str, ...] = ()

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Call `url`: a path below the base URL, or a whole URL of the same host, as the links of an answer are.

        Raises:
            ManagedError: The API refused (502, its status in the metadata), or gave no answer (502, in time 504).
        """
        asked = url.decode() if isinstance(url, bytes) else url
        whole = asked if asked.lower().startswith(("https://", "http://")) else f"{self.base_url}/{asked.lstrip('/')}"
        try:
            return super().request(method, whole, *args, **kwargs)
        except (requests.RequestException, ValueError):
            # The library's own text is not told: it quotes the header, and with it the credential.
            host = urlsplit(self.base_url).hostname
            raise ManagedError(f"The request to {host} cannot be sent: a value in it is not valid.") from None

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare one request: its address is read here, checked, and signed and called as it was read."""
        address = _prepared(str(request.url))
        if _origin(address) != _origin(self.base_url):
            host, other = urlsplit(self.base_url).hostname, urlsplit(address).hostname
            raise ManagedError.service_error(f"{other} is not the host of this session, which is {host}", str(host))
        if str(request.url).startswith(f"{self.base_url}/") and not _is_below(address, self.base_url):
            below = urlsplit(self.base_url).path or "/"
            raise ManagedError(f"The path of a request leaves {below}, below which this session calls.")

        request.url = address
        if request.auth is None and self.auth is None:
            # With none at all, requests would look into the .netrc of whoever runs the connector.
            request.auth = get_auth_from_url(address) if "@" in urlsplit(address).netloc else _unsigned
        return super().prepare_request(request)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request; redirects come through here too."""
        self._check(request)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        secrets = [*self.secrets, *secrets_of(self.auth)]
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as fault:
            raise unreachable(fault, request, secrets) from None
        if response.status_code >= 400:
            raise refused(response, secrets)

        response.secrets = tuple(secrets)  # type: ignore[attr-defined]
        return response

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Sign a redirected request again; one to another host loses everything that could be a secret."""
        try:
            prepared_request.url = _prepared(str(prepared_request.url))
        except ManagedError:
            raise service_error(response.request, "redirects to an address that is none") from None
        if _origin(prepared_request.url) == _origin(self.base_url):
            prepared_request.prepare_auth(self.auth)
            return

        prepared_request.hooks = {"response": []}
        for name in [name for name in prepared_request.headers if name.lower() not in PUBLIC_HEADERS]:
            del prepared_request.headers[name]

    def _check(self, request: requests.PreparedRequest) -> None:
        target, base = urlsplit(str(request.url)), urlsplit(self.base_url)
        if target.scheme != "https" and not _is_loopback(target):
            raise service_error(request, "must be called over https")
        if _origin(request.url) == _origin(self.base_url):
            return
        if _is_loopback(target) and not _is_loopback(base):
            raise service_error(request, f"is this machine; {base.hostname} must not redirect to it")
        if request.body is not None:
            raise service_error(request, f"is another host; {base.hostname} must not redirect data to it")


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _prepared(url: str) -> str:
    """Return the address as it will be called, in the one reading that everything here is decided by.

    `https://evil.test\\@api.example.com` has one host for urllib.parse and another for what opens the connection.

    Raises:
        ManagedError: It is not a whole address.
    """
    request = requests.PreparedRequest()
    try:
        request.prepare_url(url, None)
        whole = str(request.url)
        if urlsplit(whole).hostname:
            return whole
    except (requests.RequestException, ValueError):
        pass

    raise ManagedError("The address of the API must be a whole one, such as https://api.example.com.")


def _is_below(address: str, base: str) -> bool:
    """Say whether a path stays below another one, also for a server that decodes it once more."""
    path = posixpath.normpath(unquote(unquote(urlsplit(address).path)).replace("\\", "/"))
    below = urlsplit(base).path.rstrip("/")
    return path == below or path.startswith(f"{below}/")


def _origin(url: Any) -> tuple[str, str | None, int | None]:
    parts = urlsplit(str(url))
    try:
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        port = -1

    return parts.scheme, parts.hostname, port


def _is_loopback(parts: SplitResult) -> bool:
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
