"""Sessions for APIs, led to a stand-in: whatever they were to call over https, they call that, on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests

from ..cassettes.content import LED_FROM
from ..http.session import Session


@contextmanager
def sessions_led_to(url: str) -> Iterator[None]:
    """Have each session that is made while the block runs call the stand-in at `url`.

    It is not enough to replace addresses in src/api_client.py: a module may have copied one, or one of its own. And the
    credentials of a test must never reach an API because of that.
    """
    place = urlsplit(url)

    class LedSession(Session):
        """Calls the stand-in, with the paths of the API."""

        def __init__(self, base_url: str, *args: Any, **kwargs: Any) -> None:
            super().__init__(led(base_url), *args, **kwargs)
            self.led_from = origin_of(base_url)

        def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
            """Call a path, or what a whole address stands for here."""
            asked = url.decode() if isinstance(url, bytes) else url
            token = LED_FROM.set(origin_of(asked) or self.led_from)
            try:
                return super().request(method, led(asked), *args, **kwargs)
            finally:
                LED_FROM.reset(token)

    def led(address: str) -> str:
        parts = urlsplit(address)
        # Without https only this machine is called: perhaps another stand-in.
        return parts._replace(scheme=place.scheme, netloc=place.netloc).geturl() if parts.scheme == "https" else address

    def origin_of(address: str) -> str:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme == "https" else ""

    # `session()` makes what this name stands for in its file.
    names = vars(sys.modules[Session.__module__])
    before, names["Session"] = names["Session"], LedSession
    try:
        yield
    finally:
        names["Session"] = before
