"""What this module does; `module` is the client of the module that this file lies in, `stand_in` the API."""

from typing import Any

from src.runtime.testing import ModuleClient, StandIn

CHOSEN = {"select_object": "contacts"}
PEOPLE = [{"email": f"{name}@example.com"} for name in ("alan", "joan", "mary")]


def run(module: ModuleClient, rows: Any) -> Any:
    return module.execute({**CHOSEN, "contacts": rows}).json


def states(reply: Any) -> list[str]:
    return [result["status"] for result in reply["data"]["results"]]


def test_the_object_brings_its_fields(module: ModuleClient) -> None:
    reply: Any = module.schema(CHOSEN)
    (rows,) = [field for field in reply.json["data"]["schema"]["fields"] if field["id"] == "contacts"]

    assert rows["items"]["ui_options"]["ui_order"] == ["email", "name", "age", "newsletter"]


def test_texts_become_what_the_api_holds(module: ModuleClient, stand_in: StandIn) -> None:
    run(module, [{"email": "alan@example.com", "age": " 41 ", "newsletter": "TRUE", "name": ""}])

    assert stand_in.calls[0].body == {"email": "alan@example.com", "age": 41, "newsletter": True}


def test_a_record_that_cannot_be_read_does_not_stop_the_others(module: ModuleClient) -> None:
    reply = run(module, [{**PEOPLE[0], "age": "old"}, PEOPLE[1], "nobody", {}])

    assert states(reply) == ["failed", "created", "failed", "failed"]
    assert reply["data"]["results"][0]["message"] == "Age must be a number, not 'old'."


def test_a_call_that_fails_does_not_stop_the_others_and_is_not_repeated(
    module: ModuleClient, stand_in: StandIn
) -> None:
    stand_in.fail(500, after=1)

    reply = run(module, PEOPLE)

    assert states(reply) == ["created", "failed", "created"]
    told = "127.0.0.1 answered 500: Not now.; it may have been carried out."
    assert reply["data"]["results"][1]["message"] == told
    assert len(stand_in.calls) == 3


def test_waits_when_there_were_too_many_calls(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, after=1, headers={"Retry-After": "0"})

    assert states(run(module, PEOPLE)) == ["created", "created", "created"]


def test_sends_no_more_when_it_would_have_to_wait_for_long(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, after=1, headers={"Retry-After": "3600"})

    assert states(run(module, PEOPLE)) == ["created", "failed", "failed"]
    assert len(stand_in.calls) == 2


def test_an_api_that_fails_for_all_is_an_error(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(503, times=3)

    assert run(module, PEOPLE)["error"] == "127.0.0.1 answered 503: Not now."
