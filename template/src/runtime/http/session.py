"""A `requests.Session` for one API: one host, HTTPS, always a timeout, retries, errors for the caller."""

from __future__ import annotations

import ipaddress
import posixpath
import uuid
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from requests.auth import AuthBase
from requests.utils import get_auth_from_url

from ..errors import ManagedError
from .auth import secrets_of
from .deadline import within
from .faults import PUBLIC_HEADERS, ApiError, ErrorReader, Known, api_error, refused, unreachable
from .limits import fingerprint
from .sending import CALLER, LONGEST_ANSWER, Adapter, Caller, Retries

BY_DEFAULT = Retries()


def session(
    base_url: str,
    auth: AuthBase | None = None,
    *,
    timeout: float = 30.0,
    retries: Retries = BY_DEFAULT,
    read_error: ErrorReader | None = None,
) -> Session:
    """Make a session for the API at `base_url`.

    Args:
        base_url: Where the API begins, such as `https://api.example.com/v2`; what is called is below it.
        auth: Signs the requests; it is never asked to sign one for another host.
        timeout: Seconds to wait for each part of an answer, and for a connection up to 10; a call may give its own.
            All of a call together takes no longer than `retries.budget`.
        retries: What is tried again, how often and how long.
        read_error: Returns the reason in an error of this API; None where it is to be looked for as usual.

    Raises:
        ManagedError: `base_url` is not a whole address.
    """
    made = Session(base_url, timeout, retries)
    made.auth = auth
    made.read_error = read_error
    return made


class Session(requests.Session):
    """Calls to one API; what `session()` makes.

    `largest` is how many bytes an answer may have, decompressed; a module that streams files may set it.
    """

    def __init__(self, base_url: str, timeout: float, retries: Retries = BY_DEFAULT) -> None:
        super().__init__()
        self.base_url = _prepared(base_url).rstrip("/")
        self.timeout, self.retries = timeout, retries
        self.largest = LONGEST_ANSWER
        self.read_error: ErrorReader | None = None
        self.secrets: tuple[str, ...] = ()
        for scheme in ("https://", "http://"):
            self.mount(scheme, Adapter(retries))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Call `url`: a path below the base URL, or a whole URL of the same host, as the links of an answer are.

        Raises:
            ApiError: The API refused (502), or gave no answer (502, in time 504).
        """
        asked = url.decode() if isinstance(url, bytes) else url
        whole = asked if asked.lower().startswith(("https://", "http://")) else f"{self.base_url}/{asked.lstrip('/')}"
        try:
            with within(self.retries.budget):
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
            raise ApiError.service_error(f"{other} is not the host of this session, which is {host}", str(host))
        if str(request.url).startswith(f"{self.base_url}/") and not _is_below(address, self.base_url):
            below = urlsplit(self.base_url).path or "/"
            raise ManagedError(f"The path of a request leaves {below}, below which this session calls.")

        request.url = address
        if self.retries.idempotency_header and str(request.method).upper() in {"POST", "PATCH"}:
            request.headers = {self.retries.idempotency_header: uuid.uuid4().hex, **(request.headers or {})}
        if request.auth is None and self.auth is None:
            # With none at all, requests would look into the .netrc of whoever runs the connector.
            request.auth = get_auth_from_url(address) if "@" in urlsplit(address).netloc else _unsigned
        return super().prepare_request(request)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request; redirects come through here too."""
        self._check(request)
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        is_streamed = kwargs.get("stream", self.stream)
        caller = CALLER.set(Caller(self._connection(), self.largest))
        try:
            with within(self.retries.budget):
                # Of an error the status counts, though its body may break off.
                response = super().send(request, **{**kwargs, "stream": True})
                if response.status_code < 400 and not is_streamed:
                    _ = response.content
        except requests.RequestException as fault:
            raise unreachable(fault, request) from None
        finally:
            CALLER.reset(caller)
        if response.status_code >= 400:
            known = Known([*self.secrets, *secrets_of(self.auth)], self.read_error, getattr(self.auth, "advice", ""))
            raise refused(response, known, retry_after=getattr(response, "retry_after", None))

        return response

    def _connection(self) -> bytes:
        own = {name: value for name, value in self.headers.items() if name.lower() not in PUBLIC_HEADERS}
        return fingerprint(self.auth, own, self.params, self.secrets)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Sign a redirected request again; one to another host loses everything that could be a secret."""
        try:
            prepared_request.url = _prepared(str(prepared_request.url))
        except ManagedError:
            raise api_error(response.request, "redirects to an address that is none") from None
        if _origin(prepared_request.url) == _origin(self.base_url):
            prepared_request.prepare_auth(self.auth)
            return

        prepared_request.hooks = {"response": []}
        for name in [name for name in prepared_request.headers if name.lower() not in PUBLIC_HEADERS]:
            del prepared_request.headers[name]

    def _check(self, request: requests.PreparedRequest) -> None:
        target, base = urlsplit(str(request.url)), urlsplit(self.base_url)
        if target.scheme != "https" and not _is_loopback(target):
            raise api_error(request, "must be called over https")
        if _origin(request.url) == _origin(self.base_url):
            return
        if _is_loopback(target) and not _is_loopback(base):
            raise api_error(request, f"is this machine; {base.hostname} must not redirect to it")
        if request.body is not None:
            raise api_error(request, f"is another host; {base.hostname} must not redirect data to it")


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
