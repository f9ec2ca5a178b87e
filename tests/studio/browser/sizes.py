"""Modules with large and strange answers, and what they cost the page by the browser's own figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGNQSDgARAwQCgAgjgUB59mTewAAAABJRU5ErkJggg=="
ROUTE = """\
import base64
import json

from flask import Response as Answer

from src.runtime import Choice, Module, Request, Response

module = Module(__name__)


def contact(number):
    return {
        "id": 9007199254740993 + number, "name": f"Person {number} é", "email": f"person{number}@example.test",
        "tags": ["customer", "newsletter"], "active": number % 2 == 0,
        "address": {"street": f"High Street {number}", "city": "Porto"}, "note": "x" * 60,
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


"""
CHOOSING = """\
from src.runtime import Choice, ManagedError, Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.data))


@module.content("things")
def things(request: Request) -> list[Choice]:
    return [Choice(number, f"Thing {number}") for number in range(10_000)]
"""
WAITING = """\
import time
from pathlib import Path

from src.runtime import Choice, ManagedError, Module, Request, Response

module = Module(__name__)
signs = Path("SIGNS")


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.data))


@module.content("quick")
def quick(request: Request) -> list[Choice]:
    return [Choice("q", "Quick one")]


@module.content("slow")
def slow(request: Request) -> list[Choice]:
    while not (signs / "go").exists():
        time.sleep(0.02)
    return [Choice("s", "Slow one")]


@module.content("broken")
def broken(request: Request) -> list[Choice]:
    if not (signs / "mended").exists():
        raise ManagedError("The API is down.", status_code=503)
    return [Choice("b", "Mended one")]
"""


def asking(name: str) -> dict[str, Any]:
    """Return a field whose choices come from a content object of its name."""
    content = {"type": ["managed"], "content_objects": [{"id": name}]}
    return {"id": name, "type": "string", "label": name.capitalize(), "content": content}


WAITS: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [asking("slow"), asking("broken"), asking("quick")],
    "ui_options": {"ui_order": ["slow", "broken", "quick"]},
}
MANAGED = {"type": ["managed"], "content_objects": [{"id": "things"}]}
TYPED = [{"value": each, "label": f"{each}"} for each in (1, "1", True, "true", 1.5, *range(10, 40))]
CHOICES: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "detailed",
            "type": "string",
            "label": "Detailed",
            "choices": {"values": [{"value": "no"}, {"value": "yes"}]},
        },
        {"id": "detail", "type": "string", "label": "Detail"},
        {"id": "thing", "type": "integer", "label": "Thing", "content": MANAGED, "validation": {"required": True}},
        {"id": "several", "type": "array", "label": "Several", "items": {"type": "integer", "content": MANAGED}},
        {
            "id": "mixed",
            "label": "Mixed",
            "choices": {"values": [*TYPED]},
        },
        {"id": "pattern", "type": "string", "label": "Pattern", "content": MANAGED, "validation": {"pattern": ".+"}},
    ],
    "rules": [
        {
            "if": {"and": [{"id": "detailed", "operator": "equal", "value": "no"}]},
            "then": {"fields": [{"id": "detail", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}]},
        }
    ],
    "ui_options": {"ui_order": ["detailed", "detail", "thing", "several", "mixed", "pattern"]},
}
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
    taken: list[float] = []
    before = _task_seconds(session)
    yield taken
    taken.append(_task_seconds(session) - before)
    session.detach()


def _task_seconds(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
