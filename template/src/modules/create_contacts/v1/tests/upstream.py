"""HubSpot and Salesforce on this machine: a server that answers as their references say, and keeps what it is sent."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "the-access-token"
Reply = tuple[int, Any]
Records = list[dict[str, Any]]


class CrmServer:
    """Both CRMs; `records` is what they hold, `faults` the replies to give first, `calls` what was asked."""

    def __init__(self) -> None:
        self.records: Records = []
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.calls: list[tuple[str, Any]] = []
        self.custom_types = True
        self.page_size = 200
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """Return where the server listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()

    def called(self, path: str) -> list[Any]:
        """Return the bodies that were sent to paths ending in `path`."""
        return [body for asked, body in self.calls if asked.endswith(path)]

    def hubspot(self, path: str, body: Any) -> Reply:
        """Answer as HubSpot's CRM API v3 does."""
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

    def salesforce(self, path: str, query: str, body: Any) -> Reply:
        """Answer as Salesforce's REST API does."""
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

    def _search(self, body: Any) -> Reply:
        if len(json.dumps(body)) > 3000:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "The request is too long."}

        found = self.records
        for each in body["filterGroups"][0]["filters"]:
            name, values = each["propertyName"], each["values"]
            found = [record for record in found if str(record.get(name)).lower() in values]
        start = int(body["after"])
        results = [{"id": record["Id"], "properties": record} for record in found[start : start + self.page_size]]
        more = {"paging": {"next": {"after": str(start + self.page_size)}}} if found[start + self.page_size :] else {}
        return 200, {"total": len(found), "results": results, **more}

    def _create_batch(self, inputs: list[Any]) -> Reply:
        if len(inputs) > 100:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "At most 100 inputs."}

        faults = [self._hubspot_fault(each["properties"]) for each in inputs]
        multi_status = all("objectWriteTraceId" in each for each in inputs)
        if any(faults) and not multi_status:
            return next(fault for fault in faults if fault)
        results, errors = [], []
        for each, fault in zip(inputs, faults, strict=True):
            trace = each.get("objectWriteTraceId")
            if fault:
                errors.append({**fault[1], "context": {"objectWriteTraceId": [trace]}})
            else:
                results.append({**self._keep(each["properties"]), "objectWriteTraceId": trace})
        # The order of results is not promised.
        answer = {"status": "COMPLETE", "results": results[::-1]}
        return (207, {**answer, "numErrors": len(errors), "errors": errors}) if errors else (201, answer)

    def _hubspot_fault(self, properties: dict[str, str]) -> Reply | None:
        email = properties.get("email", "")
        if "@" not in email:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": f"Email {email} is invalid"}
        same = [record for record in self.records if record.get("email", "").lower() == email.lower()]
        if same:
            message = f"Contact already exists. Existing ID: {same[0]['Id']}"
            return 409, {"status": "error", "category": "CONFLICT", "message": message}

        return None

    def _keep(self, properties: dict[str, Any]) -> dict[str, Any]:
        self.records.append({**properties, "Id": f"id-{len(self.records) + 1}"})
        return {"id": self.records[-1]["Id"], "properties": properties}

    def _query(self, query: str) -> Reply:
        wanted = re.fullmatch(r"SELECT Id, (.+) FROM Contact WHERE (.+)", query)
        if not wanted or len(query) > 16000:
            return 400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}]

        self.matching = self.records
        for name, values in re.findall(r"(\w+) IN \(((?:'(?:\\.|[^'\\])*'(?:, )?)+)\)", wanted[2]):
            quoted = re.findall(r"'((?:\\.|[^'\\])*)'", values)
            texts = {re.sub(r"\\(.)", r"\1", each).lower() for each in quoted}
            self.matching = [record for record in self.matching if str(record.get(name)).lower() in texts]
        return self._page(self.matching, 0)

    def _page(self, rows: Records, start: int) -> Reply:
        end = start + self.page_size
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
                results.append({"id": self._keep(record)["id"], "success": True, "errors": []})
        return 200, results


def _refused(code: str, message: str, fields: list[str]) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields}]}


def _handler(crm: CrmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            body = json.loads(raw) if raw else None
            crm.calls.append((parts.path, body if raw else unquote(parts.query.replace("+", " "))))
            status, headers = crm.faults.pop(0) if crm.faults else (0, {})
            reply = (status, {"message": "Not now."}) if status else self._reply(parts.path, parts.query, body)
            content = json.dumps(reply[1]).encode()
            self.send_response(reply[0])
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def _reply(self, path: str, query: str, body: Any) -> Reply:
            salesforce = path.startswith("/services/data/v64.0")
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                said = f"The token {self.headers['Authorization']} is not valid."
                expired = [{"errorCode": "INVALID_SESSION_ID", "message": said}]
                return 401, expired if salesforce else {"category": "INVALID_AUTHENTICATION", "message": said}

            return crm.salesforce(path[20:], query, body) if salesforce else crm.hubspot(path, body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def upstream() -> Iterator[dict[str, str]]:
    """Serve while the examples run; they find the address as `${crm}`."""
    server = CrmServer()
    yield {"crm": server.url, "token": TOKEN}
    server.close()


HUBSPOT_PROPERTIES = [
    {"name": "email", "label": "Email", "type": "string", "hidden": False},
    {"name": "firstname", "label": "First name", "type": "string", "modificationMetadata": {"readOnlyValue": False}},
    {"name": "createdate", "label": "Create date", "type": "datetime", "modificationMetadata": {"readOnlyValue": True}},
    {"name": "hs_score", "label": "Score", "type": "number", "calculated": True},
    {"name": "hs_internal", "label": "Internal", "type": "string", "hidden": True},
]
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
