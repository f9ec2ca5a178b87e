"""What a failed call becomes: an error that says what happened, where and why, and holds no secret."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from ..errors import ManagedError
from ..redaction import redact_secrets, redact_values
from .reasons import LONGEST_REASON, cut, find_reason, one_line

# An error of an API is a few lines; of a longer one nothing is read.
LONGEST_ERROR_BODY = 1_000_000
# Headers that no API key travels in: they may follow to another host, and their values are not secrets.
PUBLIC_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "user-agent"}
)


class ApiError(ManagedError):
    """A call that failed. The platform gets host, status, `retry_after` and reason; the rest only who catches this.

    Attributes:
        status: The API's status; None where there was no answer.
        reason: What the API says: one line without markup and credentials.
        retry_after: Seconds after which the API may be asked again, where it says so.
        headers: The headers of its answer.
        body: The answer, read as JSON where it is that, else as text.
        method, address: What was called, the address without its query.
    """

    status: int | None = None
    reason: str = ""
    retry_after: int | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    body: Any = None
    method: str = ""
    address: str = ""

    def tell(self, text: str, *, status: int | None = None, retry_after: float | None = None) -> ApiError:
        """Set what the platform gets: the text, the API's status, and when it may be asked again."""
        self.error = cut(text)
        self.args = (self.error,)
        if status is not None:
            self.status = self.metadata["status"] = status
        if retry_after is not None:
            self.retry_after = self.metadata["retry_after"] = math.ceil(retry_after)
        return self


# Returns the reason in an API's answer; None leaves it to `find_reason`.
ErrorReader = Callable[[ApiError], str | None]


@dataclass(frozen=True)
class Known:
    """What a session knows of its API's errors: what must not be in them, who reads them, what helps against a 401."""

    secrets: Sequence[str] = ()
    read_error: ErrorReader | None = None
    advice: str = ""


def refused(response: requests.Response, known: Known, what: str = "", retry_after: float | None = None) -> ApiError:
    """Describe an answer with an error status, or another one that is of no use."""
    status = response.status_code
    error = api_error(response.request, what or f"answered {status}")
    error.status, error.headers, error.body = status, response.headers, _body(response)
    reason = one_line(_read(known.read_error, error) or find_reason(error.body))
    # Redacted before it is cut, or the beginning of a credential would be left.
    error.reason = cut(redact_secrets(redact_values(reason, [*known.secrets, *_sent(response.request)])))
    text = f"{error.error}: {error.reason}" if error.reason else str(error.error)
    if status == 401 and known.advice:
        text = f"{text[: LONGEST_REASON - 100].rstrip('.')}. {known.advice}"

    return error.tell(text, status=status, retry_after=retry_after)


def unreachable(fault: Exception, request: requests.PreparedRequest) -> ApiError:
    """Describe a call that got no answer, or not all of it: 504 when the time was up, else 502."""
    if _is_late(fault):
        error = api_error(request, "did not answer in time")
        error.status_code = 504
        return error
    if isinstance(fault, requests.exceptions.SSLError):
        return api_error(request, "has no valid TLS certificate")
    if isinstance(fault, requests.TooManyRedirects):
        return api_error(request, "redirects without end")
    if isinstance(fault, requests.exceptions.ContentDecodingError):
        return api_error(request, "sent something that cannot be decompressed")

    return api_error(request, "cannot be reached, or broke off the connection")


def api_error(request: requests.PreparedRequest, what: str) -> ApiError:
    """Make the error of a call: it names the host, never path, query, headers or body."""
    parts = urlsplit(str(request.url))
    host = str(parts.hostname)
    error = ApiError(f"{host} {what}", None, {"error_type": "service", "service": host}, 502)
    error.method = str(request.method)
    error.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return error


def _sent(request: requests.PreparedRequest) -> Iterable[str]:
    for name, value in request.headers.items():
        if name.lower() not in PUBLIC_HEADERS:
            yield from (str(value), str(value).rpartition(" ")[2])


def _body(response: requests.Response) -> Any:
    """Return what an answer holds: JSON, else its text; None where it is neither, or too long to be an error."""
    response.largest = LONGEST_ERROR_BODY  # type: ignore[attr-defined]
    try:
        content = response.content
    except ManagedError:
        return None  # its status says enough
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    # Of a text without a charset requests believes that it is Latin-1, and of any bytes that they are a text.
    return _decoded(content, "utf-8-sig") or _decoded(content, response.encoding or "ascii")


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _read(read_error: ErrorReader | None, error: ApiError) -> str:
    try:
        told = read_error(error) if read_error else None
    except Exception:  # noqa: BLE001 - a reader that expects another body must not hide what happened
        return ""

    return told if isinstance(told, str) else ""


def _is_late(fault: BaseException | None) -> bool:
    """Say whether a timeout is behind an error: of one in the middle of a body requests makes a ConnectionError."""
    known = (requests.Timeout, TimeoutError, ReadTimeoutError)
    return isinstance(fault, known) or any(isinstance(each, known) for each in getattr(fault, "args", ()))
