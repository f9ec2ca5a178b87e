"""Salesforce, by its REST API.

Written after Salesforce's "REST API Developer Guide" (Describe Global, sObject Describe, Query, Create Records Using
sObject Collections) and "SOQL and SOSL Reference" (Quoted String Escape Sequences).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from src.runtime import Choice, Connection, ManagedError
from src.runtime.http import BearerAuth, LinkPages, paginate, session
from src.runtime.records import Kind, Outcome, RecordField

from .records import Identity, Record, portions

API = "services/data/v64.0"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
# A query is part of the address, which may have 16,384 bytes.
LONGEST_QUERY = 4000
# Far more than have the values of one query; a limit all the same.
MOST_FOUND = 100_000
QUERY = LinkPages("records", link="nextRecordsUrl")
KINDS: dict[str, Kind] = {
    "int": "number",
    "long": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "multipicklist": "several",
}
ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})


class Salesforce:
    """One Salesforce organization; the connection holds `access_token` and `instance_url`, as OAuth gives them."""

    largest_batch = 200

    def __init__(self, connection: Connection) -> None:
        self.api = session(connection["instance_url"], BearerAuth(connection["access_token"]))

    def objects(self) -> list[Choice]:
        """List the objects that users create by hand: createable, with a layout, in use."""
        objects = self.api.get(f"{API}/sobjects").json()["sobjects"]
        usable = (
            each for each in objects if each["createable"] and each["layoutable"] and not each["deprecatedAndHidden"]
        )
        return [Choice(each["name"], each["label"]) for each in usable]

    def fields(self, object_name: str) -> list[RecordField]:
        """List the fields that can be set when a record is created."""
        fields = self.api.get(f"{API}/sobjects/{_name(object_name)}/describe").json()["fields"]
        return [_field(each) for each in fields if each["createable"]]

    def find(self, object_name: str, fields: Sequence[str], wanted: Iterable[Identity]) -> Iterator[Record]:
        """Query by value."""
        names = [_name(field) for field in fields]
        for portion in portions(wanted, LONGEST_QUERY):
            conditions = (_one_of(name, values) for name, values in zip(names, zip(*portion, strict=True), strict=True))
            # Names are checked and values escaped: nothing of the form becomes a part of the query.
            wanted_fields, where = ", ".join(["Id", *names]), " AND ".join(conditions)
            query = f"SELECT {wanted_fields} FROM {_name(object_name)} WHERE {where}"
            found = paginate(self.api, f"{API}/query", QUERY, limit=MOST_FOUND, params={"q": query})
            yield from map(_as_record, found)

    def create(self, object_name: str, records: Sequence[Record], *, all_or_none: bool) -> list[Outcome]:
        """Create records in one call; with `all_or_none` one transaction, rolled back where one record is faulty."""
        attributes = {"attributes": {"type": _name(object_name)}}
        sent = [{**{name: _as_sent(value) for name, value in record.items()}, **attributes} for record in records]
        body = {"allOrNone": all_or_none, "records": sent}
        results = self.api.post(f"{API}/composite/sobjects", json=body).json()
        return [_outcome(result) for result in results]


def _name(name: str) -> str:
    """Return the name of an object or field, which becomes part of addresses and queries.

    Raises:
        ManagedError: Salesforce has no such names.
    """
    if not NAME.fullmatch(name):
        raise ManagedError.validation_error(f"{name!r} is not the name of an object or field in Salesforce.")

    return name


def _field(described: Mapping[str, Any]) -> RecordField:
    # What is neither filled in nor defaulted must be given; that a box is ticked or not, Salesforce always knows.
    required = not (described["nillable"] or described["defaultedOnCreate"])
    choices = tuple(Choice(each["value"], each["label"]) for each in described["picklistValues"] if each["active"])
    kind = KINDS.get(described["type"], "text")
    return RecordField(
        described["name"], described["label"], kind, required, choices, described.get("inlineHelpText") or ""
    )


def _as_sent(value: Any) -> Any:
    # A multi-select picklist is one text: "Multi-Select Picklist" in the Object Reference, "Field Types".
    return ";".join(map(str, value)) if isinstance(value, list) else value


def _one_of(name: str, values: Iterable[str]) -> str:
    quoted = (f"'{value.translate(ESCAPES)}'" for value in dict.fromkeys(values))
    return f"{name} IN ({', '.join(quoted)})"


def _as_record(row: Mapping[str, Any]) -> Record:
    return {**row, "id": row["Id"]}


def _outcome(result: Mapping[str, Any]) -> Outcome:
    if result["success"]:
        return Outcome("created", result["id"])

    faults = (f"{error['statusCode']}: {error['message']}" for error in result["errors"])
    return Outcome("failed", None, "; ".join(faults))
