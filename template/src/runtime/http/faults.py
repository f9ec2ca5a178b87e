"""What a failed call becomes: an error that says what happened, where, and holds no secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse

from ..errors import ManagedError
from ..redaction import redact_values

LONGEST_MESSAGE = 500
# An error of an API is a few lines; a longer body is not parsed for them.
LONGEST_ERROR_BODY = 1_000_000
MESSAGE_NAMES = ("message", "error_description", "detail", "title", "error")
# Headers that no API key travels in: they may follow to another host, and their values are not secrets.
PUBLIC_HEADERS = frozenset(
    {"accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "user-agent"}
)


def refused(response: requests.Response, secrets: Iterable[str]) -> ManagedError:
    """Describe an answer with an error status; the API's own message is told after the secrets are taken out of it."""
    error = service_error(response.request, f"answered {response.status_code}", secrets, _message(response))
    error.metadata["status"] = response.status_code
    if "Retry-After" in response.headers:
        error.metadata["retry_after"] = response.headers["Retry-After"]

    return error


def unreachable(
    fault: requests.RequestException, request: requests.PreparedRequest, secrets: Iterable[str]
) -> ManagedError:
    """Describe a call that got no answer: 504 when the time was up, else 502."""
    if isinstance(fault, requests.Timeout):
        error = service_error(request, "did not answer in time", secrets)
        error.status_code = 504
        return error
    if isinstance(fault, requests.exceptions.SSLError):
        return service_error(request, "has no valid TLS certificate", secrets)
    if isinstance(fault, requests.TooManyRedirects):
        return service_error(request, "redirects without end", secrets)

    return service_error(request, "cannot be reached, or broke off the connection", secrets)


def service_error(
    request: requests.PreparedRequest, what: str, secrets: Iterable[str] = (), message: str = ""
) -> ManagedError:
    """Make the error of a call: its text and metadata name method, host and path, never the query, headers or body."""
    parts = urlsplit(str(request.url))
    known = [*secrets, *_sent(request)]
    said = redact_values(message, known)[:LONGEST_MESSAGE]
    host = str(parts.hostname)
    error = ManagedError.service_error(f"{host} {what}: {said}" if said else f"{host} {what}", host)
    error.metadata.update(method=request.method, path=redact_values(parts.path, known))

    return error


def secrets_of(auth: object) -> list[str]:
    """Return the secrets an auth object holds: the fields a dataclass hides from its repr, else every text in it."""
    if is_dataclass(auth):
        held: Any = [getattr(auth, each.name) for each in fields(auth) if not each.repr]
    else:
        held = list(getattr(auth, "__dict__", {}).values())

    return list(_texts(held))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, Mapping)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _sent(request: requests.PreparedRequest) -> Iterable[str]:
    for name, value in request.headers.items():
        if name.lower() not in PUBLIC_HEADERS:
            yield from (str(value), str(value).rpartition(" ")[2])


def _message(response: requests.Response) -> str:
    """Find the text meant for people in an error body, under the names that most APIs use."""
    if len(response.content) > LONGEST_ERROR_BODY:
        return ""
    try:
        body = requests.Response.json(response)
    except (ValueError, RecursionError):
        return ""

    first = body[0] if isinstance(body, list) and body else body
    told = first.get("error", first) if isinstance(first, dict) else first
    holder = told if isinstance(told, dict) else first
    named = [holder.get(name) for name in MESSAGE_NAMES] if isinstance(holder, dict) else []
    return next((text for text in named if isinstance(text, str)), "")


# Unpacked: a few kilobytes of gzip stand for any number of bytes. Python objects take about ten times the JSON's size.
LONGEST_ANSWER = 32 * 1024 * 1024


class Answer(requests.Response):
    """A response that tells whose fault it is when it holds no JSON: not the caller's, as a ValueError would."""

    def __init__(self, received: requests.Response) -> None:
        super().__init__()
        vars(self).update(vars(received))
        self.secrets: tuple[str, ...] = ()

    def json(self, **kwargs: Any) -> Any:
        """Return the body, read as JSON.

        Raises:
            ManagedError: It is something else (502).
        """
        try:
            return super().json(**kwargs)
        except (ValueError, RecursionError):
            what = f"answered {self.status_code} with something that is not JSON"
            raise self._fault(what) from None

    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
        """Return the body in parts; `content`, `text` and `json()` are made of it.

        Raises:
            ManagedError: It is longer than `LONGEST_ANSWER` (502).
        """
        length = 0
        for part in super().iter_content(chunk_size, decode_unicode):
            length += len(part)
            if length > LONGEST_ANSWER:
                self.close()
                raise self._fault(f"answered with more than {LONGEST_ANSWER >> 20} MB")
            yield part

    def _fault(self, what: str) -> Exception:
        error = service_error(self.request, what, self.secrets)
        error.metadata["status"] = self.status_code
        return error


class AnswerAdapter(HTTPAdapter):
    """Makes each response an `Answer`, also those on the way of a redirect."""

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """Make the response to a request."""
        return Answer(super().build_response(req, resp))
