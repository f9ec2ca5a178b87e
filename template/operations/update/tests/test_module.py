"""What this module does; `module` is the client of the module that this file lies in, `stand_in` the API."""

from typing import Any

from src.runtime.testing import ModuleClient, StandIn

CHOSEN = {"select_object": "contacts"}
CHANGES = [{"id": number, "age": "50"} for number in ("1", "2", "3")]


def run(module: ModuleClient, rows: Any) -> Any:
    return module.execute({**CHOSEN, "contacts": rows}).json


def states(reply: Any) -> list[str]:
    return [result["status"] for result in reply["data"]["results"]]


def test_nothing_but_the_id_is_required(module: ModuleClient) -> None:
    reply: Any = module.schema(CHOSEN)
    (rows,) = [field for field in reply.json["data"]["schema"]["fields"] if field["id"] == "contacts"]

    required = [field["id"] for field in rows["items"]["fields"] if field.get("validation", {}).get("required")]
    assert required == ["id"]
    (box,) = [field for field in rows["items"]["fields"] if field["id"] == "newsletter"]
    assert [choice["value"] for choice in box["choices"]["values"]] == ["", "true", "false"]


def test_only_what_is_filled_in_is_sent(module: ModuleClient, stand_in: StandIn) -> None:
    run(module, [{"id": "1", "name": "", "newsletter": "false"}])

    (call,) = stand_in.calls
    assert (call.asked, call.body) == ("PATCH /contacts/1", {"newsletter": False})


def test_what_is_missing_does_not_stop_the_others(module: ModuleClient) -> None:
    reply = run(module, [{"id": "1"}, {"name": "Nobody"}, CHANGES[2]])

    assert [result["message"] for result in reply["data"]["results"]] == [
        "Nothing is to be changed.",
        "An id is missing.",
        "",
    ]


def test_a_call_that_fails_does_not_stop_the_others_and_is_not_repeated(
    module: ModuleClient, stand_in: StandIn
) -> None:
    stand_in.fail(500, after=1)

    assert states(run(module, CHANGES)) == ["updated", "failed", "updated"]
    assert len(stand_in.calls) == 3


def test_waits_when_there_were_too_many_calls(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, after=1, headers={"Retry-After": "0"})

    assert states(run(module, CHANGES)) == ["updated", "updated", "updated"]
