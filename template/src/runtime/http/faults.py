"""What a failed call becomes: an error that says what happened, where and why, and holds no secret.

The reason is the API's own, found in the body of its answer: one line of plain text.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from ..errors import ManagedError
from ..redaction import redact_secrets, redact_values

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


LONGEST_REASON = 500
# Enough for the longest reason with all its markup.
LONGEST_READ = 4_000
MOST_REASONS = 5
MOST_LEVELS = 6
# Names are compared in lower case, without `_` and `-`. The first of these that is a text is the reason.
TEXTS = ("errordescription", "detail", "message", "errormessage", "msg", "description", "faultstring", "reason")
FALLBACKS = ("title", "error", "errors")
# What stands in for a reason where there is none.
CODES = ("code", "errorcode", "type")
# Where further reasons are: JSON:API, Rails, Google, GitHub, FastAPI, RFC 9457, Apigee and others.
HOLDERS = ("errors", "error", "errormessages", "detail", "details", "message", "messages", "fault", "invalidparams")
# What tells which part is at fault, as GitHub's `field`, RFC 9457's `name`, FastAPI's `loc`.
PLACES = ("field", "property", "propertypath", "name", "loc", "pointer")
TITLE = re.compile(r"(?is)<title[^<>]*>(.{1,300}?)</title>")
UNSEEN = re.compile(r"(?is)<(script|style)\b.{0,4000}?</\1\s*>|<!--.{0,4000}?-->")
# Of HTML and XML, and what terminals take for colours.
TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>|\x1b\[[0-9;]*[A-Za-z]")


def find_reason(body: Any) -> str:
    """Return the reason in a body that was read as JSON, or is a text."""
    if isinstance(body, str):
        title = TITLE.search(body[:LONGEST_READ])
        return title[1] if title else UNSEEN.sub(" ", body[:LONGEST_READ])

    found: list[str] = []
    for text in _reasons(body, MOST_LEVELS):
        if text and text not in found:
            found.append(text)
        if len(found) == MOST_REASONS:
            break
    return "; ".join(found)


def one_line(text: str) -> str:
    """Return a text without markup, control characters and line breaks."""
    plain = text[:LONGEST_READ]
    # An escaped tag is one after it was unescaped.
    for _ in range(3):
        plain = TAG.sub(" ", html.unescape(plain))

    return " ".join("".join(character if character.isprintable() else " " for character in plain).split())


def cut(text: str) -> str:
    """Return a text of at most `LONGEST_REASON` characters."""
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def _reasons(value: Any, levels: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif levels and isinstance(value, list):
        for each in value[:MOST_REASONS]:
            yield from _reasons(each, levels - 1)
    elif levels and isinstance(value, dict):
        yield from list(_of_object(value, levels - 1)) or _by_field(value, levels - 1)


def _of_object(value: dict[str, Any], levels: int) -> Iterator[str]:
    known = {re.sub("[_-]", "", str(name)).lower(): held for name, held in value.items()}
    holders = (known[name] for name in HOLDERS if isinstance(known.get(name), (list, dict)))
    further = [reason for holder in holders for reason in _reasons(holder, levels) if reason]
    text = _first(known, TEXTS + FALLBACKS) or ("" if further else _first(known, CODES))
    # RFC 6749, section 5.2: `error` is a code such as invalid_grant, `error_description` a text.
    before = _first(known, ("error",))
    before = before if before and before not in text else _first(known, PLACES)
    if text:
        yield f"{before}: {text}" if before else text
    yield from further


def _by_field(value: dict[str, Any], levels: int) -> Iterator[str]:
    """Read `{"email": ["is taken"]}` as Rails, Django and Laravel write it; in a whole body, lists only."""
    for field, told in list(value.items())[:MOST_REASONS]:
        is_told = isinstance(told, (list, dict)) or levels < MOST_LEVELS - 1
        reasons = ", ".join(filter(None, _reasons(told, levels))) if is_told else ""
        if reasons:
            yield f"{field}: {reasons}"


def _first(known: dict[str, Any], names: tuple[str, ...]) -> str:
    """Return the first text under these names; a path, such as FastAPI's `["body", "email"]`, is one as well."""
    for name in names:
        held = known.get(name)
        if name == "loc" and isinstance(held, list):
            return ".".join(str(each) for each in held[:MOST_LEVELS])
        if isinstance(held, str) and held.strip():
            return held.strip()

    return ""
