"""How the tests of this module call it, and the CRM that it calls."""

import json
from typing import Any

import pytest

from src.runtime.testing import ModuleClient, StandIn

from .stand_in import Crms

OBJECTS = {"hubspot": "contacts", "salesforce": "Contact"}


class Caller:
    """Calls the module as the platform does when its connection leads to one of the CRMs."""

    def __init__(self, module: ModuleClient, crm: Crms, name: str) -> None:
        self.module, self.crm, self.name = module, crm, name
        self.values = crm.connection
        form = json.loads((module.folder.path / "schema.json").read_text("utf-8"))
        # Without a root connection, the form has a field for it and one for the CRM.
        self.has_picker = "connections" in form

    def run(self, records: Any, status: int = 200, **more: Any) -> Any:
        """Execute and return the reply."""
        chosen = more.pop("select_object", OBJECTS.get(self.name, ""))
        rows = chosen if chosen.endswith("s") else f"{chosen}s"
        body = self.body({"select_object": chosen, rows: records, **more})
        reply = self.module.send("execute", body)
        assert reply.status_code == status, reply.text
        return reply.json

    def form(self, **form_data: Any) -> Any:
        """Return the form, as filled in so far."""
        reply = self.module.send("schema", self.asking(form_data))
        assert reply.status_code == 200, reply.text
        assert reply.json is not None
        return reply.json["data"]["schema"]

    def objects(self) -> list[str]:
        """Return the objects to choose from."""
        body = self.asking({}, content_object_names=[{"id": "objects"}])
        reply = self.module.send("content", body)
        assert reply.status_code == 200, reply.text
        assert reply.json is not None
        return [choice["value"] for choice in reply.json["data"]["content_objects"][0]["data"]]

    def body(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a body with the connection where this form has it."""
        connection = {"value": self.values}
        if self.has_picker:
            known = {"connection_app_type": self.name, "connection_id": "1", "rate_limiter": {}}
            credentials = {"connection_data": {**connection, **known}, "connection_management_type": "managed"}
            return {"data": data, "credentials": credentials}

        return {"data": {"connection": {"id": "1", "connection_data": connection}, "crm": self.name, **data}}

    def asking(self, form_data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Return a body that asks about a form."""
        body = self.body(form_data)
        return {**body, "data": {"form_data": body["data"], **more}}

    def person(self, number: int) -> dict[str, Any]:
        """Return a record."""
        email = f"p{number}@example.com"
        return {"email": email, "firstname": "P"} if self.name == "hubspot" else {"Email": email, "LastName": "P"}

    def people(self, count: int) -> list[dict[str, Any]]:
        """Return several."""
        return [self.person(number) for number in range(count)]


@pytest.fixture
def crm(stand_in: StandIn) -> StandIn:
    """Return HubSpot and Salesforce, which `stand_in.py` declares."""
    return stand_in


@pytest.fixture
def hubspot(module: ModuleClient, crm: Crms) -> Caller:
    """Return what calls the module with a connection to HubSpot."""
    return Caller(module, crm, "hubspot")


@pytest.fixture
def salesforce(module: ModuleClient, crm: Crms) -> Caller:
    """Return what calls the module with a connection to Salesforce."""
    return Caller(module, crm, "salesforce")


@pytest.fixture(params=["hubspot", "salesforce"])
def caller(request: pytest.FixtureRequest, module: ModuleClient, crm: Crms) -> Caller:
    """Return one after the other."""
    return Caller(module, crm, request.param)
