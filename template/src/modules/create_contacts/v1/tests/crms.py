"""HubSpot's CRM API v3 and Salesforce's REST API, as their references describe them, and the records they hold."""

import json
import re
from typing import Any
from urllib.parse import parse_qs

# A status, and a body to be sent as JSON.
Reply = tuple[int, Any]
Rows = list[dict[str, Any]]


class Store:
    """The records of a CRM, and how many of them it tells at once."""

    def __init__(self) -> None:
        self.rows: Rows = []
        self.page_size = 200

    def keep(self, values: dict[str, Any]) -> str:
        """Keep a record and return its id."""
        self.rows.append({**values, "Id": f"id-{len(self.rows) + 1}"})
        return str(self.rows[-1]["Id"])


# --- HubSpot -------------------------------------------------------------------------------------

HUBSPOT_PROPERTIES: dict[str, Rows] = {
    "contacts": [
        {"name": "email", "label": "Email", "type": "string", "fieldType": "text", "hidden": False},
        {
            "name": "firstname",
            "label": "First name",
            "type": "string",
            "fieldType": "text",
            "modificationMetadata": {"readOnlyValue": False},
        },
        {
            "name": "lifecyclestage",
            "label": "Stage",
            "description": "How far the contact is.",
            "type": "enumeration",
            "fieldType": "radio",
            "options": [
                {"value": "lead", "label": "Lead", "hidden": False},
                {"value": "customer", "label": "Customer", "hidden": False},
                {"value": "other", "label": "Other", "hidden": True},
            ],
        },
        {
            "name": "interests",
            "label": "Interests",
            "type": "enumeration",
            "fieldType": "checkbox",
            "options": [{"value": "tea", "label": "Tea"}, {"value": "chess", "label": "Chess"}],
        },
        {
            "name": "newsletter",
            "label": "Newsletter",
            "type": "bool",
            "fieldType": "booleancheckbox",
            "options": [{"value": "true", "label": "Yes"}, {"value": "false", "label": "No"}],
        },
        {"name": "children", "label": "Children", "type": "number", "fieldType": "number"},
        {"name": "birthday", "label": "Birthday", "type": "date", "fieldType": "date"},
        {"name": "createdate", "type": "datetime", "modificationMetadata": {"readOnlyValue": True}},
        {"name": "hs_score", "type": "number", "calculated": True},
        {"name": "hs_internal", "type": "string", "hidden": True},
    ],
    "p1_pets": [
        {"name": "kind", "label": "Kind", "type": "string", "fieldType": "text"},
        {"name": "name", "label": "Name", "type": "string", "fieldType": "text"},
    ],
}
PETS = {
    "fullyQualifiedName": "p1_pets",
    "labels": {"singular": "Pet", "plural": "Pets"},
    "requiredProperties": ["name"],
}


class HubSpotApi:
    """One account; `custom_objects` says whether the token may see the custom objects."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.custom_objects = True

    def reply(self, path: str, body: Any) -> Reply:
        """Answer one call."""
        if path.startswith("/crm-object-schemas/v3/schemas"):
            refused = {"status": "error", "category": "MISSING_SCOPES", "message": "Scopes are missing."}
            found = PETS if path.endswith("/p1_pets") else {"results": [PETS]}
            return (200, found) if self.custom_objects else (403, refused)
        if path.removeprefix("/crm/v3/properties/") in HUBSPOT_PROPERTIES:
            return 200, {"results": HUBSPOT_PROPERTIES[path.removeprefix("/crm/v3/properties/")]}
        if path == "/crm/v3/objects/contacts/search":
            return self._search(body)
        if path == "/crm/v3/objects/contacts/batch/create":
            return self._create_batch(body["inputs"])

        return 404, {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Unable to infer object type."}

    def _search(self, body: Any) -> Reply:
        if len(json.dumps(body)) > 3000:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "The request is too long."}

        found = self.store.rows
        for each in body["filterGroups"][0]["filters"]:
            name, values = each["propertyName"], each["values"]
            found = [record for record in found if str(record.get(name)).lower() in values]
        start = int(body["after"])
        end = start + self.store.page_size
        results = [{"id": record["Id"], "properties": record} for record in found[start:end]]
        more = {"paging": {"next": {"after": str(end)}}} if found[end:] else {}
        return 200, {"total": len(found), "results": results, **more}

    def _create_batch(self, inputs: list[Any]) -> Reply:
        if len(inputs) > 100:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "At most 100 inputs."}

        faults = [self._fault(each["properties"]) for each in inputs]
        multi_status = all("objectWriteTraceId" in each for each in inputs)
        if any(faults) and not multi_status:
            return next(fault for fault in faults if fault)
        results, errors = [], []
        for each, fault in zip(inputs, faults, strict=True):
            trace = each.get("objectWriteTraceId")
            if fault:
                errors.append({**fault[1], "context": {"objectWriteTraceId": [trace]}})
            else:
                kept = {"id": self.store.keep(each["properties"]), "properties": each["properties"]}
                results.append({**kept, "objectWriteTraceId": trace})
        # The order of results is not promised.
        answer = {"status": "COMPLETE", "results": results[::-1]}
        return (207, {**answer, "numErrors": len(errors), "errors": errors}) if errors else (201, answer)

    def _fault(self, properties: dict[str, str]) -> Reply | None:
        email = properties.get("email", "")
        if "@" not in email:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": f"Email {email} is invalid"}
        same = [record for record in self.store.rows if record.get("email", "").lower() == email.lower()]
        if same:
            message = f"Contact already exists. Existing ID: {same[0]['Id']}"
            return 409, {"status": "error", "category": "CONFLICT", "message": message}

        return None


# --- Salesforce ----------------------------------------------------------------------------------

TEXT = r"'(?:\\.|[^'\\\n])*'"
CONDITION = rf"\w+ IN \({TEXT}(?:, {TEXT})*\)"
SALESFORCE_OBJECTS = [
    {"name": "Contact", "label": "Contact", "createable": True, "layoutable": True, "deprecatedAndHidden": False},
    {"name": "Lead", "label": "Lead", "createable": True, "layoutable": True, "deprecatedAndHidden": False},
    {"name": "ContactShare", "label": "Share", "createable": True, "layoutable": False, "deprecatedAndHidden": False},
    {"name": "LoginHistory", "label": "Login", "createable": False, "layoutable": True, "deprecatedAndHidden": False},
]
# What every description has; a field says what differs.
FIELD: dict[str, Any] = {
    "createable": True,
    "nillable": True,
    "defaultedOnCreate": False,
    "picklistValues": [],
    "inlineHelpText": None,
}
SALESFORCE_FIELDS = [
    {**FIELD, "name": "Id", "label": "Contact ID", "type": "id", "createable": False, "nillable": False},
    {**FIELD, "name": "Email", "label": "Email", "type": "email"},
    {**FIELD, "name": "LastName", "label": "Last Name", "type": "string", "nillable": False},
    {
        **FIELD,
        "name": "LeadSource",
        "label": "Lead Source",
        "type": "picklist",
        "inlineHelpText": "Where the contact comes from.",
        "picklistValues": [
            {"value": "Web", "label": "Web", "active": True},
            {"value": "Fax", "label": "Fax", "active": False},
        ],
    },
    {
        **FIELD,
        "name": "Languages__c",
        "label": "Languages",
        "type": "multipicklist",
        "picklistValues": [
            {"value": "English", "label": "English", "active": True},
            {"value": "French", "label": "French", "active": True},
        ],
    },
    {
        **FIELD,
        "name": "DoNotCall",
        "label": "Do Not Call",
        "type": "boolean",
        "nillable": False,
        "defaultedOnCreate": True,
    },
    {**FIELD, "name": "Level__c", "label": "Level", "type": "double"},
    {**FIELD, "name": "Birthdate", "label": "Birthdate", "type": "date"},
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
