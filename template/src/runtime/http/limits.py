"""What a worker keeps of an API between calls, for each set of credentials: its rate limit above all.

The rate limit, as far as it is known, is kept for each host and connection, in this process.

An API tells what is left in its answers' headers, and that nothing is by 429 or 503 with Retry-After. Calls then wait
for their turn, but never so many that no thread is left for other connections and /health.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from secrets import token_bytes
from typing import Generic, TypeVar

# Of this process only: a fingerprint says nothing to whoever finds it in a dump, or has a list of likely keys.
KEY = token_bytes(32)

Entry = TypeVar("Entry")


class Kept(Generic[Entry]):
    """Entries by fingerprint; beyond `most`, the one that was used longest ago is dropped."""

    def __init__(self, make: Callable[[], Entry], most: int) -> None:
        self._make, self._most = make, most
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, fingerprint: bytes) -> Entry:
        """Return an entry, a new one if there is none yet."""
        with self._lock:
            if fingerprint not in self._entries:
                self._entries[fingerprint] = self._make()
            self._entries.move_to_end(fingerprint)
            if len(self._entries) > self._most:
                self._entries.popitem(last=False)
            return self._entries[fingerprint]

    def clear(self) -> None:
        """Drop all entries, as between two tests."""
        with self._lock:
            self._entries.clear()


def fingerprint(auth: object, *others: object) -> bytes:
    """Return what tells one set of credentials from another, and holds none of them."""
    held = getattr(auth, "__dict__", None)
    try:
        known = json.dumps([type(auth).__qualname__, held, *others], default=_plain).encode()
    except (TypeError, ValueError, RecursionError):
        known = b""
    # Of who signs with an object or in a closure it is not known whose key that is: nothing is kept for them.
    if not known or not (held or auth is None):
        known = token_bytes(32)

    return blake2b(known, key=KEY, digest_size=16).digest()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return dict(value)

    raise TypeError


NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
# Seconds since 1970 have ten digits, milliseconds thirteen; nobody waits for thirty years.
EPOCH, EPOCH_IN_MILLISECONDS = 1e9, 1e11
# What a header says is not believed beyond these: an API is asked again after five minutes, whatever it said.
LONGEST_TOLD, LONGEST_CLOSED = 86_400.0, 300.0
# Two answers about one window disagree about its end by the seconds that headers round to.
SAME_WINDOW = 1.5
REFUSALS = frozenset({429, 503})


def seconds_until(value: object) -> float | None:
    """Return the seconds that a value names: a number of them, seconds or milliseconds since 1970, or a date.

    Dates are those of HTTP (RFC 9110, section 5.6.7) and ISO 8601. None stands for anything else.
    """
    text = str(value).strip()
    if not NUMBER.fullmatch(text):
        date = _date(text)
        return None if date is None else max(0.0, date - time.time())

    number = float(text)
    since_1970 = number / 1000 if number > EPOCH_IN_MILLISECONDS else number
    return max(0.0, since_1970 - time.time() if since_1970 > EPOCH else number)


def _date(text: str) -> float | None:
    # Python 3.10 reads neither Z, nor +0000, nor fractions of other lengths than 3 and 6.
    iso = re.sub(r"\.[0-9]+", "", text.upper().replace("Z", "+00:00"))
    iso = re.sub(r"([+-][0-9]{2})([0-9]{2})$", r"\1:\2", iso)
    date = _read(datetime.fromisoformat, iso) or _read(parsedate_to_datetime, text)
    if date is None:
        return None

    return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()


def _read(parse: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return parse(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass
class RateLimit:
    """What one API allows one connection now; times are those of `time.monotonic()`."""

    # Calls that are left until `renewed`; None: not known.
    remaining: int | None = None
    renewed: float = 0.0
    # The API is not called until then, because it refused a call; and when it said that it takes calls again.
    closed: float = 0.0
    opens: float = 0.0
    waiting: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self) -> float:
        """Return how long to wait before the next call; 0 takes one of those that are left."""
        with self.lock:
            now = time.monotonic()
            if now < self.closed:
                return self.closed - now
            if self.remaining is None or now >= self.renewed:
                self.remaining = None
                return 0.0
            if self.remaining > 0:
                self.remaining -= 1
                return 0.0
            return self.renewed - now

    def pause(self, seconds: float) -> None:
        """Wait for a turn."""
        time.sleep(seconds)

    def closed_for(self) -> float:
        """Return for how long the API has refused calls; a count that is used up is no refusal."""
        now = time.monotonic()
        return self.opens - now if now < self.closed else 0.0

    def learn(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Take in what an answer says; return the seconds that it asks to wait."""
        remaining, reset = told(headers)
        asked = seconds_until(headers.get("Retry-After")) if status in REFUSALS else None
        if asked is None and status == 429 and not remaining:
            asked = reset
        asked = None if asked is None else min(asked, LONGEST_TOLD)
        with self.lock:
            now = time.monotonic()
            if asked is not None:
                self.closed = max(self.closed, now + min(asked, LONGEST_CLOSED))
                self.opens = max(self.opens, now + asked)
            if remaining is not None and reset is not None:
                self._set(remaining, now + reset)

        return asked

    def _set(self, remaining: int, renewed: float) -> None:
        # Calls that are on their way were counted here and not yet by the API.
        if self.remaining is not None and abs(renewed - self.renewed) < SAME_WINDOW:
            remaining = min(remaining, self.remaining)
        self.remaining, self.renewed = remaining, renewed


def told(headers: Mapping[str, str]) -> tuple[int | None, float | None]:
    """Return how many calls are left and in how many seconds there will be more, by the headers that APIs use.

    `RateLimit` with `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers, and its earlier forms), and
    `X-RateLimit-Remaining` with `-Reset` or `-Reset-After`, also written `X-Rate-Limit-`.
    """
    for prefix in ("X-RateLimit-", "RateLimit-", "X-Rate-Limit-"):
        remaining = _count(headers.get(f"{prefix}Remaining"))
        reset = seconds_until(headers.get(f"{prefix}Reset-After") or headers.get(f"{prefix}Reset"))
        if remaining is not None or reset is not None:
            return remaining, reset

    policies = _items(headers.get("RateLimit-Policy", ""))
    limits = []
    for name, item in _items(headers.get("RateLimit", "")).items():
        remaining = _count(item.get("r") or item.get("remaining"))
        reset = seconds_until(item.get("t") or item.get("reset") or policies.get(name, {}).get("w"))
        if remaining is not None:
            limits.append((remaining, reset))

    # Of several, the one that is nearest to its end, and of those the one that lasts longest.
    return min(limits, key=lambda limit: (limit[0], -(limit[1] or 0)), default=(None, None))


def _items(header: str) -> dict[str, dict[str, str]]:
    """Read `"burst";r=5;t=10, "day";r=900`, and `limit=10, remaining=5, reset=3` as one item without a name."""
    found: dict[str, dict[str, str]] = {}
    for part in header[:1000].split(","):
        name, *parameters = part.split(";") if ";" in part else ("", part)
        pairs = (parameter.partition("=") for parameter in parameters)
        found.setdefault(name.strip().strip('"'), {}).update((key.strip(), value.strip()) for key, _, value in pairs)

    return found


def _count(text: str | None) -> int | None:
    stripped = (text or "").strip()
    return int(min(max(0.0, float(stripped)), 1e9)) if NUMBER.fullmatch(stripped) else None


@contextmanager
def place(limit: RateLimit) -> Iterator[bool]:
    """Take a place among those who wait, if one is left: a quarter of the threads for a connection, half in all."""
    threads = _count(os.environ.get("WEB_THREADS")) or 32
    with LOCK:
        has_place = limit.waiting < max(1, threads // 4) and ALL.waiting < max(1, threads // 2)
        for each in (limit, ALL):
            each.waiting += has_place
    try:
        yield has_place
    finally:
        with LOCK:
            for each in (limit, ALL):
                each.waiting -= has_place


LOCK = threading.Lock()
# Counts those who wait for any API.
ALL = RateLimit()
RATE_LIMITS = Kept(RateLimit, most=1_000)
