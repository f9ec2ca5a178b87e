"""What was sent and answered, as the page shows it: JSON as data, and everything else as what it is."""

import json
from dataclasses import dataclass

from flask import render_template

from stacksync.studio.runs.history import HistoryEntry

# Characters that stand in the page as text. What is longer is fetched as data, once somebody sees it.
SHORT = 20_000
LONGEST_TEXT = 200_000  # of a text that is no JSON: the rest is in its file

# Pictures that hold no script. An SVG may, so it is shown as the text that it is.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
PAGES = frozenset({"text/html", "application/xhtml+xml"})
BINARY = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/octet-stream")
SUFFIXES = {"json": "json", "page": "html", "text": "txt", "picture": "bin", "binary": "bin"}


@dataclass(frozen=True)
class ShownValue:
    """A value as the page shows it.

    Args:
        kind: json, page (HTML), text, picture or binary.
        text: What stands in the page; "" where the page fetches it.
        cut: Of how many characters a text is the beginning; 0 where it is whole.
        lacks: Why its bytes cannot be had; "" where they can.
    """

    kind: str
    media_type: str
    text: str = ""
    cut: int = 0
    lacks: str = ""


def shown(entry: HistoryEntry) -> str:
    """Return the end of a run as HTML."""
    return render_template("panels/response.html", entry=entry)


def sent_value(entry: HistoryEntry) -> ShownValue:
    """Return how a request is shown."""
    return _json(entry.sent)


def answered_value(entry: HistoryEntry) -> ShownValue:
    """Return how an answer is shown."""
    kind, media_type = kind_of(entry), media_type_of(entry)
    if kind in ("picture", "binary"):
        return ShownValue(kind, media_type, lacks=why_no_bytes(entry))
    if kind == "json":
        return _json(entry.reply)

    cut = len(entry.reply) if len(entry.reply) > LONGEST_TEXT else 0
    return ShownValue(kind, media_type, entry.reply[:LONGEST_TEXT], cut)


def kind_of(entry: HistoryEntry) -> str:
    """Name what an answer is, by its type and by its bytes."""
    media_type = media_type_of(entry)
    if media_type in PICTURES:
        return "picture"
    if media_type in PAGES:
        return "page"
    if _is_binary(entry.answer.body, media_type):
        return "binary"

    return "json" if "json" in media_type and entry.reply.strip() else "text"


def media_type_of(entry: HistoryEntry) -> str:
    """Return the type of an answer without its parameters."""
    return entry.answer.content_type.partition(";")[0].strip().lower()


def why_no_bytes(entry: HistoryEntry) -> str:
    """Say why an answer's bytes cannot be had; "" where they can."""
    if entry.reply != entry.answer.text:
        return "It holds a secret, so it is not shown."  # bytes cannot be masked as texts are
    if b"\xef\xbf\xbd" in entry.answer.body:
        return "It comes from an earlier stacksync dev, whose files keep texts alone. Send the run again."

    return ""


def pretty(text: str) -> str:
    """Return JSON as people read it, and any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _json(text: str) -> ShownValue:
    return ShownValue("json", "application/json", pretty(text) if len(text) <= SHORT else "")


def _is_binary(body: bytes, media_type: str) -> bool:
    if media_type.startswith(BINARY) and media_type != "image/svg+xml":
        return True

    return not media_type.startswith("text/") and (b"\0" in body or not _is_text(body))


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False

    return True
