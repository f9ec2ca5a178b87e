"""Cassettes: the calls of a run to third-party APIs, recorded in development and played back without a network.

What stands between `requests` and the network, and listens to a run or plays one back, is a tape. `content` is the
file, `placeholders` keeps secrets out of it, `installing` switches it on. A connector in production loads none of it.
"""

from __future__ import annotations

import io
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from .calls import (
    MaskBody,
    key_of,
    learn_call,
    learn_headers,
    led,
    line_of,
    masked,
    note_masks,
    plain,
    request_of,
    times,
    values_of,
    whole_body,
    without_secrets,
)
from .content import Json, Recorded, body_in, body_of, header_of, kept_headers, sent, with_texts
from .placeholders import Placeholders, connections_in, filled, learn_surroundings, with_connections
from .texts import Texts

Send = Callable[[], requests.Response]


class UnknownCallError(Exception):
    """A call is made that the cassette does not hold. No `RequestException`: nobody is to try again."""


class Recorder:
    """Listens to a run.

    Args:
        mask_body: The connector's own hook for what it knows to be nobody's business.
    """

    def __init__(self, mask_body: MaskBody | None = None) -> None:
        self._mask_body = mask_body
        self._calls: list[Recorded] = []
        self._bodies: list[Json] = []
        self._lock = threading.Lock()

    def take(self, body: Json) -> Json:
        """Note what the connections of a request to the connector hold."""
        with self._lock:
            self._bodies.append(body)
        return body

    def send(self, go: Send, adapter: HTTPAdapter, request: requests.PreparedRequest) -> requests.Response:
        """Send a request, and keep it and its answer."""
        url, body = str(request.url), whole_body(request)
        call = Recorded(str(request.method), url, plain(request.headers), body, led(url))
        with self._lock:
            self._calls.append(call)
        try:
            response = go()
        except requests.RequestException as fault:
            call.fault = type(fault).__name__
            raise

        call.status, call.reason, call.answer_headers = response.status_code, response.reason, plain(response.headers)
        response.raw = Tee(response.raw, call)
        return response

    def content(self) -> Json:
        """Return what was recorded, as it may be written; `hosts` are only to be shown."""
        names = Placeholders()
        connections = self._connections()
        for prefix, values in connections.items():
            names.learn_connection(prefix, values)
        learn_surroundings(names, self._bodies)
        calls = sorted(self._calls, key=lambda call: (call.url, call.method, call.body))
        for call in calls:
            learn_call(names, call)
        for call in calls:
            learn_headers(names, call)
        masks: dict[str, str] = {}
        made = [self._made(call, masks) for call in calls]
        texts = Texts(escapes=False)
        for text, instead in masks.items():
            texts.put(text, instead)
        written = [with_texts(without_secrets(each, names), texts) for each in made]
        return {
            "hosts": sorted({urlsplit(call.url).netloc for call in self._calls}),
            # Equal calls stay in the order in which they were made: so they are played back.
            "calls": sorted(written, key=lambda call: key_of(call["request"])),
            "connections": {prefix: names.made_up(values) for prefix, values in connections.items()},
        }

    def _connections(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for body in self._bodies:
            for prefix, values in connections_in(body).items():
                found.setdefault(prefix, values)
        return found

    def _made(self, call: Recorded, masks: dict[str, str]) -> Json:
        request = request_of(call, self._mask_body)
        if call.fault:
            return {"request": request, "response": {"fault": call.fault}}

        headers = kept_headers(call.answer_headers)
        if not call.is_packed:
            headers = {name: value for name, value in headers.items() if name.lower() != "content-encoding"}
        headers = {name: call.unled(value.encode()).decode() for name, value in headers.items()}
        heard = body_of(call.unled(bytes(call.answer)), header_of(call.answer_headers, "content-type"))
        answer = masked(heard, request["url"], self._mask_body)
        note_masks(masks, heard, answer)
        return {
            "request": request,
            "response": {"status": call.status, "reason": call.reason, "headers": headers, **answer},
        }


class Player:
    """Plays a run back, and lets nothing of `requests` reach the network.

    Args:
        content: The cassette.
        name: What it is called in messages.
        mask_body: The connector's hook, which made the bodies what they are in it.
    """

    def __init__(self, content: Json, name: str, mask_body: MaskBody | None = None) -> None:
        self._name, self._mask_body = name, mask_body
        self._connections: dict[str, Json] = content["connections"]
        self._names, self._values = Placeholders(numbers=False), values_of(content)
        for prefix, values in self._connections.items():
            self._names.learn_connection(prefix, values)
        for placeholder, value in self._values.items():
            self._names.learn(placeholder, value)
        self._left: dict[str, deque[Json]] = {}
        self._unknown: Counter[str] = Counter()
        self._lock = threading.Lock()
        for call in content["calls"]:
            self._left.setdefault(key_of(call["request"]), deque()).append(call)

    def take(self, body: Json) -> Json:
        """Return the body of a request to the connector with the made-up connections in the place of its own."""
        filled_in = with_connections(body, self._connections) if self._connections else body
        with self._lock:
            learn_surroundings(self._names, [filled_in])
        return filled_in

    def send(self, _go: Send, adapter: HTTPAdapter, request: requests.PreparedRequest) -> requests.Response:
        """Answer a request as it was answered when it was recorded."""
        asked = self._asked(request)
        with self._lock:
            left = self._left.get(key_of(asked))
            call = left.popleft() if left else None
            if call is None:
                self._unknown[line_of(asked)] += 1
        if call is None:
            raise UnknownCallError(f"{self._name} has no such call, or not so often: {line_of(asked)}")

        answer = call["response"]
        if "fault" in answer:
            raise getattr(requests.exceptions, answer["fault"], requests.ConnectionError)(request=request)
        return adapter.build_response(request, self._played(answer, str(request.method)))

    def faults(self) -> list[str]:
        """Return how the run differed: the calls that the cassette lacks, and those of it that were not made."""
        with self._lock:
            unused = Counter(line_of(call["request"]) for left in self._left.values() for call in left)
            unknown = [f"{self._name} has no call {times(line, count)}" for line, count in self._unknown.items()]
        return unknown + [f"{self._name}: not called: {times(line, count)}" for line, count in sorted(unused.items())]

    def _asked(self, request: requests.PreparedRequest) -> Json:
        call = Recorded(str(request.method), str(request.url), plain(request.headers), whole_body(request))
        with self._lock:
            learn_call(self._names, call)
            learn_headers(self._names, call)
            asked = request_of(call, self._mask_body)
            made: Json = without_secrets({"request": asked}, self._names)["request"]
            return made

    def _played(self, answer: Json, method: str) -> HTTPResponse:
        headers = filled(answer.get("headers", {}), self._values)
        body = sent(filled(body_in(answer), self._values), header_of(headers, "content-type"))
        return HTTPResponse(
            io.BytesIO(body),
            headers,
            answer["status"],
            reason=answer.get("reason"),
            preload_content=False,
            decode_content=False,
            request_method=method,
        )


class Tee:
    """An answer that is read by the connector, and kept as far as it is read."""

    def __init__(self, raw: Any, call: Recorded) -> None:
        self._raw, self._call = raw, call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def read(self, amt: int | None = None, decode_content: bool | None = None, cache_content: bool = False) -> bytes:
        """Read so many bytes, or all."""
        self._note_packing(decode_content)
        return self._kept(self._raw.read(amt, decode_content, cache_content))

    def read1(self, amt: int | None = None, decode_content: bool | None = None) -> bytes:
        """Read what is there."""
        self._note_packing(decode_content)
        return self._kept(self._raw.read1(amt, decode_content))

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Iterator[bytes]:
        """Read in parts."""
        self._note_packing(decode_content)
        for part in self._raw.stream(amt, decode_content):
            yield self._kept(part)

    def __iter__(self) -> Iterator[bytes]:
        """Read line by line."""
        for line in self._raw:
            yield self._kept(line)

    def _note_packing(self, decode_content: bool | None) -> None:
        decodes = self._raw.decode_content if decode_content is None else decode_content
        self._call.is_packed = not decodes

    def _kept(self, part: bytes) -> bytes:
        self._call.answer.extend(part)
        return part
