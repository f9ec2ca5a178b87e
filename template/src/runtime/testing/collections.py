"""Records of one kind, as most REST APIs serve them, and how their list is divided into pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal
from urllib.parse import urlencode

import flask
from flask.typing import ResponseReturnValue

Record = dict[str, Any]


@dataclass(frozen=True)
class Pages:
    """How a list is divided.

    Args:
        by: How the caller gets on: the `next_cursor` of the answer sent back as `cursor`, the number of a `page`, an
            `offset`, or the Link header of the answer (RFC 8288).
        size: How many records a page holds, unless the caller wants fewer by `limit`.
        items: What the list is called in the answer; None where the answer is the list itself, as with Link headers.
    """

    by: Literal["cursor", "page", "offset", "link"] = "cursor"
    size: int = 100
    items: str | None = "data"


class Collection:
    """The records under one path; `records` has them by their ids."""

    def __init__(self, records: Iterable[Mapping[str, Any]], required: Sequence[str], pages: Pages) -> None:
        self.records: dict[str, Record] = {}
        self._required, self._pages, self._numbers = required, pages, count(1)
        for record in records:
            self._keep(record)

    def list(self) -> ResponseReturnValue:
        """Answer a page of the records that have the values asked for in the query, such as `?email=…`."""
        query = flask.request.args
        found = [each for each in self.records.values() if _matches(each, query)]
        size = min(query.get("limit", self._pages.size, int), self._pages.size)
        start = self._start(size)
        return self._page(found[start : start + size], start + size, len(found), size)

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

    def _start(self, size: int) -> int:
        query = flask.request.args
        if self._pages.by in ("page", "link"):
            return (query.get("page", 1, int) - 1) * size

        return query.get(self._pages.by, 0, int)

    def _page(self, rows: Sequence[Record], end: int, total: int, size: int) -> ResponseReturnValue:
        """Return the answer that holds these rows, and the way to the next ones, which begin at `end`."""
        more = end < total
        known: dict[str, dict[str, Any]] = {
            "cursor": {"next_cursor": str(end) if more else None},
            "page": {"page": end // size, "pages": -(-total // size)},
            "offset": {"total": total},
            "link": {},
        }
        answer = rows if self._pages.items is None else {self._pages.items: rows, **known[self._pages.by]}
        return flask.jsonify(answer), _link_to(end // size + 1) if more and self._pages.by == "link" else {}


def _link_to(page: int) -> dict[str, str]:
    query = {**flask.request.args.to_dict(), "page": str(page)}
    return {"Link": f'<{flask.request.base_url}?{urlencode(query)}>; rel="next"'}


def _matches(record: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    return all(str(record[name]).lower() == value.lower() for name, value in query.items() if name in record)


def _missing(id: str) -> ResponseReturnValue:  # noqa: A002
    return {"message": f"There is no record {id}."}, 404
