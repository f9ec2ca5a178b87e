"""What a worker keeps between calls: for each set of credentials, found by a fingerprint of them, and bounded."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
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
