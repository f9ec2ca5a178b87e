"""Creating: batches, refused records, all or none."""

from typing import Any

import pytest

from src.runtime.calling import ModuleClient

from .calls import both, form, person, run, states
from .upstream import CrmServer


@both
def test_creates_what_it_is_given(module: ModuleClient, crm: CrmServer, name: str) -> None:
    reply = run(module, form(crm, name, [person(name, 1), person(name, 2)]))

    assert states(reply) == ["created", "created"]
    assert reply["metadata"] == {"affected_records": 2, "created": 2, "skipped": 0, "failed": 0}
    by_id = {record["Id"]: record for record in crm.store.rows}
    ids = [record["id"] for record in reply["data"]["records"]]
    assert [by_id[each].get("email") or by_id[each].get("Email") for each in ids] == [
        "p1@example.com",
        "p2@example.com",
    ]


@pytest.mark.parametrize(
    "name, bad, message",
    [
        ("hubspot", {"email": "x"}, "Email x is invalid"),
        ("salesforce", {"FirstName": "X"}, "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]"),
    ],
)
def test_reports_each_record_that_is_refused(
    module: ModuleClient, crm: CrmServer, name: str, bad: dict[str, Any], message: str
) -> None:
    reply = run(module, form(crm, name, [person(name, 1), bad, person(name, 2)]))

    assert states(reply) == ["created", "failed", "created"]
    assert reply["data"]["records"][1] == {"index": 1, "status": "failed", "id": None, "message": message}
    assert reply["metadata"]["affected_records"] == 2


@pytest.mark.parametrize("name, bad", [("hubspot", {"email": "x"}), ("salesforce", {"FirstName": "X"})])
def test_all_or_none_creates_nothing_when_one_is_refused(
    module: ModuleClient, crm: CrmServer, name: str, bad: dict[str, Any]
) -> None:
    reply = run(module, form(crm, name, [person(name, 1), bad], all_or_none=True), status=422)

    assert reply["error"] == "No record was created."
    assert states(reply) == ["failed", "failed"]
    assert reply["metadata"]["affected_records"] == 0
    assert crm.store.rows == []


@both
def test_all_or_none_tells_which_id_is_whose(module: ModuleClient, crm: CrmServer, name: str) -> None:
    reply = run(module, form(crm, name, [person(name, number) for number in range(3)], all_or_none=True))

    assert [record["id"] for record in reply["data"]["records"]] == ["id-1", "id-2", "id-3"]


@pytest.mark.parametrize("name, limit", [("hubspot", 100), ("salesforce", 200)])
def test_all_or_none_refuses_more_than_one_call_can_take(
    module: ModuleClient, crm: CrmServer, name: str, limit: int
) -> None:
    records = [person(name, number) for number in range(limit + 1)]

    reply = run(module, form(crm, name, records, all_or_none=True), status=400)

    assert reply["error"] == (
        f"The CRM creates at most {limit} records all or none, and these are {limit + 1}. "
        "Send fewer at a time, or switch `all_or_none` off."
    )
    assert crm.calls == []


@pytest.mark.parametrize("name, size, calls", [("hubspot", 2, 3), ("hubspot", None, 1), ("salesforce", 3, 2)])
def test_sends_batches(module: ModuleClient, crm: CrmServer, name: str, size: int | None, calls: int) -> None:
    more = {} if size is None else {"batch_size": size}

    reply = run(module, form(crm, name, [person(name, number) for number in range(5)], **more))

    assert reply["metadata"]["created"] == 5
    assert len(crm.calls) == calls


def test_a_call_that_salesforce_refuses_is_reported_for_each_record(module: ModuleClient, crm: CrmServer) -> None:
    reply = run(module, form(crm, "salesforce", [{"LastName": "X", "Nonsense": 1}]))

    assert states(reply) == ["failed"]
    assert "No such column 'Nonsense' on sobject of type Contact" in reply["data"]["records"][0]["message"]
