"""How the tests of this module call it."""

from typing import Any

import pytest

from src.runtime.calling import ModuleClient

from .upstream import TOKEN, CrmServer

both = pytest.mark.parametrize("name", ["hubspot", "salesforce"])


def form(crm: CrmServer, name: str, records: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return the form filled in for one of the CRMs."""
    address = "api_url" if name == "hubspot" else "instance_url"
    token = more.pop("token", TOKEN)
    connection = {"id": "1", "connection_data": {"value": {"access_token": token, address: crm.url}}}
    object_type = "contacts" if name == "hubspot" else "Contact"
    common = {"connection": connection, "crm": name, "object_type": object_type}
    return {**common, "contacts_data": records or [], **more}


def person(name: str, number: int) -> dict[str, Any]:
    email = f"p{number}@example.com"
    return {"email": email, "firstname": "P"} if name == "hubspot" else {"Email": email, "LastName": "P"}


def run(module: ModuleClient, data: dict[str, Any], status: int = 200) -> Any:
    reply = module.execute(data)
    assert reply.status_code == status, reply.text
    return reply.json


def states(reply: Any) -> list[str]:
    return [record["status"] for record in reply["data"]["records"]]
