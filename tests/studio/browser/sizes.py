"""A module that answers what it is asked for, large or strange; and what it costs the page, by the browser's own figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGNQSDgARAwQCgAgjgUB59mTewAAAABJRU5ErkJggg=="
ROUTE = '''\
import base64
import json

from flask import Response as Answer

from src.runtime import Choice, Module, Request, Response

module = Module(__name__)


def contact(number):
    return {
        "id": 9007199254740993 + number, "name": f"Person {number} é", "email": f"person{number}@example.test",
        "tags": ["customer", "newsletter"], "active": number % 2 == 0,
        "address": {"street": f"High Street {number}", "city": "Porto"}, "note": "x" * 40,
    }


@module.execute
def execute(request: Request) -> Response:
    kind = request.data.get("kind")
    if kind == "picture":
        return Answer(base64.b64decode("PICTURE"), content_type="image/png")
    if kind == "page":
        page = "<h1>Of the API</h1><style>h1 { color: teal }</style><script>parent.document.title = 'taken'</script>"
        return Answer(page, content_type="text/html")
    if kind == "binary":
        return Answer(b"%PDF\\x00\\xff" + b"x" * 1018, content_type="application/pdf")
    if kind == "text":
        return Answer("plain", content_type="text/plain")
    return Response(data={"contacts": [contact(number) for number in range(20_000 if kind == "large" else 2)]})


@module.content("things")
def things(request: Request) -> list[Choice]:
    return [Choice(number, f"Thing {number}") for number in range(10_000)]
'''
SCHEMA: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [{"id": "kind", "type": "string", "label": "Kind"}],
    "ui_options": {"ui_order": ["kind"]},
}


def route() -> str:
    """Return the code of the module."""
    return ROUTE.replace("PICTURE", PICTURE)


@contextmanager
def main_thread(page: Page) -> Iterator[list[float]]:
    """Measure a block: when it has ended, the list holds the seconds that the page's main thread worked meanwhile."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before, taken = _task_seconds(session), []
    yield taken
    taken.append(_task_seconds(session) - before)
    session.detach()


def _task_seconds(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
