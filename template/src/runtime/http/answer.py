"""What a session gets back: requests' own response, of bounded size, whose JSON is the service's responsibility."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse

from .faults import service_error

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
