"""The API's own reason for refusing a call, found in the body of its answer: one line of plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

LONGEST_REASON = 500
# Enough for the longest reason with all its markup.
LONGEST_READ = 20_000
MOST_REASONS = 5
MOST_LEVELS = 6
# In lower case and without `_` and `-`; the first that holds a text is the reason.
TEXTS = (
    "errordescription",
    "detail",
    "message",
    "errormessage",
    "msg",
    "description",
    "faultstring",
    "reason",
    "title",
)
# Where the reasons themselves are: JSON:API, Rails, Google, GitHub, RFC 9457, Apigee and others.
HOLDERS = ("errors", "error", "fault", "messages", "invalidparams", "violations", "details")
# What tells which part is at fault, as GitHub's `field`, RFC 9457's `name`, FastAPI's `loc`.
PLACES = ("field", "property", "propertypath", "name", "loc", "pointer", "parameter")
TITLE = re.compile(r"(?is)<title[^>]*>(.{0,1000}?)</title>")
UNSEEN = re.compile(r"(?is)<(script|style|head)\b.{0,20000}?</\1\s*>|<!--.{0,20000}?-->")
TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")


def find_reason(body: Any) -> str:
    """Return the reason in a body that was read as JSON, or is a text."""
    if isinstance(body, str):
        title = TITLE.search(body[:LONGEST_READ])
        return title[1] if title else UNSEEN.sub(" ", body[:LONGEST_READ])

    found: list[str] = []
    for text in _reasons(body, MOST_LEVELS):
        if text not in found:
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
        if value.strip():
            yield value.strip()
    elif levels and isinstance(value, list):
        for each in value[:MOST_REASONS]:
            yield from _reasons(each, levels - 1)
    elif levels and isinstance(value, dict):
        yield from _of_object(value, levels - 1)


def _of_object(value: dict[str, Any], levels: int) -> Iterator[str]:
    known = {re.sub("[_-]", "", str(name)).lower(): held for name, held in value.items()}
    text = next((known[name] for name in TEXTS if isinstance(known.get(name), str) and known[name].strip()), "")
    code = known.get("error")
    if text and isinstance(code, str):
        # RFC 6749, section 5.2: the error is a code such as invalid_grant, its description a text.
        yield text if code in text else f"{code}: {text}"
    elif text:
        place = next((known[name] for name in PLACES if isinstance(known.get(name), str)), "")
        yield f"{place}: {text}" if place else text
    holders = [name for name in HOLDERS if known.get(name) and not (text and name == "error" and code == known[name])]
    for name in holders:
        yield from _by_field(known[name], levels) if name == "errors" else _reasons(known[name], levels)


def _by_field(errors: Any, levels: int) -> Iterator[str]:
    """Read `{"email": ["is taken"]}` as Rails, Django and Laravel write it."""
    named = isinstance(errors, dict) and not any(str(name).lower() in TEXTS for name in errors)
    if not named:
        yield from _reasons(errors, levels)
        return
    for field, told in list(errors.items())[:MOST_REASONS]:
        yield f"{field}: {', '.join(_reasons(told, levels))}"
