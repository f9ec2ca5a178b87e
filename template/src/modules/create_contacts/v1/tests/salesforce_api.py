"""Salesforce's REST API, as its reference describes it."""

import re
from typing import Any
from urllib.parse import parse_qs

from .store import Reply, Rows, Store

TEXT = r"'(?:\\.|[^'\\\n])*'"
CONDITION = rf"\w+ IN \({TEXT}(?:, {TEXT})*\)"
SALESFORCE_OBJECTS = [
    {"name": "Contact", "label": "Contact", "createable": True, "layoutable": True, "deprecatedAndHidden": False},
    {"name": "Lead", "label": "Lead", "createable": True, "layoutable": True, "deprecatedAndHidden": False},
    {"name": "ContactShare", "label": "Share", "createable": True, "layoutable": False, "deprecatedAndHidden": False},
    {"name": "LoginHistory", "label": "Login", "createable": False, "layoutable": True, "deprecatedAndHidden": False},
]
SALESFORCE_FIELDS = [
    {"name": "Email", "label": "Email", "type": "email", "createable": True, "filterable": True},
    {"name": "LastName", "label": "Last Name", "type": "string", "createable": True, "filterable": True},
    {"name": "Description", "label": "Description", "type": "textarea", "createable": True, "filterable": False},
    {"name": "Birthdate", "label": "Birthdate", "type": "date", "createable": True, "filterable": True},
    {"name": "Id", "label": "Contact ID", "type": "id", "createable": False, "filterable": True},
]


class SalesforceApi:
    """One organization."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.matching: Rows = []

    def reply(self, path: str, query: str, body: Any) -> Reply:
        """Answer one call."""
        if path == "/sobjects":
            return 200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": SALESFORCE_OBJECTS}
        if path == "/sobjects/Contact/describe":
            return 200, {"name": "Contact", "fields": SALESFORCE_FIELDS}
        if path == "/query":
            return self._query(parse_qs(query)["q"][0])
        if path.startswith("/query/next-"):
            return self._page(self.matching, int(path.rpartition("-")[2]))
        if path == "/composite/sobjects":
            return self._create_collection(body)

        return 404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]

    def _query(self, query: str) -> Reply:
        parts = re.fullmatch(rf"SELECT Id(?:, \w+)+ FROM Contact WHERE ({CONDITION}(?: AND {CONDITION})*)", query)
        if not parts or len(query) > 16000:
            return 400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}]

        self.matching = self.store.rows
        for condition in re.finditer(CONDITION, parts[1]):
            name, _, values = condition[0].partition(" IN ")
            texts = {_unescaped(each[1:-1]).lower() for each in re.findall(TEXT, values)}
            self.matching = [record for record in self.matching if str(record.get(name)).lower() in texts]
        return self._page(self.matching, 0)

    def _page(self, rows: Rows, start: int) -> Reply:
        end = start + self.store.page_size
        answer = {"totalSize": len(rows), "done": end >= len(rows), "records": rows[start:end]}
        return 200, answer if answer["done"] else {**answer, "nextRecordsUrl": f"/services/data/v64.0/query/next-{end}"}

    def _create_collection(self, body: Any) -> Reply:
        if len(body["records"]) > 200:
            return 400, [{"errorCode": "LIMIT_EXCEEDED", "message": "The maximum number of records allowed is 200"}]
        unknown = [name for record in body["records"] for name in record if name == "Nonsense"]
        if unknown:
            return 400, [
                {"errorCode": "INVALID_FIELD", "message": "No such column 'Nonsense' on sobject of type Contact"}
            ]

        faulty = [not record.get("LastName") for record in body["records"]]
        rolled_back = body["allOrNone"] and any(faulty)
        missing = _refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"])
        undone = _refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all were valid", [])
        results = []
        for record, fault in zip(body["records"], faulty, strict=True):
            if fault or rolled_back:
                results.append(missing if fault else undone)
            else:
                results.append({"id": self.store.keep(record), "success": True, "errors": []})
        return 200, results


def _unescaped(text: str) -> str:
    meant = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return re.sub(r"\\(.)", lambda found: meant.get(found[1], found[1]), text)


def _refused(code: str, message: str, fields: list[str]) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields}]}
