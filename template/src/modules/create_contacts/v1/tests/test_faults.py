"""CRMs that fail, and connections that lack something."""

import pytest

from src.runtime.calling import ModuleClient

from .calls import both, form, person, run, states
from .upstream import CrmServer


def test_an_object_type_cannot_change_the_address(module: ModuleClient, crm: CrmServer) -> None:
    data = form(crm, "hubspot", [{"email": "a@example.com"}], object_type="../../oauth/v1/x?y=")

    run(module, data, status=502)

    assert [path for path, _ in crm.calls] == ["/crm/v3/objects/..%2F..%2Foauth%2Fv1%2Fx%3Fy%3D/batch/create"]


@both
@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_crm_that_fails_is_an_error(module: ModuleClient, crm: CrmServer, name: str, status: int) -> None:
    crm.faults = [(status, {})]

    reply = run(module, form(crm, name, [person(name, 1)]), status=502)

    assert reply["metadata"]["status"] == status
    assert crm.store.rows == []


@both
def test_what_was_created_before_a_failure_is_told(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.faults = [(0, {}), (503, {})]

    reply = run(module, form(crm, name, [person(name, number) for number in range(3)], batch_size=1))

    assert states(reply) == ["created", "failed", "failed"]
    told = [record["message"] for record in reply["data"]["records"]]
    assert told == ["", "127.0.0.1 answered 503: Not now.; it may have been created.", "It was not sent."]
    assert len(crm.store.rows) == 1


@both
def test_creating_is_never_repeated(module: ModuleClient, crm: CrmServer, name: str) -> None:
    crm.faults = [(429, {"Retry-After": "0"})]

    run(module, form(crm, name, [person(name, 1)]), status=502)

    assert len(crm.calls) == 1


@both
def test_a_wrong_token_is_told_without_the_token(module: ModuleClient, crm: CrmServer, name: str) -> None:
    reply = module.execute(form(crm, name, [person(name, 1)], token="a-wrong-token-4711"))

    assert reply.status_code == 502
    assert "wrong-token" not in reply.text
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
