"""What this module does; `module` is the client of the module that this file lies in, `stand_in` the API."""

from typing import Any

from src.runtime.testing import ModuleClient, StandIn

CHOSEN = {"select_object": "contacts"}


def test_the_object_brings_its_records(module: ModuleClient) -> None:
    form: Any = module.schema(CHOSEN)
    records: Any = module.content(["records"], CHOSEN)

    assert form.json["data"]["schema"]["ui_options"]["ui_order"] == ["select_object", "contacts_id"]
    choices = records.json["data"]["content_objects"][0]["data"]
    assert [(choice["value"], choice["label"]) for choice in choices] == [
        ("1", "ada@example.com"),
        ("2", "grace@example.com"),
        ("3", "edsger@example.com"),
    ]


def test_there_are_no_records_before_an_object_is_chosen(module: ModuleClient) -> None:
    records: Any = module.content(["records"])

    assert records.json["data"]["content_objects"][0]["data"] == []


def test_an_id_is_needed(module: ModuleClient, stand_in: StandIn) -> None:
    reply: Any = module.execute(CHOSEN)

    assert (reply.status_code, reply.json["error"]) == (400, "An id is missing.")
    assert stand_in.calls == []


def test_an_id_cannot_lead_elsewhere(module: ModuleClient, stand_in: StandIn) -> None:
    module.execute({**CHOSEN, "contacts_id": "../companies"})

    assert stand_in.asked == ["GET /contacts/..%2Fcompanies"]


def test_is_asked_again_when_there_were_too_many_calls(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, headers={"Retry-After": "0"})

    reply: Any = module.execute({**CHOSEN, "contacts_id": "1"})

    assert reply.json["data"]["name"] == "Ada"


def test_a_record_that_is_not_there_is_told(module: ModuleClient) -> None:
    reply: Any = module.execute({**CHOSEN, "contacts_id": "9"})

    assert (reply.status_code, reply.json["error"]) == (502, "127.0.0.1 answered 404: There is no record 9.")
