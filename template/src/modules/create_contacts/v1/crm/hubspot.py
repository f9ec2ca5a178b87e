"""HubSpot, by its CRM API v3.

Written after HubSpot's reference (developers.hubspot.com/docs/api-reference): "CRM objects", "Search the CRM",
"Properties", "Schemas" and "Error handling", where multi-status errors are described.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from src.runtime import Choice, Connection, ManagedError
from src.runtime.http import BearerAuth, CursorPages, Retries, paginate, session
from src.runtime.records import Kind, Outcome, RecordField

from .records import Identity, Record, portions

BASE_URL = "https://api.hubapi.com"
STANDARD_OBJECTS = {"contacts": "Contacts", "companies": "Companies", "deals": "Deals", "tickets": "Tickets"}
KINDS: dict[str, Kind] = {"number": "number", "bool": "boolean", "date": "date", "datetime": "datetime"}
# A search body may have 3,000 characters, and each value is in it twice.
LONGEST_SEARCH = 1000
# No search gives more.
MOST_FOUND = 10_000
SEARCH = CursorPages("results", cursor="paging.next.after", parameter="after", in_body=True)


class HubSpot:
    """One HubSpot account; the connection holds `access_token`, of OAuth or of a private app."""

    largest_batch = 100

    def __init__(self, connection: Connection) -> None:
        base_url = str(connection.get("api_url") or BASE_URL)
        auth = BearerAuth(connection["access_token"])
        self.api = session(base_url, auth)
        self.searches = session(base_url, auth, retries=Retries(methods=frozenset({"POST"})))

    def objects(self) -> list[Choice]:
        """List the standard objects, and the custom ones where the account has them and the token may see them."""
        standard = [Choice(name, label) for name, label in STANDARD_OBJECTS.items()]
        custom = self._schemas("").get("results", [])
        return standard + [Choice(each["fullyQualifiedName"], each["labels"]["plural"]) for each in custom]

    def fields(self, object_name: str) -> list[RecordField]:
        """List the properties that are not hidden, calculated or read-only; only custom objects have required ones."""
        properties = self.api.get(f"crm/v3/properties/{quote(object_name, safe='')}").json()["results"]
        schema = {} if object_name in STANDARD_OBJECTS else self._schemas(f"/{quote(object_name, safe='')}")
        required = schema.get("requiredProperties", [])
        return [_field(each, required) for each in properties if _can_be_set(each)]

    def _schemas(self, path: str) -> dict[str, Any]:
        # The scope for custom objects is one of its own, and most accounts have none of them.
        try:
            schemas: dict[str, Any] = self.api.get(f"crm-object-schemas/v3/schemas{path}").json()
        except ManagedError as error:
            if error.metadata.get("status") not in {403, 404}:
                raise
            return {}

        return schemas

    def find(self, object_name: str, fields: Sequence[str], wanted: Iterable[Identity]) -> Iterator[Record]:
        """Search by value; a record appears in searches some seconds after it was created."""
        for portion in portions(wanted, LONGEST_SEARCH):
            filters = [_one_of(field, values) for field, values in zip(fields, zip(*portion, strict=True), strict=True)]
            search = {"filterGroups": [{"filters": filters}], "properties": list(fields), "limit": 200, "after": "0"}
            path = f"crm/v3/objects/{quote(object_name, safe='')}/search"
            for each in paginate(self.searches, path, SEARCH, limit=MOST_FOUND, params=search):
                yield {**each["properties"], "id": each["id"]}

    def create(self, object_name: str, records: Sequence[Record], *, all_or_none: bool) -> list[Outcome]:
        """Create records in one call.

        With a trace id for each record HubSpot answers 207 and creates those without a fault. Without, one faulty
        record makes it refuse the call; it does not say which one, and promises no transaction.
        """
        sent = [_as_texts(record) for record in records]
        traced = [{"properties": each, "objectWriteTraceId": str(trace)} for trace, each in enumerate(sent)]
        inputs = [{"properties": each} for each in sent] if all_or_none else traced
        path = f"crm/v3/objects/{quote(object_name, safe='')}/batch/create"
        answer = self.api.post(path, json={"inputs": inputs}).json()
        return _outcomes_by_value(answer, sent) if all_or_none else _outcomes_by_trace(answer, len(sent))


def _can_be_set(field: Mapping[str, Any]) -> bool:
    read_only = field.get("modificationMetadata", {}).get("readOnlyValue")
    return not (field.get("hidden") or field.get("calculated") or read_only)


def _field(described: Mapping[str, Any], required: Sequence[str]) -> RecordField:
    name, options = described["name"], described.get("options", [])
    choices = tuple(Choice(each["value"], each["label"]) for each in options if not each.get("hidden"))
    # The property type `enumeration` holds one value or many; how HubSpot shows it tells which.
    kind: Kind = "several" if described.get("fieldType") == "checkbox" else KINDS.get(described["type"], "text")
    return RecordField(name, described["label"], kind, name in required, choices, described.get("description", ""))


def _one_of(field: str, values: Iterable[str]) -> dict[str, Any]:
    # IN compares text in lower case, and the values of choices as they are written.
    spellings = {spelling for value in values for spelling in (value, value.lower())}
    return {"propertyName": field, "operator": "IN", "values": sorted(spellings)}


def _as_texts(record: Record) -> dict[str, str]:
    """Write every value as HubSpot's properties are: texts, several choices divided by semicolons."""
    return {name: _as_text(value) for name, value in record.items() if value is not None}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(_as_text(each) for each in value)

    return str(value)


def _outcomes_by_trace(answer: Mapping[str, Any], count: int) -> list[Outcome]:
    known = {each.get("objectWriteTraceId"): Outcome("created", each["id"]) for each in answer.get("results", [])}
    for error in answer.get("errors", []):
        for trace in error.get("context", {}).get("objectWriteTraceId", []):
            known[trace] = Outcome("failed", None, error.get("message", "HubSpot refused it."))

    silence = Outcome("failed", None, "HubSpot did not say what became of it.")
    return [known.get(str(trace), silence) for trace in range(count)]


def _outcomes_by_value(answer: Mapping[str, Any], sent: Sequence[Mapping[str, str]]) -> list[Outcome]:
    # Without trace ids the results come in any order: each is known by the values that were sent.
    left = list(answer.get("results", []))
    outcomes = []
    for properties in sent:
        mine = next((each for each in left if _has(each["properties"], properties)), None)
        if mine is not None:
            left.remove(mine)
        outcomes.append(Outcome("created", mine["id"] if mine else None))

    return outcomes


def _has(result: Mapping[str, Any], properties: Mapping[str, str]) -> bool:
    return all(str(result.get(name)).casefold() == value.casefold() for name, value in properties.items())
