"""The API's own reason for refusing a call, found in the body of its answer: one line of plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

LONGEST_REASON = 500
# Enough for the longest reason with all its markup.
LONGEST_READ = 4_000
MOST_REASONS = 5
MOST_LEVELS = 6
# Names are compared in lower case, without `_` and `-`. The first of these that is a text is the reason.
TEXTS = ("errordescription", "detail", "message", "errormessage", "msg", "description", "faultstring", "reason")
FALLBACKS = ("title", "error", "errors")
# What stands in for a reason where there is none.
CODES = ("code", "errorcode", "type")
# Where further reasons are: JSON:API, Rails, Google, GitHub, FastAPI, RFC 9457, Apigee and others.
HOLDERS = ("errors", "error", "errormessages", "detail", "details", "message", "messages", "fault", "invalidparams")
# What tells which part is at fault, as GitHub's `field`, RFC 9457's `name`, FastAPI's `loc`.
PLACES = ("field", "property", "propertypath", "name", "loc", "pointer")
TITLE = re.compile(r"(?is)<title[^<>]*>(.{1,300}?)</title>")
UNSEEN = re.compile(r"(?is)<(script|style)\b.{0,4000}?</\1\s*>|<!--.{0,4000}?-->")
# Of HTML and XML, and what terminals take for colours.
TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>|\x1b\[[0-9;]*[A-Za-z]")


def find_reason(body: Any) -> str:
    """Return the reason in a body that was read as JSON, or is a text."""
    if isinstance(body, str):
        title = TITLE.search(body[:LONGEST_READ])
        return title[1] if title else UNSEEN.sub(" ", body[:LONGEST_READ])

    found: list[str] = []
    for text in _reasons(body, MOST_LEVELS):
        if text and text not in found:
            found.append(text)
        if len(found) == MOST_REASONS:
            break
    return "; ".join(found)


def one_line(text: str) -> str:
    """Return a text without markup, control characters and line breaks."""
    plain = text[:LONGEST_READ]
    # An escaped tag is one after it was unescaped.
    for _ in range(3):
        plain = TAG.sub(" ", html.unescape(plain))

    return " ".join("".join(character if character.isprintable() else " " for character in plain).split())


def cut(text: str) -> str:
    """Return a text of at most `LONGEST_REASON` characters."""
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def _reasons(value: Any, levels: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif levels and isinstance(value, list):
        for each in value[:MOST_REASONS]:
            yield from _reasons(each, levels - 1)
    elif levels and isinstance(value, dict):
        yield from list(_of_object(value, levels - 1)) or _by_field(value, levels - 1)


def _of_object(value: dict[str, Any], levels: int) -> Iterator[str]:
    known = {re.sub("[_-]", "", str(name)).lower(): held for name, held in value.items()}
    holders = (known[name] for name in HOLDERS if isinstance(known.get(name), (list, dict)))
    further = [reason for holder in holders for reason in _reasons(holder, levels) if reason]
    text = _first(known, TEXTS + FALLBACKS) or ("" if further else _first(known, CODES))
    # RFC 6749, section 5.2: `error` is a code such as invalid_grant, `error_description` a text.
    before = _first(known, ("error",))
    before = before if before and before not in text else _first(known, PLACES)
    if text:
        yield f"{before}: {text}" if before else text
    yield from further


def _by_field(value: dict[str, Any], levels: int) -> Iterator[str]:
    """Read `{"email": ["is taken"]}` as Rails, Django and Laravel write it; in a whole body, lists only."""
    for field, told in list(value.items())[:MOST_REASONS]:
        is_told = isinstance(told, (list, dict)) or levels < MOST_LEVELS - 1
        reasons = ", ".join(filter(None, _reasons(told, levels))) if is_told else ""
        if reasons:
            yield f"{field}: {reasons}"


def _first(known: dict[str, Any], names: tuple[str, ...]) -> str:
    """Return the first text under these names; a path, such as FastAPI's `["body", "email"]`, is one as well."""
    for name in names:
        held = known.get(name)
        if name == "loc" and isinstance(held, list):
            return ".".join(str(each) for each in held[:MOST_LEVELS])
        if isinstance(held, str) and held.strip():
            return held.strip()

    return ""
