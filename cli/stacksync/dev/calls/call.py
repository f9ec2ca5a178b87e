"""One call to an API as it is shown and kept: without secrets."""

import base64
import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stacksync.dev.calls.hiding import Hiding, Text, shown

HeaderTexts = tuple[tuple[str, Text], ...]

_ADDRESSES = frozenset({"location", "content-location", "link", "referer"})
_CHARSET = re.compile(r"(?i)charset=[\"']?([\w.-]+)")
_EMPTY = frozenset({204, 205, 304})


@dataclass(frozen=True)
class Body:
    """What was sent, or what the connector read of an answer.

    Args:
        text: The beginning of it, as far as it is kept; None where it is no text.
        size: How many bytes it has; None where nobody knows.
        is_cut: Whether there is more of it than is kept.
        is_whole: Of an answer: whether the connector read all of it.
        type: The media type.
    """

    text: Text | None
    size: int | None
    is_cut: bool = False
    is_whole: bool = True
    type: str = ""

    @property
    def shown(self) -> str:
        """Return it as people read it: JSON indented."""
        plain = shown(self.text or ())
        if self.is_cut:
            return plain
        try:
            return json.dumps(json.loads(plain), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return plain

    @property
    def note(self) -> str:
        """Return what there is to say of it; "" for nothing."""
        if self.size is None:
            return "It was streamed, and is not kept."
        if self.text is None:
            return f"{self.size:,} bytes that are no text{f' ({self.type})' if self.type else ''}."
        if self.is_cut:
            return f"The beginning of {self.size:,} bytes."
        return "" if self.is_whole else "The connector did not read all of it."


@dataclass(frozen=True)
class ApiCall:
    """One call.

    Args:
        place: The connector's line that called, FILE:LINE; "" where no line of it did.
        waited: Seconds before it: because the API had asked for it, or after the call that it repeats.
        repeats: The number of the call that this is once more.
        redirected_by: The number of the call whose answer led here.
        retried: Why urllib3 sent it again by itself: a status or an error for each time.
        sent: How often urllib3 sent it, where that was seen.
        status: None while there is no answer; `error` says why where there will be none.
        ms: Milliseconds until the answer began, and until its body was read.
    """

    number: int
    method: str = ""
    address: Text = ()
    headers: HeaderTexts = ()
    body: Body | None = None
    place: str = ""
    time: float = 0.0
    waited: float = 0.0
    repeats: int | None = None
    redirected_by: int | None = None
    retried: tuple[str, ...] = ()
    sent: int = 0
    status: int | None = None
    reason: str = ""
    error: str = ""
    answer_headers: HeaderTexts = ()
    answer: Body | None = None
    ms: float | None = None
    total_ms: float | None = field(default=None)

    @property
    def url(self) -> str:
        """Return the address as it is shown."""
        return shown(self.address)

    @property
    def is_good(self) -> bool:
        """Say whether it was answered without an error."""
        return self.status is not None and self.status < 400

    @property
    def is_open(self) -> bool:
        """Say whether its answer is still waited for."""
        return self.status is None and not self.error

    @property
    def seconds(self) -> str:
        """Return how long it took."""
        ms = self.total_ms or self.ms
        return "" if ms is None else f"{ms:.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"

    @property
    def size(self) -> str:
        """Return how much the connector read of the answer; "" for nothing."""
        return in_bytes(self.answer.size) if self.answer and self.answer.size else ""

    @property
    def history(self) -> str:
        """Return what led to it: waits, repeats, redirects; "" for nothing."""
        told = []
        if self.redirected_by:
            told.append(f"redirected by {self.redirected_by}")
        if self.repeats:
            told.append(f"repeats {self.repeats}")
        if self.waited:
            told.append(f"waited {self.waited:.1f} s")
        if self.retried or self.sent > 1:
            times = max(self.sent, len(self.retried) + 1)
            told.append(f"sent {times} times{': ' if self.retried else ''}{', '.join(self.retried)}")
        return ", ".join(told)

    def told(self, data: Mapping[str, Any], hiding: Hiding) -> "ApiCall":
        """Return it with what the runner told of it now."""
        known: dict[str, Any] = {name: data[name] for name in _AS_TOLD if name in data}
        if "url" in data:
            known["address"] = hiding.address(data["url"])
        if "headers" in data:
            known["headers"] = _headers(data["headers"], hiding)
            known["body"] = _body(data["body"], known["headers"], hiding)
            known["place"] = placed(data["place"])
        if "answer_headers" in data:
            known["answer_headers"] = _headers(data["answer_headers"], hiding)
            known["retried"] = tuple(data["retried"])
        if "answer" in data:
            known["answer"] = _body(data["answer"], self.answer_headers, hiding, is_empty=self.status in _EMPTY)
        for name in ("error", "reason"):
            if name in data:
                known[name] = shown(hiding.address(data[name]))
        return replace(self, **known)

    def as_json(self) -> "dict[str, Any]":
        """Return it for machines."""
        return {
            "number": self.number,
            "method": self.method,
            "url": self.url,
            "status": self.status,
            "error": self.error or None,
            "milliseconds": self.total_ms or self.ms,
            "place": self.place or None,
            "waited_seconds": self.waited,
            "repeats": self.repeats,
            "redirected_by": self.redirected_by,
            "sent": self.sent,
            "retried": list(self.retried),
            "request": {"headers": _pairs(self.headers), "body": _as_json(self.body)},
            "answer": {"headers": _pairs(self.answer_headers), "body": _as_json(self.answer)},
        }


_AS_TOLD = ("method", "time", "waited", "repeats", "redirected_by", "sent", "status", "ms", "total_ms")


def placed(place: Any) -> str:
    """Return a line of a file as it is shown."""
    return f"{place[0]}:{place[1]}" if place else ""


def in_bytes(size: int) -> str:
    """Return a size as people read it."""
    return f"{size} B" if size < 1000 else f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def header(headers: HeaderTexts, name: str) -> str:
    """Return the value of a header as it is shown; "" where there is none."""
    return next((shown(value) for each, value in headers if each.lower() == name), "")


def _headers(pairs: "list[list[str]]", hiding: Hiding) -> HeaderTexts:
    hide = {True: lambda _, value: hiding.address(value), False: hiding.header}
    return tuple((name, hide[name.lower() in _ADDRESSES](name, value)) for name, value in pairs)


def _body(
    data: "Mapping[str, Any] | None", headers: HeaderTexts, hiding: Hiding, *, is_empty: bool = False
) -> Body | None:
    if data is None or is_empty:
        return None

    media, is_whole = header(headers, "content-type"), data.get("whole", True)
    if data["kept"] is None:
        return Body(None, None, type=media)

    raw = base64.b64decode(data["kept"])
    is_cut = len(raw) < data["size"]
    text = _decoded(raw, media, is_cut=is_cut)
    return Body(None if text is None else hiding.body(text, media), data["size"], is_cut, is_whole, media)


def _decoded(raw: bytes, media: str, *, is_cut: bool) -> str | None:
    """Return bytes as text; None where they are none."""
    charset = _CHARSET.search(media)
    for encoding in ("utf-8", charset[1] if charset else "utf-8"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(raw, final=not is_cut)
        except (LookupError, ValueError):
            continue
        return None if "\0" in text else text
    return None


def _pairs(headers: HeaderTexts) -> "list[list[str]]":
    return [[name, shown(value)] for name, value in headers]


def _as_json(body: Body | None) -> Any:
    if body is None:
        return None

    text = None if body.text is None else shown(body.text)
    return {"size": body.size, "text": text, "is_cut": body.is_cut, "is_whole": body.is_whole}
