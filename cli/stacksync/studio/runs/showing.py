"""An answer as the page shows it."""

import json

from flask import render_template

from stacksync.studio.runs.history import HistoryEntry


def shown(entry: HistoryEntry) -> str:
    """Return the answer of a call as HTML."""
    return render_template("panels/response.html", entry=entry, reply=pretty(entry.reply))


def pretty(text: str) -> str:
    """Return JSON as people read it, and any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
