"""How one request is sent: in its turn, in time, again where that is safe; and an answer of bounded size."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from .deadline import POOLS, time_left
from .faults import ApiError, api_error, unreachable
from .limits import RATE_LIMITS, RateLimit, place

# RFC 9110, section 9.2.2: repeating one of these has the effect of sending it once.
IDEMPOTENT = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"})
PASSING_FAULTS = frozenset({429, 502, 503, 504})
# Unpacked: a few kilobytes of gzip stand for any number of bytes. Python objects take about ten times the JSON's size.
LONGEST_ANSWER = 32 * 1024 * 1024
# For each of a host's addresses; a host that is there takes a fraction of a second.
LONGEST_CONNECT = 10.0


@dataclass(frozen=True)
class Retries:
    """How often and how long a call is tried.

    Args:
        attempts: How often it is tried again.
        backoff: Seconds before the first repeat where the API names none; doubled for each further one.
        longest_wait: Seconds to wait at once; where the API wants more, the call fails with `retry_after`.
        budget: Seconds for all of a call: waits, repeats, redirects and the whole answer. Less than gunicorn's timeout.
        methods: What may be repeated. May add POST where it only reads, as searches do.
        idempotency_header: For an API that carries out a POST or PATCH with the same key once: the name of the
            header for the key, such as `Idempotency-Key`. Each of them gets a key and may be repeated.
    """

    attempts: int = 3
    backoff: float = 0.5
    longest_wait: float = 20.0
    budget: float = 50.0
    methods: frozenset[str] = IDEMPOTENT
    idempotency_header: str | None = None

    def allow(self, request: requests.PreparedRequest) -> bool:
        """Say whether a request may be sent again."""
        has_key = self.idempotency_header is not None and self.idempotency_header in request.headers
        return (request.method in self.methods or has_key) and isinstance(request.body, (str, bytes, type(None)))


@dataclass(frozen=True)
class Caller:
    """What a session tells its adapters of a call: whose connection it uses, and how long an answer may be."""

    connection: bytes = b""
    largest: int = LONGEST_ANSWER


NOBODY = Caller()
CALLER: ContextVar[Caller] = ContextVar("caller", default=NOBODY)


class Answer(requests.Response):
    """A response that fails as the API's fault: when it breaks off, is too long, or holds no JSON."""

    retry_after: float | None = None

    def __init__(self, received: requests.Response) -> None:
        super().__init__()
        vars(self).update(vars(received))
        self.largest = CALLER.get().largest

    def json(self, **kwargs: Any) -> Any:
        """Return the body, read as JSON.

        Raises:
            ApiError: It is something else (502).
        """
        try:
            return json.loads(self.content, **kwargs)  # knows a byte order mark, which `text` keeps
        except (ValueError, RecursionError):
            pass
        try:
            return super().json(**kwargs)
        except (ValueError, RecursionError):
            what = f"answered {self.status_code} with something that is not JSON"
            raise self._fault(what) from None

    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
        """Return the body in parts; `content`, `text` and `json()` are made of it.

        Raises:
            ApiError: It breaks off (502), is longer than the session allows (502), or takes too long (504).
        """
        length = 0
        parts = super().iter_content(chunk_size, decode_unicode)
        try:
            for part in parts:
                length += len(part)
                if length > self.largest:
                    raise self._fault(f"answered with more than {self.largest >> 20} MB")
                yield part
        except (HTTPError, OSError) as fault:
            raise unreachable(fault, self.request) from None
        finally:
            if length > self.largest:
                self.close()

    def _fault(self, what: str) -> ApiError:
        error = api_error(self.request, what)
        error.headers = self.headers
        return error.tell(str(error.error), status=self.status_code)


class Adapter(HTTPAdapter):
    """Sends a request, and sends it again; each response is an `Answer`, also those on the way of a redirect."""

    def __init__(self, retries: Retries) -> None:
        self.retries = retries
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        """Make the response to a request."""
        return Answer(super().build_response(req, resp))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request when it is its turn, and again after a fault that passes."""
        limit = RATE_LIMITS.of(_host(request) + CALLER.get().connection)
        for attempt in range(self.retries.attempts + 1):
            self._await_turn(request, limit)
            outcome = self._try(request, *args, **kwargs)
            asked = None
            if isinstance(outcome, Answer):
                outcome.retry_after = asked = limit.learn(outcome.status_code, outcome.headers)
            is_last = attempt == self.retries.attempts or not self.retries.allow(request)
            wait = self.retries.backoff * 2**attempt if asked is None else asked
            if is_last or not _passes(outcome) or not self._wait(wait, limit):
                break
            if isinstance(outcome, Answer):
                outcome.close()  # not read: it may have no end

        if isinstance(outcome, Answer):
            return outcome
        raise outcome

    def _try(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Answer | requests.RequestException:
        """Return the answer, or what came instead of one."""
        given = kwargs.get("timeout")
        connect, read = given if isinstance(given, tuple) else (given, given)
        left = max(0.001, time_left())
        kwargs["timeout"] = (min(connect or left, left, LONGEST_CONNECT), min(read or left, left))
        try:
            answer: Answer = super().send(request, *args, **kwargs)  # type: ignore[assignment]
        except requests.RequestException as fault:
            return fault

        return answer

    def _await_turn(self, request: requests.PreparedRequest, limit: RateLimit) -> None:
        while wait := limit.turn():
            if self._wait(wait, limit):
                continue
            # What an API counts may be misread, and is no reason to fail; that it refuses calls is one.
            closed = limit.closed_for()
            if not closed and not self._may_wait(wait):
                return
            seconds = math.ceil(closed or wait)
            error = api_error(request, f"is not called for another {seconds} s, as it asked")
            raise error.tell(str(error.error), status=429, retry_after=seconds)

    def _may_wait(self, seconds: float) -> bool:
        return seconds <= self.retries.longest_wait and seconds < time_left()

    def _wait(self, seconds: float, limit: RateLimit) -> bool:
        """Wait, unless that takes longer than it may, or so many wait that no thread would be left for others."""
        if not self._may_wait(seconds):
            return False
        with place(limit) as has_place:
            if has_place:
                # Those who wait for the same moment should not all call in it.
                limit.pause(min(seconds * random.uniform(1, 1.1), time_left()))
            return has_place


def _passes(outcome: Answer | requests.RequestException) -> bool:
    if isinstance(outcome, Answer):
        return outcome.status_code in PASSING_FAULTS
    # A certificate does not become valid, and who did not answer in time was waited for.
    return isinstance(outcome, requests.ConnectionError) and not isinstance(outcome, requests.exceptions.SSLError)


def _host(request: requests.PreparedRequest) -> bytes:
    parts = urlsplit(str(request.url))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]} ".encode()
