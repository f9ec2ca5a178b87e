"""What this module does with HubSpot and Salesforce, as `upstream.py` plays them."""

from collections.abc import Iterator
from typing import Any

import pytest

from src.runtime.calling import ModuleClient

from .upstream import TOKEN, CrmServer


@pytest.fixture
def crm() -> Iterator[CrmServer]:
    server = CrmServer()
    yield server
    server.close()


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


both = pytest.mark.parametrize("name", ["hubspot", "salesforce"])


@both
def test_creates_what_it_is_given(module: ModuleClient, crm: CrmServer, name: str) -> None:
    reply = run(module, form(crm, name, [person(name, 1), person(name, 2)]))

    assert states(reply) == ["created", "created"]
    assert reply["metadata"] == {"affected_records": 2, "created": 2, "skipped": 0, "failed": 0}
    by_id = {record["Id"]: record for record in crm.records}
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
    assert crm.records == []


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


@both
def test_skips_what_is_there_already(module: ModuleClient, crm: CrmServer, name: str) -> None:
    field = "email" if name == "hubspot" else "Email"
    run(module, form(crm, name, [person(name, 1), person(name, 2)]))
    again = [
        {**person(name, 2), field: "P2@Example.com"},
        person(name, 3),
        person(name, 3),
        {**person(name, 4), field: ""},
    ]
    again[3] = again[3] if name == "salesforce" else {**again[3], field: "p4@example.com"}

    reply = run(module, form(crm, name, again, duplicate_fields=[field]))

    assert states(reply) == ["skipped", "created", "skipped", "created"]
    assert reply["data"]["records"][0]["message"] == "It is in the CRM already."
    assert reply["data"]["records"][0]["id"] in {"id-1", "id-2"}
    assert reply["data"]["records"][2]["message"] == "It is the same as record 1 of this request."


@both
def test_compares_all_the_chosen_fields(module: ModuleClient, crm: CrmServer, name: str) -> None:
    fields = ["email", "firstname"] if name == "hubspot" else ["Email", "LastName"]
    crm.records = [{"Id": "id-0", fields[0]: "p1@example.com", fields[1]: "Somebody else"}]

    reply = run(module, form(crm, name, [{fields[0]: "p1@example.com", fields[1]: "Ada"}], duplicate_fields=fields))

    # HubSpot itself allows an address only once.
    assert states(reply) == ["failed" if name == "hubspot" else "created"]


@both
def test_searches_in_portions_and_pages(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.page_size = 20
    records = [person(name, number) for number in range(250)]
    run(module, form(crm, name, records))
    field = "email" if name == "hubspot" else "Email"

    reply = run(module, form(crm, name, records, duplicate_fields=[field]))

    assert reply["metadata"] == {"affected_records": 0, "created": 0, "skipped": 250, "failed": 0}


@pytest.mark.parametrize("value", ["O'Hara", "back\\slash", "x') OR (Name != '", "two\nlines", 'quo"te', "naïve ☃"])
def test_any_value_can_be_searched_for_in_salesforce(module: ModuleClient, crm: CrmServer, value: str) -> None:
    crm.records = [{"Id": "other", "LastName": "Somebody"}]

    reply = run(module, form(crm, "salesforce", [{"LastName": value}], duplicate_fields=["LastName"]))

    assert states(reply) == ["created"]


@pytest.mark.parametrize("field", ["Name FROM User --", "Id, Name", "", "Account.Name", "1st"])
def test_a_field_name_cannot_change_the_query(module: ModuleClient, crm: CrmServer, field: str) -> None:
    data = form(crm, "salesforce", [{field: "x", "LastName": "X"}], duplicate_fields=[field])

    reply = module.execute(data)

    assert reply.status_code == 400
    assert crm.calls == []


def test_an_object_type_cannot_change_the_address(module: ModuleClient, crm: CrmServer) -> None:
    data = form(crm, "hubspot", [{"email": "a@example.com"}], object_type="../../oauth/v1/x?y=")

    run(module, data, status=502)

    assert [path for path, _ in crm.calls] == ["/crm/v3/objects/..%2F..%2Foauth%2Fv1%2Fx%3Fy%3D/batch/create"]


def test_a_call_that_salesforce_refuses_is_reported_for_each_record(module: ModuleClient, crm: CrmServer) -> None:
    reply = run(module, form(crm, "salesforce", [{"LastName": "X", "Nonsense": 1}]))

    assert states(reply) == ["failed"]
    assert "No such column 'Nonsense' on sobject of type Contact" in reply["data"]["records"][0]["message"]


@both
@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_crm_that_fails_is_an_error(module: ModuleClient, crm: CrmServer, name: str, status: int) -> None:
    crm.faults = [(status, {})]

    reply = run(module, form(crm, name, [person(name, 1)]), status=502)

    assert reply["metadata"]["status"] == status
    assert crm.records == []


@both
def test_what_was_created_before_a_failure_is_told(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.faults = [(0, {}), (503, {})]

    reply = run(module, form(crm, name, [person(name, number) for number in range(3)], batch_size=1))

    assert states(reply) == ["created", "failed", "failed"]
    told = [record["message"] for record in reply["data"]["records"]]
    assert told == ["", "127.0.0.1 answered 503: Not now.; it may have been created.", "It was not sent."]
    assert len(crm.records) == 1


@both
def test_searches_are_repeated_when_there_were_too_many(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.faults = [(429, {"Retry-After": "0"})]
    field = "email" if name == "hubspot" else "Email"

    reply = run(module, form(crm, name, [person(name, 1)], duplicate_fields=[field]))

    assert states(reply) == ["created"]


@both
def test_creating_is_never_repeated(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.faults = [(429, {"Retry-After": "0"})]

    run(module, form(crm, name, [person(name, 1)]), status=502)

    assert len(crm.calls) == 1


@both
def test_a_wrong_token_is_told_without_the_token(module: ModuleClient, crm: CrmServer, name: str) -> None:
    reply = module.execute(form(crm, name, [person(name, 1)], token="a-wrong-token-4711"))

    assert reply.status_code == 502
    assert "4711" not in reply.text
    assert reply.json is not None
    assert reply.json["error"] == "127.0.0.1 answered 401: The token [redacted] is not valid."


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("hubspot", {}, "The connection holds no access_token. Connect the account again."),
        ("salesforce", {"access_token": "x"}, "The connection holds no instance_url. Connect the account again."),
    ],
)
def test_a_connection_that_lacks_something_is_refused(
    module: ModuleClient, crm: CrmServer, name: str, value: dict[str, str], message: str
) -> None:
    data = {**form(crm, name, [person(name, 1)]), "connection": {"id": "1", "connection_data": {"value": value}}}

    assert run(module, data, status=401)["error"] == message


def test_salesforce_is_called_over_https_only(module: ModuleClient, crm: CrmServer) -> None:
    value = {"access_token": "x", "instance_url": "http://mine.my.salesforce.com"}
    data = {
        **form(crm, "salesforce", [{"LastName": "X"}]),
        "connection": {"id": "1", "connection_data": {"value": value}},
    }

    assert run(module, data, status=502)["error"] == "mine.my.salesforce.com must be called over https"


def choices(module: ModuleClient, content: str, data: dict[str, Any]) -> list[str]:
    reply = module.content([content], data)
    assert reply.status_code == 200, reply.text
    assert reply.json is not None
    return [choice["value"] for choice in reply.json["data"]["content_objects"][0]["data"]]


@pytest.mark.parametrize(
    "name, content, expected",
    [
        ("hubspot", "object_types", ["contacts", "companies", "deals", "tickets", "p1_pets"]),
        ("hubspot", "object_fields", ["email", "firstname"]),
        ("salesforce", "object_types", ["Contact", "Lead"]),
        ("salesforce", "object_fields", ["Email", "LastName"]),
    ],
)
def test_lists_what_the_crm_has(
    module: ModuleClient, crm: CrmServer, name: str, content: str, expected: list[str]
) -> None:
    assert choices(module, content, form(crm, name)) == expected


def test_hubspot_without_custom_objects_has_the_standard_ones(module: ModuleClient, crm: CrmServer) -> None:
    crm.custom_types = False

    assert choices(module, "object_types", form(crm, "hubspot")) == ["contacts", "companies", "deals", "tickets"]


def test_no_fields_before_a_type_is_chosen(module: ModuleClient, crm: CrmServer) -> None:
    assert choices(module, "object_fields", form(crm, "hubspot", object_type=None)) == []
