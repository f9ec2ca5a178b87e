"""What this module does; `module` is the client of the module that this file lies in, `stand_in` the API."""

from typing import Any

import pytest

from src.runtime.testing import ModuleClient, StandIn

CHOSEN = {"select_object": "contacts"}


def run(module: ModuleClient, ids: Any) -> Any:
    return module.execute({**CHOSEN, "contacts_ids": ids}).json


def states(reply: Any) -> list[str]:
    return [result["status"] for result in reply["data"]["results"]]


def test_the_object_brings_the_field_for_its_ids(module: ModuleClient) -> None:
    reply: Any = module.schema(CHOSEN)

    assert reply.json["data"]["schema"]["ui_options"]["ui_order"] == ["select_object", "contacts_ids"]


@pytest.mark.parametrize("ids", ["1, 3", ["1", "3"], [1, 3], '["1", 3]'])
def test_ids_come_as_a_text_or_as_a_list(module: ModuleClient, stand_in: StandIn, ids: Any) -> None:
    assert states(run(module, ids)) == ["deleted", "deleted"]
    assert stand_in.asked == ["DELETE /contacts/1", "DELETE /contacts/3"]


@pytest.mark.parametrize("ids", [None, "", [], " , "])
def test_nothing_is_deleted_without_an_id(module: ModuleClient, stand_in: StandIn, ids: Any) -> None:
    assert run(module, ids)["error"] == "Give at least one id."
    assert stand_in.calls == []


def test_a_call_that_fails_does_not_stop_the_others(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(500, "DELETE /contacts/2")

    assert states(run(module, "1, 2, 3")) == ["deleted", "failed", "deleted"]


def test_waits_when_there_were_too_many_calls(module: ModuleClient, stand_in: StandIn) -> None:
    stand_in.fail(429, after=1, headers={"Retry-After": "0"})

    assert states(run(module, "1, 2, 3")) == ["deleted", "deleted", "deleted"]
