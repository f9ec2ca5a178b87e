"""Every way of signing a request, as the API receives it."""

import base64

import pytest

from src.runtime import ManagedError
from src.runtime.http import ApiKeyAuth, BearerAuth, HTTPBasicAuth, credential, session, unpack


def sent(api, auth, path="things"):
    session(api.url, auth).get(path)
    return api.asked[-1]


def test_bearer(api):
    assert sent(api, BearerAuth("t-1")).headers["Authorization"] == "Bearer t-1"


def test_an_api_key_in_the_usual_header(api):
    assert sent(api, ApiKeyAuth("k-1")).headers["X-API-Key"] == "k-1"


def test_an_api_key_in_another_header(api):
    asked = sent(api, ApiKeyAuth("k-1", header="X-Shop-Token"))

    assert asked.headers["X-Shop-Token"] == "k-1"
    assert "X-API-Key" not in asked.headers


def test_an_api_key_in_the_query(api):
    asked = sent(api, ApiKeyAuth("k&1", query="api_key"), "things?a=1&b=")

    assert asked.path == "/things?a=1&b=&api_key=k%261"
    assert "X-API-Key" not in asked.headers


def test_basic(api):
    asked = sent(api, HTTPBasicAuth("user", "pass"))

    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()


def test_nothing(api):
    assert "Authorization" not in sent(api, None).headers


@pytest.mark.parametrize(
    "connection, names, value",
    [
        ({"api_key": "a"}, ["api_key"], "a"),
        ({"api_key": " a\n"}, ["api_key"], "a"),
        ({"token": "b"}, ["api_key", "token"], "b"),
        ({"api_key": "", "token": "b"}, ["api_key", "token"], "b"),
        ({"api_credentials": "a"}, ["api_key", "api_credentials"], "a"),
        ({"api_credentials": "1234"}, ["api_key", "api_credentials"], "1234"),
        ({"api_credentials": '{"api_key": "a"}'}, ["api_key", "api_credentials"], "a"),
        ({"api_credentials": '["a"]'}, ["api_key", "api_credentials"], '["a"]'),
        ({"api_credentials": "[" * 100_000}, ["api_credentials"], "[" * 100_000),
    ],
)
def test_a_credential_is_read_from_the_connection(connection, names, value):
    assert credential(connection, *names) == value


def test_generic_credentials_are_unpacked_where_they_are_json():
    assert unpack({"api_credentials": '{"username": "ada", "password": "p"}', "url": "u"}) == {
        "username": "ada",
        "password": "p",
        "url": "u",
    }
    assert unpack({"api_credentials": "a key"}) == {"api_credentials": "a key"}
    assert unpack({}) == {}


@pytest.mark.parametrize(
    "connection", [{}, {"api_key": ""}, {"api_key": "  "}, {"api_key": None}, {"api_key": 7}, {"other": "x"}]
)
def test_a_missing_credential_is_a_401(connection):
    with pytest.raises(ManagedError) as caught:
        credential(connection, "api_key")

    assert caught.value.error == "The connection holds no api_key. Connect the account again."
    assert caught.value.status_code == 401
