"""What happens, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import json
from collections.abc import Iterator

from flask import Blueprint, Response, request

from stacksync.dev.events import Event
from stacksync.dev.session import Session

# An idle connection says something this often, so that one whose page is gone is noticed. In seconds.
HEARTBEAT = 10.0
# How soon the browser asks again after a break. In milliseconds.
RETRY = 500


def routes(session: Session) -> Blueprint:
    """Return the stream of events."""
    blueprint = Blueprint("events", __name__)

    @blueprint.get("/events")
    def events() -> Response:
        last = request.headers.get("Last-Event-ID") or request.args.get("since", "")
        known = int(last) if last.isascii() and last.isdigit() else None
        return Response(_stream(session, known), mimetype="text/event-stream")

    return blueprint


def _stream(session: Session, last: int | None) -> Iterator[str]:
    """Yield what came after the event that the page knows; a new page begins with how things are now."""
    yield f"retry: {RETRY}\n\n"
    if last is None:
        newest = session.events.since(0)
        last = newest[-1].id if newest else 0
        yield f"event: state\nid: {last}\ndata: {json.dumps(dict(session.state))}\n\n"
    while not session.events.closed:
        newer = session.events.wait(last, HEARTBEAT)
        yield "".join(map(_message, newer)) or ":\n\n"
        last = newer[-1].id if newer else last


def _message(event: Event) -> str:
    return f"event: {event.kind}\nid: {event.id}\ndata: {json.dumps(dict(event.data))}\n\n"
