"""What this module does; `module` is the client of the module that this file lies in, `stand_in` the API."""

from typing import Any

from src.runtime.testing import ModuleClient, StandIn

CHOSEN = {"select_object": "contacts"}


def listed(reply: Any) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [record["name"] for record in reply.json["data"]["records"]]


def test_the_object_brings_its_fields(module: ModuleClient) -> None:
    reply: Any = module.schema(CHOSEN)

    assert reply.json["data"]["schema"]["ui_options"]["ui_order"] == ["select_object", "contacts_filters", "limit"]


def test_goes_from_page_to_page(module: ModuleClient, stand_in: StandIn) -> None:
    reply: Any = module.execute(CHOSEN)

    assert listed(reply) == ["Ada", "Grace", "Edsger"]
    assert reply.json["data"]["has_more"] is False
    assert stand_in.asked == ["GET /contacts", "GET /contacts"]


def test_stops_at_the_limit(module: ModuleClient) -> None:
    reply: Any = module.execute({**CHOSEN, "limit": "1"})

    assert listed(reply) == ["Ada"]
    assert reply.json["data"]["has_more"] is True


def test_filters_by_the_fields_that_are_filled_in(module: ModuleClient) -> None:
    filters = {"email": "grace@example.com", "name": ""}

    assert listed(module.execute({**CHOSEN, "contacts_filters": filters})) == ["Grace"]


def test_a_page_is_asked_for_again_when_there_were_too_many_calls(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, after=1, headers={"Retry-After": "0"})

    assert listed(module.execute(CHOSEN)) == ["Ada", "Grace", "Edsger"]


def test_an_api_that_fails_is_told(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(500)

    reply: Any = module.execute(CHOSEN)

    assert (reply.status_code, reply.json["error"]) == (502, "127.0.0.1 answered 500: Not now.")
