"""HubSpot's CRM API v3, as its reference describes it."""

import json
from typing import Any

from .store import Reply, Store

HUBSPOT_PROPERTIES = [
    {"name": "email", "label": "Email", "type": "string", "hidden": False},
    {"name": "firstname", "label": "First name", "type": "string", "modificationMetadata": {"readOnlyValue": False}},
    {"name": "createdate", "label": "Create date", "type": "datetime", "modificationMetadata": {"readOnlyValue": True}},
    {"name": "hs_score", "label": "Score", "type": "number", "calculated": True},
    {"name": "hs_internal", "label": "Internal", "type": "string", "hidden": True},
]


class HubSpotApi:
    """One account; `custom_types` says whether the token may see the custom objects."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.custom_types = True

    def reply(self, path: str, body: Any) -> Reply:
        """Answer one call."""
        if path == "/crm-object-schemas/v3/schemas":
            pets = {"fullyQualifiedName": "p1_pets", "labels": {"singular": "Pet", "plural": "Pets"}}
            refused = {"status": "error", "category": "MISSING_SCOPES", "message": "Scopes are missing."}
            return (200, {"results": [pets]}) if self.custom_types else (403, refused)
        if path == "/crm/v3/properties/contacts":
            return 200, {"results": HUBSPOT_PROPERTIES}
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
