"""The connection of a request: where it is found, and what is said when it lacks a key."""

from typing import Any

import pytest

from src.runtime.request import Connection
from tests.runtime.conftest import Build

INLINE = {"id": "c1", "connection_data": {"value": {"token": "of the field"}}, "connection_management_type": "custom"}
OTHER = {"id": "c2", "connection_data": {"value": {"token": "of the other"}}}
BESIDE = {
    "connection_data": {
        "value": {"token": "beside"},
        "connection_app_type": "hubspot",
        "connection_id": "c-7",
        "rate_limiter": {"per_second": 5},
    },
    "connection_management_type": "managed",
}


def run(one: Build, expression: str, data: Any, credentials: Any = None) -> Any:
    code = f"@module.execute\ndef execute(request): return {expression}\n"
    return one(code).post("/m/v1/execute", json={"data": data, "credentials": credentials})


@pytest.mark.parametrize(
    "data,token",
    [
        ({"crm": INLINE}, "of the field"),
        ({"form_data": {"crm": INLINE}}, "beside"),  # a field of that name
        ({"crm": "c1"}, "beside"),
        ({"crm": None}, "beside"),
        ({"crm": {"id": "c1"}}, "beside"),
        ({"crm": {"id": "c1", "connection_data": {"value": {}}}}, "beside"),
        ({"other": OTHER}, "beside"),
        ({}, "beside"),
    ],
)
def test_a_named_connection_is_that_of_the_field_else_the_one_beside_the_form(one: Build, data: Any, token: str):
    assert run(one, "dict(request.connection('crm'))", data, BESIDE).json == {"data": {"token": token}}


@pytest.mark.parametrize("expression", ["request.connection()", "request.credentials"])
@pytest.mark.parametrize(
    "data,credentials,value",
    [
        ({}, BESIDE, {"token": "beside"}),
        ({"crm": INLINE}, BESIDE, {"token": "beside"}),
        ({"crm": INLINE}, None, {"token": "of the field"}),
        ({"crm": INLINE, "text": "x", "object": {"connection_data": 5}}, {}, {"token": "of the field"}),
        ({}, {"connection_data": None}, {}),
        ({}, None, {}),
    ],
)
def test_the_one_beside_the_form_counts_first_else_the_only_one_in_it(
    one: Build, expression: str, data: Any, credentials: Any, value: Any
):
    assert run(one, f"dict({expression})", data, credentials).json == {"data": value}


def test_of_several_in_the_form_one_must_be_named(one: Build):
    reply = run(one, "dict(request.connection())", {"two": OTHER, "one": INLINE})
    assert reply.status_code == 400
    assert (
        reply.json["error"]
        == 'The form holds several connections: "one", "two". Ask for one of them by its field\'s id.'
    )


def test_what_the_platform_says_of_it(one: Build):
    names = (
        "[getattr(request.connection(X), name) for name in ('connection_app_type', 'connection_id', \""
        "rate_limiter\", 'connection_management_type')]"
    )
    beside = run(one, names.replace("X", ""), {}, BESIDE).json["data"]
    assert beside == ["hubspot", "c-7", {"per_second": 5}, "managed"]
    assert run(one, names.replace("X", "'crm'"), {"crm": INLINE}).json["data"] == [None, "c1", None, "custom"]
    assert run(one, names.replace("X", ""), {}).json["data"] == [None, None, None, None]


@pytest.mark.parametrize(
    "app_type,shape",
    [
        ("generic_api_credentials", '{"api_credentials": "example-api-key"}'),
        ("acme_oauth2", '"access_token"'),
        ("hubspot", '"expiration_time"'),
        ("postgres", '"connection_string"'),
        ("custom_api", '{"api_key": "example-api-key"}'),
    ],
)
def test_a_missing_key_shows_what_the_type_usually_holds(one: Build, app_type: str, shape: str):
    connection = {"value": {"secret_name": "S3CRET"}, "connection_app_type": app_type}
    reply = run(one, "request.credentials['missing']", {}, {"connection_data": connection})
    assert reply.status_code == 400
    assert reply.json["error"].startswith('The connection has no "missing". A connection of type ')
    assert shape in reply.json["error"]
    assert "S3CRET" not in reply.text
    assert "secret_name" not in reply.text


def test_of_a_type_that_nobody_knows_only_the_key_is_told(one: Build):
    connection = {"value": {"a": "S3CRET"}, "connection_app_type": "S3CRET"}
    reply = run(one, "request.credentials['missing']", {}, {"connection_data": connection})
    assert reply.json["error"] == 'The connection has no "missing".'
    reply = run(one, "request.credentials['missing']", {})
    assert reply.json["error"] == 'No connection is chosen, so it has no "missing".'


def test_it_reads_as_a_mapping_and_shows_no_value():
    connection = Connection({"token": "S3CRET", "url": "u"})
    assert (connection["token"], connection.get("x"), connection.get("x", 1)) == ("S3CRET", None, 1)
    assert ("token" in connection, "x" in connection, len(connection), list(connection)) == (
        True,
        False,
        2,
        ["token", "url"],
    )
    assert connection == {"token": "S3CRET", "url": "u"}
    assert repr(connection) == "<Connection with token, url>"
    assert not Connection({})


FORM = '{"connections": {"required": true, "app_types": ["x"]}, "fields": []}'


@pytest.mark.parametrize("data,credentials,status", [({}, None, 401), ({}, BESIDE, 200), ({"crm": INLINE}, {}, 200)])
def test_a_connection_that_the_form_requires_is_there_at_execute(one: Build, data: Any, credentials: Any, status: int):
    client = one("@module.execute\ndef execute(request): return 1\n", schema_json=FORM)
    reply = client.post("/m/v1/execute", json={"data": data, "credentials": credentials})
    assert reply.status_code == status
    if status == 401:
        assert reply.json["error"] == "Choose a connection."


def test_the_ids_of_the_run_are_on_the_request(one: Build):
    code = (
        "@module.execute\ndef execute(request):\n"
        "    return [request.workspace_id, request.workflow_id, request.workflow_module_instance_id]\n"
    )
    body = {"data": {}, "workspace_id": "w", "workflow_id": "f", "workflow_module_instance_id": 5}
    assert one(code).post("/m/v1/execute", json=body).json == {"data": ["w", "f", None]}


def test_content_and_schema_find_it_in_the_form_so_far(one: Build):
    code = (
        "@module.content('a')\ndef a(request): return [request.connection('crm')['token']]\n"
        "@module.schema\ndef schema(request): return {'fields': [], 'token': request.connection()['token']}\n"
    )
    client, data = one(code), {"form_data": {"crm": INLINE, "form_data": "x"}, "content_object_names": ["a"]}
    (answer,) = client.post("/m/v1/content", json={"data": data}).json["data"]["content_objects"]
    assert answer["data"][0]["value"] == "of the field"
    assert client.post("/m/v1/schema", json={"data": data}).json["data"]["schema"]["token"] == "of the field"
