"""The API on this machine, for the tests of modules that were made of its description."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

from src.runtime.testing import StandIn


def stand_in_of(file: Path) -> StandIn:
    """Return an API that answers one operation, wherever it begins, with what a file says.

    Args:
        file: What is asked, such as `GET /books/{id}`, and the answer.
    """
    held = json.loads(file.read_text("utf-8"))
    method, path = held["asked"].split(" ", 1)
    places = iter(range(1000))
    rule = re.sub(r"{[^{}]*}", lambda _: f"<p{next(places)}>", path.replace("<", "%3C").replace(">", "%3E"))
    # What a connection holds, the connector's own stand-in says.
    api = StandIn(connection=import_module("tests.stand_in").api.connection)
    for begin in ("", "/<path:base>"):
        api.answer(f"{method} {begin}{rule}", held["answer"]["body"], held["answer"]["status"])
    return api
