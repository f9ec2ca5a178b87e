"""What a cassette holds: calls with their answers, as one JSON file that differs only where the calls do.

And what stands in one, for whoever is asked before it is written, and how a value in it is replaced.

`{"calls": [{"request": …, "response": …}], "connections": {"connection": {"token": "made-up-token"}}}`
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .texts import Texts

FOLDER = "cassettes"
BODIES = ("json", "text", "base64")
Json = dict[str, Any]
# The API that a session was to call, which a stand-in answers for.
LED_FROM: ContextVar[str] = ContextVar("led_from", default="")

# What differs from call to call, belongs to one connection between two machines, or names a person's session.
LEFT_OUT = re.compile(
    r"(?i)(set-)?cookie2?|accept-encoding|user-agent|host|connection|keep-alive|transfer-encoding|content-length|te|via"
    r"|age|server|server-timing|alt-svc|nel|report-to|traceparent|tracestate|baggage|idempotency-key|.*rate-?limit.*"
    r"|(x|cf|sforce)-.*(ray|cache|timer|runtime|time|served-by|limit-info)|cf-.*|x-amz-(id|cf).*|strict-transport-security"
    r"|.*(request|correlation|trace|transaction|invocation|span)-?id"
)
RANDOM = re.compile(r"(?i)[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BOUNDARY = re.compile(r"""boundary="?([^";]+)"?""")


class CassetteError(Exception):
    """A cassette cannot be read, or does not fit the run that it is played back to."""


@dataclass
class Recorded:
    """One call as it went over the network, secrets and all; only `tapes` and this file see one."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    led: tuple[str, str] | None = None
    status: int = 0
    reason: str = ""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytearray = field(default_factory=bytearray)
    is_packed: bool = False
    fault: str = ""

    def unled(self, data: bytes) -> bytes:
        """Return bytes with the address of the API where they have that of a stand-in."""
        return data.replace(self.led[0].encode(), self.led[1].encode()) if self.led else data


def header_of(headers: Mapping[str, str], name: str) -> str:
    """Return a header's value, whatever the case of its name; "" where there is none."""
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a cassette keeps: neither cookies and dates, nor what differs each time."""
    return {
        name: str(value)
        for name, value in headers.items()
        if not LEFT_OUT.fullmatch(name) and not _is_date(str(value)) and not RANDOM.fullmatch(str(value))
    }


def _is_date(value: str) -> bool:
    from email.utils import parsedate_to_datetime  # takes a while to load, and the command only reads cassettes

    try:
        return bool(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError):
        return False


def body_of(data: bytes, content_type: str) -> Json:
    """Return a body as JSON where it is JSON and loses nothing by it, as text, else as base64; {} for an empty one."""
    boundary = BOUNDARY.search(content_type)
    if boundary:
        data = data.replace(boundary[1].encode(), b"boundary")
    if not data:
        return {}
    try:
        text = data.decode(_charset(content_type))
    except (UnicodeDecodeError, LookupError):
        return {"base64": data.decode("latin-1")}
    try:
        return {"json": _lossless(text)}
    except (ValueError, RecursionError):
        return {"text": text}


def plain_type(content_type: str) -> str:
    """Return a content type without the boundary that each request draws anew."""
    return BOUNDARY.sub("boundary=boundary", content_type)


def written(body: Json) -> Json:
    """Return a body as it stands in the file: binary data in base64."""
    if "base64" in body:
        return {"base64": base64.b64encode(body["base64"].encode("latin-1", "replace")).decode()}

    return body


def body_in(body: Mapping[str, Any]) -> Json:
    """Return the body of a request or an answer of the file as `body_of` made it."""
    if "base64" in body:
        return {"base64": base64.b64decode(body["base64"]).decode("latin-1")}

    return {kind: body[kind] for kind in ("json", "text") if kind in body}


def with_texts(call: Json, texts: Texts) -> Json:
    """Return a call of the file with texts replaced in its addresses, headers and bodies."""
    made: Json = {}
    for side, held in call.items():
        rest = {key: value for key, value in held.items() if key not in BODIES}
        made[side] = {**texts.of(rest), **written(texts.of(body_in(held)))}
    return made


def sent(body: Json, content_type: str) -> bytes:
    """Return the bytes of a body."""
    if "json" in body:
        return json.dumps(body["json"], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if "text" in body:
        return str(body["text"]).encode(_charset(content_type), "replace")

    return str(body.get("base64", "")).encode("latin-1", "replace")


def _charset(content_type: str) -> str:
    named = re.search(r"charset=\"?([\w-]+)", content_type)
    return named[1] if named else "utf-8"


def _lossless(text: str) -> Any:
    """Read JSON, if the same can be written again: no number is rounded, no key stands twice.

    Raises:
        ValueError: It cannot, or is no object or list.
    """

    def number(digits: str) -> float:
        if repr(float(digits)) != digits:
            raise ValueError(digits)
        return float(digits)

    def object_of(pairs: list[tuple[str, Any]]) -> Json:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    found = json.loads(text, parse_float=number, parse_constant=number, object_pairs_hook=object_of)
    if not isinstance(found, (dict, list)):
        raise ValueError("it is no object or list")
    return found


def text_of(content: Json) -> str:
    """Return the text of the file, which names no hosts beside the calls.

    Keys are sorted but for those of answers, whose order a connector may show.
    """
    kept = {name: value for name, value in content.items() if name != "hosts"}
    return f"{json.dumps(_sorted(kept), indent=2, ensure_ascii=False)}\n"


def _sorted(value: Any, *, is_answer: bool = False) -> Any:
    if isinstance(value, list):
        return [_sorted(each, is_answer=is_answer) for each in value]
    if not isinstance(value, Mapping):
        return value

    keys = value if is_answer else sorted(value)
    return {key: _sorted(value[key], is_answer=is_answer or (key == "json" and "status" in value)) for key in keys}


def read(file: Path) -> Json:
    """Return what a file holds.

    Raises:
        CassetteError: There is none, or it is no cassette.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        for call in content["calls"]:
            _ = call["request"]["method"], call["request"]["url"], call["response"]
        return {"calls": content["calls"], "connections": content.get("connections", {})}
    except FileNotFoundError:
        raise CassetteError(f"There is no cassette {file.name}: record it first.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CassetteError(f"{file.name} is no cassette ({type(error).__name__}).") from None


def hosts_of(content: Json) -> list[str]:
    """Return the hosts that were called; of a file, one that the connection names is a placeholder."""
    return content.get("hosts") or sorted(
        {re.split(r"(?<!/)[/?#](?!/)", call["request"]["url"])[0] for call in content["calls"]}
    )


def calls_of(content: Json) -> list[str]:
    """Return the calls, each in a line."""
    return [
        f"{call['request']['method']} {call['request']['url']} {call['response'].get('status') or 'no answer'}"
        for call in content["calls"]
    ]


def fields_of(content: Json) -> dict[str, list[Any]]:
    """Return the different values of each field of queries and bodies, by path: `response.results[].email`."""
    found: dict[str, list[Any]] = {}
    for call in content["calls"]:
        for path, value in _fields(call):
            values = found.setdefault(path, [])
            if value not in values:
                values.append(value)
    return dict(sorted(found.items()))


def replaced(content: Json, path: str, instead: str) -> Json:
    """Return a cassette in which the values of a field are replaced, wherever they stand.

    Args:
        path: A field, as `fields_of` names it.
        instead: What to write; `{n}` in it becomes a number, so that different values stay different.

    Raises:
        CassetteError: There is no such field.
    """
    values = fields_of(content).get(path)
    if not values:
        raise CassetteError(f"The cassette has no field {path}.")

    new = {str(value): instead.replace("{n}", str(number)) for number, value in enumerate(values, 1)}
    texts = Texts(escapes=False)
    for value, text in new.items():
        texts.put(value, text)
    # Short values are everywhere: they are replaced at their place alone.
    short = {value: text for value, text in new.items() if texts.get(value) is None}
    return {**content, "calls": [_replaced(call, texts, path, short) for call in content["calls"]]}


def _fields(call: Json) -> Iterator[tuple[str, Any]]:
    yield from ((f"query.{name}", value) for name, value in parse_qsl(urlsplit(call["request"]["url"]).query))
    for side in ("request", "response"):
        yield from _leaves(side, call[side].get("json"))
        if "text" in call[side]:
            yield f"{side}.text", call[side]["text"]


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(f"{path}[]", inner)
    elif value not in (None, "") and not isinstance(value, bool):
        yield path, value


def _replaced(call: Json, texts: Texts, path: str, short: Mapping[str, str]) -> Json:
    made = with_texts(call, texts)
    for side, held in made.items():
        if "json" in held:
            held["json"] = _at(side, held["json"], path, short)
    return made


def _at(here: str, value: Any, path: str, short: Mapping[str, str]) -> Any:
    """Return JSON with the values at one path replaced."""
    if isinstance(value, Mapping):
        return {key: _at(f"{here}.{key}", inner, path, short) for key, inner in value.items()}
    if isinstance(value, list):
        return [_at(f"{here}[]", inner, path, short) for inner in value]

    return short.get(str(value), value) if here == path else value
