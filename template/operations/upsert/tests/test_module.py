"""What this module does; `module` is the client of the module that this file lies in, `stand_in` the API."""

from typing import Any

from src.runtime.testing import ModuleClient, StandIn

CHOSEN = {"select_object": "contacts"}
PEOPLE = [{"email": f"{name}@example.com", "age": "50"} for name in ("ada", "alan", "grace")]


def run(module: ModuleClient, rows: Any, key: str = "email") -> Any:
    return module.execute({**CHOSEN, "contacts_key": key, "contacts": rows}).json


def states(reply: Any) -> list[str]:
    return [result["status"] for result in reply["data"]["results"]]


def test_the_object_brings_its_fields(module: ModuleClient) -> None:
    reply: Any = module.schema(CHOSEN)

    fields = {field["id"]: field for field in reply.json["data"]["schema"]["fields"]}
    assert list(fields) == ["select_object", "contacts_key", "contacts"]
    keys = [choice["value"] for choice in fields["contacts_key"]["choices"]["values"]]
    assert keys == ["email", "name", "age", "newsletter"]


def test_updates_what_is_there_and_creates_the_rest(module: ModuleClient, stand_in: StandIn) -> None:
    assert states(run(module, PEOPLE)) == ["updated", "created", "updated"]
    assert [asked for asked in stand_in.asked if not asked.startswith("GET")] == [
        "PATCH /contacts/1",
        "POST /contacts",
        "PATCH /contacts/2",
    ]


def test_records_that_cannot_be_told_apart_are_left_alone(module: ModuleClient) -> None:
    run(module, [{"email": "other@example.com", "name": "Ada"}])

    reply = run(module, [{"email": "ada@example.com", "name": "Ada"}], key="name")

    assert reply["data"]["results"][0]["message"] == "Several records have name Ada."


def test_a_call_that_fails_does_not_stop_the_others_and_is_not_repeated(
    module: ModuleClient, stand_in: StandIn
) -> None:
    stand_in.fail(500, "POST")

    assert states(run(module, PEOPLE)) == ["updated", "failed", "updated"]
    assert stand_in.asked.count("POST /contacts") == 1


def test_waits_when_there_were_too_many_calls(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, "PATCH", headers={"Retry-After": "0"})

    assert states(run(module, PEOPLE)) == ["updated", "created", "updated"]
