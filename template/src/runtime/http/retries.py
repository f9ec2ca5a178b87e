"""When a call is tried again, how long is waited before, and when it is given up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ReadTimeoutError, ResponseError, SSLError
from urllib3.util import Retry

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
