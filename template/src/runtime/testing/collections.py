"""Records of one kind, as most REST APIs serve them, and how their list is divided into pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

import flask
from flask.typing import ResponseReturnValue

from ..http.paging import CursorPages, LinkPages, NumberedPages, OffsetPages, Pages

Record = dict[str, Any]
# The parameter by which a link leads to its page.
NEXT = "after"


class Collection:
    """The records under one path; `records` has them by their ids."""

    def __init__(self, records: Iterable[Mapping[str, Any]], required: Sequence[str], lists: Lists) -> None:
        self.records: dict[str, Record] = {}
        self._required, self._lists, self._numbers = required, lists, count(1)
        for record in records:
            self._keep(record)

    def list(self) -> ResponseReturnValue:
        """Answer a page of the records that have the values asked for in the query, such as `?email=…`."""
        query = flask.request.args.to_dict()
        return self._lists.page([each for each in self.records.values() if _matches(each, query)], query)

    def create(self) -> ResponseReturnValue:
        """Take a record."""
        sent = flask.request.get_json(force=True)
        return self._refusal(sent) or (self._keep(sent), 201)

    def get(self, id: str) -> ResponseReturnValue:  # noqa: A002 - as the records call it
        """Answer one record."""
        return self.records.get(id) or _missing(id)

    def update(self, id: str) -> ResponseReturnValue:  # noqa: A002
        """Change some fields of a record."""
        if id not in self.records:
            return _missing(id)

        changed = {**self.records[id], **flask.request.get_json(force=True)}
        return self._refusal(changed) or self._keep({**changed, "id": id})

    def put(self, id: str) -> ResponseReturnValue:  # noqa: A002
        """Take a record under an id, in the place of one that may be there."""
        sent, there = flask.request.get_json(force=True), id in self.records
        return self._refusal(sent) or (self._keep({**sent, "id": id}), 200 if there else 201)

    def delete(self, id: str) -> ResponseReturnValue:  # noqa: A002
        """Drop a record."""
        return ("", 204) if self.records.pop(id, None) else _missing(id)

    def _keep(self, record: Mapping[str, Any]) -> Record:
        kept = {"id": str(record.get("id") or next(self._numbers)), **record}
        self.records[kept["id"]] = kept
        return kept

    def _refusal(self, record: Mapping[str, Any]) -> ResponseReturnValue | None:
        missing = [name for name in self._required if record.get(name) in (None, "")]
        return ({"message": f"{missing[0]} is required"}, 422) if missing else None


@dataclass(frozen=True)
class Lists:
    """How a list is divided: the other side of what `paginate` reads, with a page that holds `size` items at most."""

    pages: Pages
    size: int

    def page(self, found: Sequence[Record], query: Mapping[str, str]) -> ResponseReturnValue:
        """Answer the page that is asked for."""
        start, size = self._asked(found, query)
        rows, end = found[start : start + size], start + size
        more = end < len(found)
        body: dict[str, Any] = {}
        if self.pages.more:
            _put(body, self.pages.more, more)
        headers = self._tell_of_next(body, end, query) if more else {}
        return flask.jsonify(_put(body, self.pages.items, list(rows)) if self.pages.items else list(rows)), 200, headers

    def _asked(self, found: Sequence[Record], query: Mapping[str, str]) -> tuple[int, int]:
        """Return where the page begins and how many items it may hold."""
        if isinstance(self.pages, (NumberedPages, OffsetPages)):
            size = min(int(query.get(self.pages.size_parameter, self.size)), self.size)
            if isinstance(self.pages, OffsetPages):
                return int(query.get(self.pages.parameter, 0)), size
            return (int(query.get(self.pages.parameter, self.pages.start)) - self.pages.start) * size, size

        cursor = query.get(self.pages.parameter if isinstance(self.pages, CursorPages) else NEXT, "0")
        if field := self._field_of_last():
            return next((at for at, each in enumerate(found, 1) if str(each.get(field)) == cursor), 0), self.size
        return int(cursor), self.size

    def _tell_of_next(self, body: Record, end: int, query: Mapping[str, str]) -> dict[str, str]:
        """Say in the body, or in the headers returned, how to get the next page."""
        if isinstance(self.pages, CursorPages) and not self._field_of_last():
            _put(body, self.pages.cursor, str(end))
        if not isinstance(self.pages, LinkPages):
            return {}

        link = f"{flask.request.base_url}?{urlencode({**query, NEXT: str(end)})}"
        if self.pages.link:
            _put(body, self.pages.link, link)
        return {} if self.pages.link else {"Link": f'<{link}>; rel="next"'}

    def _field_of_last(self) -> str:
        """Return the field of a page's last item that is the cursor, such as `id` of `data.-1.id`."""
        cursor = self.pages.cursor if isinstance(self.pages, CursorPages) else ""
        _, last, field = cursor.partition("-1.")
        return field if last else ""


def _put(body: Record, path: str, value: Any) -> Record:
    """Put a value where `find` looks for it: `data.items` is `items` in `data`."""
    *outer, name = path.split(".")
    place = body
    for each in outer:
        place = place.setdefault(each, {})
    place[name] = value
    return body


def _matches(record: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    return all(str(record[name]).lower() == value.lower() for name, value in query.items() if name in record)


def _missing(id: str) -> ResponseReturnValue:  # noqa: A002
    return {"message": f"There is no record {id}."}, 404
