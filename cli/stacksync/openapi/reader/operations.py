"""The operations of an imported API: their forms, their requests, and the lists that fill dropdowns.

What it reads lies beside this file, a folder for each API, and is written by `stacksync import openapi`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from src.runtime import Choice, Choices, ManagedError
from src.runtime.http import ApiError, CursorPages, LinkPages, NumberedPages, OffsetPages, Session, paginate

from .call import Call
from .plan import call_of

HERE = Path(__file__).parent
OFFERED = 100
PAGES: dict[str, Callable[..., Any]] = {
    "cursor": CursorPages,
    "link": LinkPages,
    "number": NumberedPages,
    "offset": OffsetPages,
}


@dataclass(frozen=True)
class Operation:
    """An operation as it was stored: what identifies it, its form as written, and the plan of its request."""

    api: str
    stored: Mapping[str, Any]

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan of the request."""
        held: Mapping[str, Any] = self.stored["plan"]
        return held

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The fields of the form, those of the path first."""
        held: list[dict[str, Any]] = self.stored["form"]["fields"]
        return held

    @property
    def parents(self) -> list[str]:
        """The ids of the fields whose values stand in the path."""
        return [node["field"] for node in self.plan.get("in_path", [])]

    @property
    def needed(self) -> list[str]:
        """The ids of the fields without which it cannot be called, but for those of its pages."""
        pages = self.plan.get("pages", {})
        own = (pages.get("parameter"), pages.get("size_parameter"))
        nodes = [node for place in ("in_path", "query", "header") for node in self.plan.get(place, [])]
        return [node["field"] for node in nodes if node.get("required") and node["name"] not in own]

    def call(self, data: Mapping[str, Any]) -> Call:
        """Return the request that a form's data stands for.

        Raises:
            ManagedError: A field cannot hold its value, or one that is needed is empty (400).
        """
        try:
            return call_of(self.plan, data)
        except ValueError as error:
            raise ManagedError.validation_error(str(error)) from None

    def send(self, api: Session, data: Mapping[str, Any]) -> Any:
        """Send the request, and return what the API answers: read as JSON, else as a text; None where it is empty.

        Raises:
            ApiError: The API refused (502), or gave no answer (502, in time 504).
        """
        call = self.call(data)
        self._read_errors(api)
        answer = api.request(call.method, call.path.lstrip("/"), **call.arguments)
        if not answer.content:
            return None

        return answer.json() if "json" in answer.headers.get("Content-Type", "json") else answer.text

    def items(self, api: Session, data: Mapping[str, Any], limit: int) -> Iterator[Any]:
        """Return the items of a list, page after page.

        Raises:
            ApiError: The API refused a page (502), or gave no answer (502, in time 504).
        """
        call, pages = self.call(data), {**self.plan["pages"]}
        self._read_errors(api)
        made = PAGES[pages.pop("kind")](**pages)
        api.headers.update(call.headers)
        query = {name: [value for each, value in call.query if each == name] for name, _ in call.query}
        return paginate(api, call.path.lstrip("/"), made, limit=limit, params=query)

    def choices(self, api: Session, field: str, data: Mapping[str, Any]) -> Choices:
        """Return what a dropdown offers: the records of the list that it was recognised from."""
        known = self.plan["choices"][field]
        source = operation(self.api, known["operation"])
        if any(not data.get(name) for name in source.needed):
            return Choices([])

        found = list(source.items(api, {name: data[name] for name in source.needed}, OFFERED + 1))
        entries = [each for each in found[:OFFERED] if isinstance(each, Mapping) and each.get(known["value"])]
        named = [Choice(str(each[known["value"]]), _label_of(each, known)) for each in entries]
        return Choices(named, has_next_page=len(found) > OFFERED)

    def _read_errors(self, api: Session) -> None:
        """Have the API's reason read where its own schema says that it stands."""
        path = self.plan.get("error")
        if path and api.read_error is None:
            api.read_error = lambda error: _reason(error, path)


def _reason(error: ApiError, path: str) -> str | None:
    value = error.body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def _label_of(record: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    return str(record.get(known.get("label", "")) or record[known["value"]])


@cache
def operation(api: str, name: str) -> Operation:
    """Return an operation by the name of its file."""
    return Operation(api, json.loads((HERE / api / f"{name}.json").read_text("utf-8")))
