"""Records of the objects of an imported API: the fields of a form, and what becomes of its data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from src.runtime import Choice, Choices, ManagedError, Request, Response
from src.runtime.forms import comma_separated, group, records, text
from src.runtime.http import Session
from src.runtime.records import Outcome, for_each, read_ids, read_limit, read_rows, without_empty

from .operations import Operation, operation

Json = dict[str, Any]
MOST = 1000
# The content objects that fill the ids of a path, and other fields, the first of them first.
IDS = ("first_id", "second_id", "third_id", "fourth_id")
FIELDS = ("first_field", "second_field", "third_field", "fourth_field", "fifth_field", "sixth_field")
PLACES = (*IDS, *FIELDS)


class Records:
    """What one module does with the records of every object: `list`, `get`, `create`, `update` or `delete`.

    A version of its own, such as `v2`, has its own operations where the API changed in a way that breaks workflows.
    """

    def __init__(self, api: str, does: str, version: str = "") -> None:
        self._api, self._does, self._version = api, does, version
        held = json.loads((Path(__file__).parent / api / "resources.json").read_text("utf-8"))
        self._objects: Json = {path: each for path, each in held.items() if does in each["operations"]}

    def objects(self) -> list[Choice]:
        """Return the objects to choose from."""
        return [Choice(path, each["label"]) for path, each in self._objects.items()]

    def fields(self, chosen: str) -> list[Json]:
        """Return the fields of an object: those of the path first; none while none is chosen."""
        if chosen not in self._objects:
            return []

        key, source = self._objects[chosen]["key"], self._operation(chosen)
        known = {each["id"]: each for each in _placed(source, key, self._outer(source))}
        outer = [known[name] for name in self._outer(source)]
        left_out = {*self._outer(source), *_paging(source)}
        inner = [each for name, each in known.items() if name not in left_out]
        shown = [{**each, "id": f"{key}_{each['id']}"} for each in outer]
        if self._does == "list":
            limit = text(f"{key}_limit", "Limit", default="100", description=f"How many at most, up to {MOST}.")
            return [*shown, *([group(f"{key}_filters", "Only those with", *inner)] if inner else []), limit]
        if self._does == "delete":
            return [*shown, comma_separated(f"{key}_ids", "Ids", required=True)]
        if self._does == "get":
            return shown

        ids = [text(name, known[name]["label"], required=True) for name in self._item(source)]
        return [
            *shown,
            records(f"{key}_rows", "Records", *ids, *(each for each in inner if each["id"] not in self._item(source))),
        ]

    def fill(self, connect: Callable[[Any], Session], place: str, request: Request) -> Choices:
        """Answer what fills a field, by the name of its content object."""
        return self.choices(connect(request.connection()), place, request.form_data)

    def choices(self, api: Session, place: str, data: Mapping[str, Any]) -> Choices:
        """Return what fills a field: an id of the path, or another one that a list is known for."""
        chosen = str(data.get("select_object") or "")
        if chosen not in self._objects:
            return Choices([])

        source = self._operation(chosen)
        path = next((path for path, each in _places(source).items() if each == place), None)
        return source.choices(api, path, self._values(chosen, source, data)) if path else Choices([])

    def run(self, api: Session, data: Mapping[str, Any]) -> Response:
        """Do it, and answer what became of each record.

        Raises:
            ManagedError: There is no such object (404), or the data cannot be read (400).
            ApiError: The API refused (502), or gave no answer (502, in time 504).
        """
        chosen = str(data.get("select_object") or "")
        if chosen not in self._objects:
            raise ManagedError.not_found("Object", chosen)

        source, key = self._operation(chosen), self._objects[chosen]["key"]
        values = self._values(chosen, source, data)
        if self._does == "list":
            return self._list(
                api, source, {**values, **without_empty(data.get(f"{key}_filters"))}, data.get(f"{key}_limit")
            )
        if self._does == "get":
            return Response(data=source.send(api, values))
        if self._does == "delete":
            (name,) = self._item(source)
            return for_each(
                read_ids(data.get(f"{key}_ids")), lambda each: _deleted(source, api, {**values, name: each}, each)
            )

        return for_each(read_rows(data.get(f"{key}_rows")), lambda row: self._written(source, api, values, row))

    def _written(self, source: Operation, api: Session, values: Json, row: Any) -> Outcome:
        filled = without_empty(row)
        item = self._item(source)
        if not set(filled) - set(item):
            raise ValueError("Nothing is filled in." if not item else "Nothing is to be changed.")

        made = source.send(api, {**values, **filled})
        known = made if isinstance(made, dict) else {}
        id = next((known[name] for name in ("id", "uuid", "sid", "key") if known.get(name)), None)  # noqa: A001
        own = filled.get(item[0]) if item else id
        return Outcome("updated" if item else "created", None if own is None else str(own))

    def _list(self, api: Session, source: Operation, values: Json, limit: Any) -> Response:
        most = read_limit(limit, MOST)
        found = list(source.items(api, values, most + 1))
        kept = found[:most]
        return Response(data={"records": kept, "total": len(kept), "has_more": len(found) > most})

    def _operation(self, chosen: str) -> Operation:
        held = self._objects[chosen]
        own = held.get("versions", {}).get(self._version, {})
        return operation(self._api, own.get(self._does) or held["operations"][self._does])

    def _item(self, source: Operation) -> list[str]:
        """Return the field of the record's own id, where there is one: the last of the path."""
        return source.parents[-1:] if self._does in ("get", "update", "delete") else []

    def _outer(self, source: Operation) -> list[str]:
        """Return the fields that hold for all records of a request: ids of parents, parameters besides the body."""
        path = source.parents if self._does in ("list", "create", "get") else source.parents[:-1]
        headers = [node["field"] for node in source.plan.get("header", [])]
        query = [node["field"] for node in source.plan.get("query", [])] if self._does != "list" else []
        return [*path, *query, *headers]

    def _values(self, chosen: str, source: Operation, data: Mapping[str, Any]) -> Json:
        key = self._objects[chosen]["key"]
        return {name: data.get(f"{key}_{name}") for name in self._outer(source)}


def _paging(source: Operation) -> list[str]:
    """Return the fields that say which page is wanted: those are not filled in, pages are read one after the other."""
    pages = source.plan.get("pages", {})
    names = [pages.get("parameter"), pages.get("size_parameter")]
    return [node["field"] for node in source.plan.get("query", []) if node.get("name") in names]


def _deleted(source: Operation, api: Session, data: Json, id: str) -> Outcome:  # noqa: A002
    source.send(api, data)
    return Outcome("deleted", id)


def _places(source: Operation) -> dict[str, str]:
    """Return the content objects of the fields that lists fill, by the paths of the fields."""
    known, parents = source.plan.get("choices", {}), source.parents
    ids = {name: IDS[at] for at, name in enumerate(parents[: len(IDS)]) if name in known}
    return {**ids, **dict(zip((path for path in known if path not in parents), FIELDS, strict=False))}


def _placed(source: Operation, key: str, outer: list[str]) -> list[Json]:
    """Return the form's fields, whose dropdowns ask for the content objects of this kind of module."""
    places = _places(source)
    waiting = list(_waiting(source.fields, ""))
    made = [_with_place(each, each["id"], places, (key, outer)) for each in source.fields]
    for each in made:
        following = [{"id": places[path]} for path, needed in waiting if each["id"] in needed and path in places]
        if following and each["id"] in outer:
            each |= {"on_action": {"load_content": True}, "reload_content_objects": following}
    return made


def _waiting(fields: list[Json], prefix: str) -> Iterator[tuple[str, list[str]]]:
    for each in fields:
        for known in each.get("content", {}).get("content_objects", []):
            yield prefix + each["id"], _needed(known)
        yield from _waiting(_inner(each), f"{prefix}{each['id']}/")


def _inner(made: Json) -> list[Json]:
    found: list[Json] = made.get("fields") or made.get("items", {}).get("fields") or []
    return found


def _needed(known: Json) -> list[str]:
    return [each["id"] for each in known.get("content_object_depends_on_fields", [])]


def _with_place(made: Json, path: str, places: Mapping[str, str], about: tuple[str, list[str]]) -> Json:
    made = {name: value for name, value in made.items() if name not in ("on_action", "reload_content_objects")}
    inner = [_with_place(each, f"{path}/{each['id']}", places, about) for each in _inner(made)]
    if inner:
        made |= {"fields": inner} if "fields" in made else {"items": {**made["items"], "fields": inner}}
    if "content" not in made:
        return made

    key, outer = about
    needed = _needed(made["content"]["content_objects"][0])
    if path not in places or not {*needed} <= {*outer}:  # a field of a row cannot fill one beside it
        return {name: value for name, value in made.items() if name not in ("content", "choices", "ui_options")}
    wanted: Json = {"id": places[path]}
    wanted["content_object_depends_on_fields"] = [
        {"id": each} for each in ("select_object", *(f"{key}_{name}" for name in needed))
    ]
    return {**made, "content": {"type": ["managed"], "content_objects": [wanted]}}
