"""What happens, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

import json
import uuid
from collections.abc import Iterator

from flask import Blueprint, Response, request

from stacksync.dev.events import Event
from stacksync.dev.session import DevSession

# An idle connection says something this often, so that one whose page is gone is noticed. In seconds.
HEARTBEAT = 10.0
# How soon the browser asks again after a break. In milliseconds.
RETRY = 500
LONGEST_ID = 16  # digits; longer ones are none of ours


def routes(session: DevSession) -> Blueprint:
    """Return the stream of events."""
    blueprint = Blueprint("events", __name__)
    run = uuid.uuid4().hex

    @blueprint.get("/events")
    def events() -> Response:
        last = request.headers.get("Last-Event-ID") or request.args.get("since", "")
        known = int(last) if last.isascii() and last.isdigit() and len(last) < LONGEST_ID else 0
        return Response(_stream(session, run, known), mimetype="text/event-stream")

    return blueprint


def _stream(session: DevSession, run: str, last: int) -> Iterator[str]:
    """Yield how things are now, then what came after the event that the page knows.

    Numbers begin anew with each `stacksync dev`: a page that outlived one knows numbers that are not there yet.
    """
    newest = max((event.id for event in session.events.since(0)), default=0)
    greeting = {"run": run, "state": dict(session.state), "newest": newest}
    yield f"retry: {RETRY}\n\nevent: hello\ndata: {json.dumps(greeting)}\n\n"
    last = last if last <= newest else 0
    while not session.events.closed:
        newer = session.events.wait(last, HEARTBEAT)
        yield "".join(map(_message, newer)) or ":\n\n"
        last = newer[-1].id if newer else last


def _message(event: Event) -> str:
    return f"event: {event.kind}\nid: {event.id}\ndata: {json.dumps(dict(event.data))}\n\n"
