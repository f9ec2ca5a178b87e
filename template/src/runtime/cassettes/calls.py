"""One call of a run: its secrets, what of it is kept, and what it is recognized by."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import requests

from .content import BODIES, LED_FROM, Json, Recorded, body_in, body_of, header_of, kept_headers, plain_type, written
from .placeholders import PLACEHOLDER, Placeholders, made_up

# Given a body and the address that was called, returns the body as it may be written.
MaskBody = Callable[[Any, str], Any]
BEARING = {"authorization", "proxy-authorization"}


def learn_call(names: Placeholders, call: Recorded) -> None:
    """Learn the secrets of a call and its answer by the names that they have."""
    for name, value in parse_qsl(urlsplit(call.url).query):
        names.learn_secret(name, value)
    for data, headers in ((call.body, call.headers), (bytes(call.answer), call.answer_headers)):
        body = body_of(data, header_of(headers, "content-type"))
        names.learn_secrets(body.get("json"))
        text = str(body.get("text", ""))
        if "form" in header_of(headers, "content-type"):
            names.learn_secrets(dict(parse_qsl(text)))
        else:
            names.learn_text(text)


def learn_headers(names: Placeholders, call: Recorded) -> None:
    """Learn the secrets in headers, after those of all bodies: a token has the name that it was issued under."""
    for headers in (call.headers, call.answer_headers):
        for name, value in headers.items():
            _learn_header(names, name.lower(), value)


def _learn_header(names: Placeholders, name: str, value: str) -> None:
    if name in ("cookie", "set-cookie"):
        for part in value.replace(",", ";").split(";"):
            cookie, _, text = part.strip().partition("=")
            if len(text) >= 12 and " " not in text:
                names.learn(f"cookie.{cookie}", text)
    elif name in BEARING:
        scheme, _, credentials = value.partition(" ")
        user, _, password = _basic(credentials).partition(":")
        if scheme.lower() == "basic" and password:
            names.learn("basic.password", password)
            names.learn("basic.user", user)
        else:
            names.learn_secret(name, credentials or value)
    else:
        names.learn_secret(name, value)


def request_of(call: Recorded, mask_body: MaskBody | None) -> Json:
    """Return a request as it was made, with the address of the API where a stand-in was called."""
    url = call.unled(call.url.encode()).decode()
    body = body_of(call.unled(call.body), header_of(call.headers, "content-type"))
    headers = _request_headers(call.headers)
    return {"method": call.method, "url": url, "headers": headers, **masked(body, url, mask_body)}


def _request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers to keep; user and password in them are not encoded, so that they become placeholders."""
    kept = kept_headers(headers)
    for name, value in kept.items():
        scheme, _, credentials = value.partition(" ")
        if name.lower() in BEARING and scheme.lower() == "basic":
            kept[name] = f"{scheme} {_basic(credentials)}"
        if name.lower() == "content-type":
            kept[name] = plain_type(value)
    return kept


def _basic(credentials: str) -> str:
    try:
        decoded = base64.b64decode(credentials, validate=True)
    except ValueError:
        return ""
    try:
        return decoded.decode()
    except UnicodeDecodeError:
        return decoded.decode("latin-1")  # as requests encodes what fits


def without_secrets(call: Json, names: Placeholders) -> Json:
    """Return a call with placeholders for all secrets that are known, and for whatever has the name of one."""
    made: Json = {}
    for side, held in call.items():
        rest = {name: names.of(value) for name, value in held.items() if name not in BODIES}
        rest["headers"] = {name: _bearing(name, value) for name, value in rest.get("headers", {}).items()}
        body = {kind: names.of(held[kind]) for kind in BODIES if kind in held}
        if "url" in held:
            rest["url"] = names.of_pairs(held["url"])
        if "text" in held and "form" in header_of(held["headers"], "content-type"):
            body["text"] = names.of_pairs(held["text"])
        made[side] = {**rest, **written(body)}
    return made


def _bearing(name: str, value: str) -> str:
    """Return a header that signs a request with a placeholder in it, whatever scheme it is of."""
    scheme, _, credentials = value.partition(" ")
    if name.lower() not in BEARING or "${" in value:
        return value

    return f"{scheme} ${{{name.lower()}}}" if credentials else f"${{{name.lower()}}}"


def masked(body: Json, url: str, mask_body: MaskBody | None) -> Json:
    """Return a body as the connector's hook makes it."""
    return {kind: mask_body(value, url) for kind, value in body.items()} if mask_body else body


def note_masks(masks: dict[str, str], heard: Any, masked: Any) -> None:
    """Note which texts a connector's hook replaced: calls that follow may hold them, in their addresses too."""
    if isinstance(heard, dict) and isinstance(masked, dict):
        for key in heard.keys() & masked.keys():
            note_masks(masks, heard[key], masked[key])
    elif isinstance(heard, list) and isinstance(masked, list):
        for one, other in zip(heard, masked):  # noqa: B905 - a hook may shorten a list
            note_masks(masks, one, other)
    elif isinstance(heard, str) and isinstance(masked, str) and heard != masked and len(heard) < 200:
        masks.setdefault(heard, masked.replace("${", "$${"))


def key_of(asked: Mapping[str, Any]) -> str:
    """Return what a call is recognized by: method, address and body.

    The address is decoded: what replaces a value in it may be written with other characters escaped.
    """
    return json.dumps([asked["method"], unquote_plus(asked["url"]), written(body_in(asked))], sort_keys=True)


def line_of(asked: Mapping[str, Any]) -> str:
    """Return what a call is named by in messages."""
    return f"{asked['method']} {asked['url']}"


def times(line: str, count: int) -> str:
    """Return a line, and how often it counts."""
    return line if count == 1 else f"{line} ({count} times)"


def values_of(content: Json) -> dict[str, Any]:
    """Return what each placeholder of a cassette stands for while it is played back."""
    found = {each[1]: made_up(each[1]) for each in PLACEHOLDER.finditer(json.dumps(content["calls"])) if each[1]}
    known = Placeholders()
    for prefix, values in content["connections"].items():
        known.learn_connection(prefix, values)
    return {**found, **known.values}


def whole_body(request: requests.PreparedRequest) -> bytes:
    """Return the body of a request; one that is streamed is read, and is sent from memory."""
    body: Any = request.body
    if body is None or isinstance(body, (str, bytes)):
        return body.encode() if isinstance(body, str) else body or b""
    if hasattr(body, "read"):
        data = body.read()
        data = data.encode() if isinstance(data, str) else bytes(data)
    else:
        data = b"".join(part.encode() if isinstance(part, str) else part for part in body)
    # Sent as it was to be: with its length, or in chunks.
    request.body = data if "Content-Length" in request.headers else iter([data])  # type: ignore[assignment]
    return data


def plain(headers: Mapping[Any, Any]) -> dict[str, str]:
    """Return headers as texts."""
    return {_text(name): _text(value) for name, value in headers.items()}


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def led(url: str) -> tuple[str, str] | None:
    """Return the address of a stand-in that is called, and of the API that it stands for; None without one."""
    origin, parts = LED_FROM.get(), urlsplit(url)
    return (f"{parts.scheme}://{parts.netloc}", origin) if origin else None
