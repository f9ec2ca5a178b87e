"""How a control looks, where its field's widget, format and length decide."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacksync.runtime.forms import Field

SINGLE_LINE = ("text", "number", "any", "template")
LONG = 200  # characters in one line that nobody wants to scroll through


def look(field: Field, kind: str, text: str) -> str:
    """Name the macro that draws a control."""
    if kind == "json":
        return "code"
    if kind not in SINGLE_LINE:
        return "input" if kind == "password" else kind
    if field.widget == "CodeblockWidget":
        return "code"

    return "textarea" if field.widget == "textarea" or "\n" in text or "\r" in text or len(text) > LONG else "input"


def input_type(field: Field, kind: str, text: str) -> str:
    """Return the type of an `<input>`: a special one only where the browser would not alter the text it holds."""
    if kind == "password":
        return "password"
    if kind != "text" or text != text.strip():
        return "text"
    if field.format == "date":
        return "date" if not text or _is_date(text) else "text"

    return {"email": "email", "uri": "url"}.get(field.format or "", "text")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
