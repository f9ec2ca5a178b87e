"""Duplicates: which records are skipped, and that searches are safe."""

import pytest

from src.runtime.calling import ModuleClient

from .calls import both, form, person, run, states
from .upstream import CrmServer


@both
def test_skips_what_is_there_already(module: ModuleClient, crm: CrmServer, name: str) -> None:
    field = "email" if name == "hubspot" else "Email"
    run(module, form(crm, name, [person(name, 1), person(name, 2)]))
    again = [{**person(name, 2), field: "P2@Example.com"}, person(name, 3), person(name, 3)]

    reply = run(module, form(crm, name, again, duplicate_fields=[field]))

    assert states(reply) == ["skipped", "created", "skipped"]
    assert reply["data"]["records"][0]["message"] == "It is in the CRM already."
    assert reply["data"]["records"][0]["id"] in {"id-1", "id-2"}
    assert reply["data"]["records"][2]["message"] == "It is the same as record 1 of this request."


def test_a_record_with_an_empty_field_equals_none(module: ModuleClient, crm: CrmServer) -> None:
    crm.store.rows = [{"Id": "id-0", "LastName": "P", "Email": ""}]
    records = [{"LastName": "P", "Email": ""}, {"LastName": "P"}, {"LastName": "P", "Email": None}]

    reply = run(module, form(crm, "salesforce", records, duplicate_fields=["LastName", "Email"]))

    assert states(reply) == ["created", "created", "created"]


@both
def test_compares_all_the_chosen_fields(module: ModuleClient, crm: CrmServer, name: str) -> None:
    fields = ["email", "firstname"] if name == "hubspot" else ["Email", "LastName"]
    crm.store.rows = [{"Id": "id-0", fields[0]: "p1@example.com", fields[1]: "Somebody else"}]

    reply = run(module, form(crm, name, [{fields[0]: "p1@example.com", fields[1]: "Ada"}], duplicate_fields=fields))

    # HubSpot itself allows an address only once.
    assert states(reply) == ["failed" if name == "hubspot" else "created"]


@both
def test_searches_in_portions_and_pages(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.store.page_size = 20
    records = [person(name, number) for number in range(250)]
    run(module, form(crm, name, records))
    field = "email" if name == "hubspot" else "Email"

    reply = run(module, form(crm, name, records, duplicate_fields=[field]))

    assert reply["metadata"] == {"affected_records": 0, "created": 0, "skipped": 250, "failed": 0}


@pytest.mark.parametrize(
    "value", ["O'Hara", "back\\slash", "x') OR (Name != '", "two\nlines", 'quo"te', "naïve ☃", "a, b"]
)
def test_any_value_can_be_searched_for_in_salesforce(module: ModuleClient, crm: CrmServer, value: str) -> None:
    crm.store.rows = [{"Id": "other", "LastName": "Somebody"}, {"Id": "same", "LastName": value}]

    reply = run(module, form(crm, "salesforce", [{"LastName": value}], duplicate_fields=["LastName"]))

    assert [record["id"] for record in reply["data"]["records"]] == ["same"]
    assert states(reply) == ["skipped"]


@pytest.mark.parametrize("field", ["Name FROM User --", "Id, Name", "", "Account.Name", "1st"])
def test_a_field_name_cannot_change_the_query(module: ModuleClient, crm: CrmServer, field: str) -> None:
    data = form(crm, "salesforce", [{field: "x", "LastName": "X"}], duplicate_fields=[field])

    reply = module.execute(data)

    assert reply.status_code == 400
    assert crm.calls == []


@both
def test_searches_are_repeated_when_there_were_too_many(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.faults = [(429, {"Retry-After": "0"})]
    field = "email" if name == "hubspot" else "Email"

    reply = run(module, form(crm, name, [person(name, 1)], duplicate_fields=[field]))

    assert states(reply) == ["created"]
