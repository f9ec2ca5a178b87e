"""Creating: batches, refused records, all or none, duplicates, CRMs that fail."""

from typing import Any

import pytest

from src.runtime.testing import ModuleClient

from .conftest import Caller
from .stand_in import Crms


def states(reply: Any) -> list[str]:
    return [record["status"] for record in reply["data"]["results"]]


def messages(reply: Any) -> list[str]:
    return [record["message"] for record in reply["data"]["results"]]


def test_creates_what_it_is_given(caller: Caller, crm: Crms) -> None:
    reply = caller.run(caller.people(2))

    assert states(reply) == ["created", "created"]
    assert reply["metadata"] == {"affected_records": 2}
    counts = {name: count for name, count in reply["data"].items() if name != "results"}
    assert counts == {"total": 2, "successful": 2, "skipped": 0, "failed": 0}
    by_id = {record["Id"]: record for record in crm.store.rows}
    ids = [record["id"] for record in reply["data"]["results"]]
    assert [by_id[each].get("email") or by_id[each].get("Email") for each in ids] == [
        "p0@example.com",
        "p1@example.com",
    ]


# --- what arrives from the form ------------------------------------------------------------------


def test_texts_become_what_hubspot_holds(hubspot: Caller, crm: Crms) -> None:
    typed = {"children": " 2 ", "newsletter": "TRUE", "interests": "tea, chess", "birthday": "", "firstname": None}

    hubspot.run([{**hubspot.person(0), **typed}])

    kept = {name: value for name, value in crm.store.rows[0].items() if name not in ("Id", "email")}
    assert kept == {"children": "2", "newsletter": "true", "interests": "tea;chess"}


def test_texts_become_what_salesforce_holds(salesforce: Caller, crm: Crms) -> None:
    typed = {"Level__c": "2.5", "DoNotCall": "false", "Languages__c": "English, French", "Birthdate": "2026-01-31"}

    salesforce.run([{"LastName": "P", "Email": "", **typed}])

    kept = {name: value for name, value in crm.store.rows[0].items() if name not in ("Id", "attributes")}
    assert kept == {
        "LastName": "P",
        "Level__c": 2.5,
        "DoNotCall": False,
        "Languages__c": "English;French",
        "Birthdate": "2026-01-31",
    }


def test_a_template_may_stand_for_all_records(caller: Caller) -> None:
    assert states(caller.run('[{"email": "a@example.com", "LastName": "A"}]')) == ["created"]


@pytest.mark.parametrize("records", [None, [], "", "{{ MODULE.a.output.rows }}", {"email": "a@example.com"}])
def test_records_must_be_there(caller: Caller, crm: Crms, records: Any) -> None:
    assert caller.run(records, status=400)["error"] == "Give at least one record."
    assert crm.store.rows == []


def test_a_record_that_cannot_be_read_does_not_stop_the_others(salesforce: Caller) -> None:
    rows = [{"LastName": "A", "Level__c": "high"}, {"LastName": "B"}, {"LastName": "C", "DoNotCall": "yes"}, {}, "D"]

    reply = salesforce.run(rows)

    assert states(reply) == ["failed", "created", "failed", "failed", "failed"]
    assert messages(reply) == [
        "Level must be a number, not 'high'.",
        "",
        "Do Not Call must be true or false, not 'yes'.",
        "Nothing is filled in.",
        "A record must be an object.",
    ]


def test_what_is_missing_is_told(module: ModuleClient) -> None:
    reply = module.execute({})

    assert reply.status_code in (400, 401)
    assert reply.json is not None
    assert reply.json["error"]


# --- refused records -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, bad, message",
    [
        ("hubspot", {"email": "x"}, "Email x is invalid"),
        ("salesforce", {"Email": "x"}, "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]"),
    ],
)
def test_reports_each_record_that_is_refused(
    module: ModuleClient, crm: Crms, name: str, bad: dict[str, Any], message: str
) -> None:
    caller = Caller(module, crm, name)

    reply = caller.run([caller.person(1), bad, caller.person(2)])

    assert states(reply) == ["created", "failed", "created"]
    assert reply["data"]["results"][1] == {"index": 1, "status": "failed", "id": None, "message": message}
    assert (reply["data"]["successful"], reply["data"]["failed"]) == (2, 1)


@pytest.mark.parametrize("bad", [{"email": "x", "Email": "x"}, {}])
def test_all_or_none_creates_nothing_when_one_is_refused(caller: Caller, crm: Crms, bad: dict[str, Any]) -> None:
    reply = caller.run([caller.person(1), bad], all_or_none=True, status=422)

    assert reply["error"] == "No record was created."
    assert states(reply) == ["failed", "failed"]
    assert reply["metadata"]["affected_records"] == 0
    assert crm.store.rows == []


def test_all_or_none_tells_which_id_is_whose(caller: Caller) -> None:
    reply = caller.run(caller.people(3), all_or_none=True)

    assert [record["id"] for record in reply["data"]["results"]] == ["id-1", "id-2", "id-3"]


def test_all_or_none_refuses_more_than_one_call_can_take(caller: Caller, crm: Crms) -> None:
    limit = 100 if caller.name == "hubspot" else 200

    reply = caller.run(caller.people(limit + 1), all_or_none=True, status=400)

    assert reply["error"] == (
        f"The CRM creates at most {limit} records all or none, and these are {limit + 1}. "
        "Send fewer at a time, or switch `all_or_none` off."
    )
    assert crm.store.rows == []


def test_sends_batches(caller: Caller, crm: Crms) -> None:
    reply = caller.run(caller.people(201))

    assert reply["data"]["successful"] == 201
    # One call asks for the fields.
    assert len(crm.calls) == 1 + (3 if caller.name == "hubspot" else 2)


def test_a_call_that_salesforce_refuses_is_reported_for_each_record(salesforce: Caller) -> None:
    reply = salesforce.run([{"LastName": "X", "Nonsense": 1}])

    assert states(reply) == ["failed"]
    assert "No such column 'Nonsense' on sobject of type Contact" in messages(reply)[0]


# --- duplicates ----------------------------------------------------------------------------------


def email(caller: Caller) -> str:
    return "email" if caller.name == "hubspot" else "Email"


def test_skips_what_is_there_already(caller: Caller) -> None:
    caller.run([caller.person(1), caller.person(2)])
    again = [{**caller.person(2), email(caller): "P2@Example.com"}, caller.person(3), caller.person(3)]

    reply = caller.run(again, duplicate_fields=email(caller))

    assert states(reply) == ["skipped", "created", "skipped"]
    assert reply["data"]["skipped"] == 2
    assert messages(reply)[0] == "It is in the CRM already."
    assert reply["data"]["results"][0]["id"] in {"id-1", "id-2"}
    assert messages(reply)[2] == "It is the same as record 1 of this request."


def test_a_record_with_an_empty_field_equals_none(salesforce: Caller, crm: Crms) -> None:
    crm.store.rows = [{"Id": "id-0", "LastName": "P", "Email": ""}]
    records = [{"LastName": "P", "Email": ""}, {"LastName": "P"}, {"LastName": "P", "Email": None}]

    reply = salesforce.run(records, duplicate_fields="LastName, Email")

    assert states(reply) == ["created", "created", "created"]


def test_compares_all_the_fields(caller: Caller, crm: Crms) -> None:
    fields = ["email", "firstname"] if caller.name == "hubspot" else ["Email", "LastName"]
    crm.store.rows = [{"Id": "id-0", fields[0]: "p1@example.com", fields[1]: "Somebody else"}]

    reply = caller.run([{fields[0]: "p1@example.com", fields[1]: "Ada"}], duplicate_fields=", ".join(fields))

    # HubSpot itself allows an address only once.
    assert states(reply) == ["failed" if caller.name == "hubspot" else "created"]


def test_searches_in_portions_and_pages(caller: Caller, crm: Crms) -> None:
    crm.store.page_size = 20
    caller.run(caller.people(250))

    reply = caller.run(caller.people(250), duplicate_fields=email(caller))

    assert (reply["data"]["successful"], reply["data"]["skipped"]) == (0, 250)


@pytest.mark.parametrize(
    "value", ["O'Hara", "back\\slash", "x') OR (Name != '", "two\nlines", 'quo"te', "naïve ☃", "a, b"]
)
def test_any_value_can_be_searched_for_in_salesforce(salesforce: Caller, crm: Crms, value: str) -> None:
    crm.store.rows = [{"Id": "other", "LastName": "Somebody"}, {"Id": "same", "LastName": value}]

    reply = salesforce.run([{"LastName": value}], duplicate_fields="LastName")

    assert [record["id"] for record in reply["data"]["results"]] == ["same"]
    assert states(reply) == ["skipped"]


@pytest.mark.parametrize("name", ["Name FROM User --", "Account.Name", "1st"])
def test_a_field_name_cannot_change_the_query(salesforce: Caller, crm: Crms, name: str) -> None:
    reply = salesforce.run([{name: "x", "LastName": "X"}], duplicate_fields=name, status=400)

    assert reply["error"] == f"Skip duplicates by: there is no field {name} to compare."
    assert len(crm.calls) == 1


def test_searches_are_repeated_when_there_were_too_many(caller: Caller, crm: Crms) -> None:
    crm.fail(429, after=1, headers={"Retry-After": "0"})

    assert states(caller.run([caller.person(1)], duplicate_fields=email(caller))) == ["created"]


# --- CRMs that fail ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_crm_that_fails_is_an_error_and_creating_never_repeated(caller: Caller, crm: Crms, status: int) -> None:
    crm.fail(status, after=1, headers={"Retry-After": "0"})

    reply = caller.run([caller.person(1)], status=502)

    assert reply["metadata"]["status"] == status
    assert (crm.store.rows, len(crm.calls)) == ([], 2)


def test_what_was_created_before_a_failure_is_told(caller: Caller, crm: Crms) -> None:
    crm.fail(503, after=2)
    size = 100 if caller.name == "hubspot" else 200

    reply = caller.run(caller.people(2 * size + 1))

    assert states(reply) == ["created"] * size + ["failed"] * (size + 1)
    told = "127.0.0.1 answered 503: Not now.; it may have been created."
    assert messages(reply)[size:] == [told] * size + ["It was not sent."]
    assert len(crm.store.rows) == size


WRONG_TOKEN = "127.0.0.1 answered 401: The token [redacted] is not valid. Connect the account again."


@pytest.mark.parametrize(
    "name, held, status, said",
    [
        ("hubspot", {"access_token": "a-wrong-token-4711"}, 502, WRONG_TOKEN),
        ("salesforce", {"access_token": "a-wrong-token-4711"}, 502, WRONG_TOKEN),
        ("hubspot", {"access_token": None}, 400, 'The connection has no "access_token"'),
        ("salesforce", {"instance_url": None}, 400, 'The connection has no "instance_url"'),
        (
            "salesforce",
            {"instance_url": "http://mine.my.salesforce.com"},
            502,
            "mine.my.salesforce.com must be called over https",
        ),
    ],
)
def test_a_connection_that_is_of_no_use_is_told_without_its_token(
    module: ModuleClient, crm: Crms, name: str, held: dict[str, str | None], status: int, said: str
) -> None:
    caller = Caller(module, crm, name)
    values = {**caller.values, "other": "kept", **held}
    caller.values = {key: value for key, value in values.items() if value is not None}

    reply = caller.run([caller.person(1)], status=status)

    assert said in reply["error"]
    assert "wrong-token" not in str(reply)
    assert (crm.store.rows, bool(crm.calls)) == ([], said == WRONG_TOKEN)


def test_a_connection_of_another_app_is_refused(caller: Caller) -> None:
    caller.name = "dbase"

    reply = caller.run([{"email": "a@example.com"}], select_object="contacts", status=400)

    assert "hubspot, salesforce" in reply["error"]


@pytest.mark.parametrize("chosen", ["../../oauth/v1/x?y=", "nothing"])
def test_an_object_cannot_change_the_address(hubspot: Caller, crm: Crms, chosen: str) -> None:
    hubspot.run([hubspot.person(1)], select_object=chosen, status=502)

    assert all(asked.count("/") <= 4 and "oauth/v1" not in asked for asked in crm.asked)
