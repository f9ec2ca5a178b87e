"""Every way of signing a request, as the API receives it."""

import base64
import io

import pytest

from src.runtime import ManagedError
from src.runtime.http import ApiKeyAuth, BearerAuth, HTTPBasicAuth, OAuth2, credential, session, unpack


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


def test_an_access_token_is_sent_as_it_is(api):
    assert sent(api, OAuth2(access_token="a-1")).headers["Authorization"] == "Bearer a-1"


def test_without_a_token_and_without_means_to_get_one(api):
    with pytest.raises(ManagedError) as caught:
        sent(api, OAuth2(token_url=f"{api.url}/token", client_id="id"))

    assert caught.value.status_code == 401
    assert caught.value.error == "The connection holds no access token, and nothing to get one with."


def test_client_credentials(make_api, answer):
    api, tokens = make_api(), make_api()
    tokens.answer(answer(200, {"access_token": "a-2", "token_type": "Bearer", "expires_in": 3600}))
    auth = OAuth2(token_url=f"{tokens.url}/token", client_id="id", client_secret="se:cret", scope="read")
    calls = session(api.url, auth)

    calls.get("things")
    calls.get("things")

    assert [asked.headers["Authorization"] for asked in api.asked] == ["Bearer a-2", "Bearer a-2"]
    assert [(asked.method, asked.path) for asked in tokens.asked] == [("POST", "/token")]
    assert tokens.asked[0].body == b"grant_type=client_credentials&scope=read"
    assert tokens.asked[0].headers["Authorization"].startswith("Basic ")


def test_the_client_may_sign_in_in_the_body(make_api, answer):
    api, tokens = make_api(), make_api()
    tokens.answer(answer(200, {"access_token": "a-2", "token_type": "Bearer"}))
    auth = OAuth2(token_url=tokens.url, client_id="id", client_secret="sec", client_auth="client_secret_post")

    sent(api, auth)

    assert tokens.asked[0].body == b"grant_type=client_credentials&client_id=id&client_secret=sec"
    assert "Authorization" not in tokens.asked[0].headers


def test_a_refused_token_is_renewed_once_and_the_call_repeated(make_api, answer):
    api, tokens = make_api(), make_api()
    api.answer(answer(401), answer(200, {"ok": True}))
    tokens.answer(answer(200, {"access_token": "new", "refresh_token": "r-2", "token_type": "Bearer"}))
    auth = OAuth2("old", tokens.url, "id", "sec", "r-1")

    assert session(api.url, auth).post("things", json={"a": 1}).json() == {"ok": True}

    assert [asked.headers["Authorization"] for asked in api.asked] == ["Bearer old", "Bearer new"]
    assert [asked.body for asked in api.asked] == [b'{"a": 1}', b'{"a": 1}']
    assert tokens.asked[0].body == b"grant_type=refresh_token&refresh_token=r-1"
    assert (auth.access_token, auth.refresh_token) == ("new", "r-2")


def test_a_public_client_refreshes_without_a_secret(make_api, answer):
    api, tokens = make_api(), make_api()
    tokens.answer(answer(200, {"access_token": "new", "token_type": "Bearer"}))
    auth = OAuth2(token_url=tokens.url, client_id="id", refresh_token="r-1")

    sent(api, auth)

    assert tokens.asked[0].body == b"grant_type=refresh_token&refresh_token=r-1&client_id=id"
    assert auth.refresh_token == "r-1"


def test_a_token_that_stays_refused_is_not_renewed_again(make_api, answer):
    api, tokens = make_api(), make_api()
    api.answer(answer(401))
    tokens.answer(answer(200, {"access_token": "new", "token_type": "Bearer"}))

    with pytest.raises(ManagedError) as caught:
        sent(api, OAuth2("old", tokens.url, "id", "sec"))

    assert caught.value.metadata["status"] == 401
    assert (len(api.asked), len(tokens.asked)) == (2, 1)


def test_a_redirected_call_renews_its_token_once_too(make_api, answer):
    api, tokens = make_api(), make_api()
    api.answer(answer(302, headers={"Location": "/moved"}), answer(401))
    tokens.answer(answer(200, {"access_token": "new", "token_type": "Bearer"}))

    with pytest.raises(ManagedError):
        sent(api, OAuth2("old", tokens.url, "id", "sec"))

    assert [asked.path for asked in api.asked] == ["/things", "/moved", "/moved"]
    assert len(tokens.asked) == 1


def test_a_body_that_can_be_read_only_once_is_not_sent_again(make_api, answer):
    api, tokens = make_api(), make_api()
    api.answer(answer(401))

    with pytest.raises(ManagedError):
        session(api.url, OAuth2("old", tokens.url, "id", "sec")).post("things", data=io.BytesIO(b"once"))

    assert ([asked.body for asked in api.asked], tokens.asked) == ([b"once"], [])


def test_another_host_that_says_401_is_given_no_token(make_api, answer):
    api, other, tokens = make_api(), make_api(), make_api()
    api.answer(answer(302, headers={"Location": f"http://localhost:{other.port}/"}))
    other.answer(answer(401))

    with pytest.raises(ManagedError):
        sent(api, OAuth2("old", tokens.url, "id", "sec"))

    assert len(other.asked) == 1
    assert "Authorization" not in other.asked[0].headers
    assert tokens.asked == []


def test_a_token_endpoint_that_refuses_tells_why_and_no_secret(make_api, answer):
    api, tokens = make_api(), make_api()
    tokens.answer(
        answer(400, {"error": "invalid_grant", "error_description": "r-1-refresh of client-secret is unknown"})
    )

    with pytest.raises(ManagedError) as caught:
        sent(
            api,
            OAuth2(
                token_url=f"{tokens.url}/token",
                client_id="id",
                client_secret="client-secret",
                refresh_token="r-1-refresh",
            ),
        )

    assert caught.value.error == "127.0.0.1 answered 400: [redacted] of [redacted] is unknown"
    assert api.asked == []


@pytest.mark.parametrize(
    "body,error",
    [
        ({"error": "invalid_client"}, "The token endpoint gave no token."),
        ({}, "The token endpoint gave no token."),
        ([], "The token endpoint gave no token."),
        ("text", "The token endpoint gave no token."),
        (None, "127.0.0.1 answered 200 with something that is not JSON"),
    ],
)
def test_a_token_endpoint_that_gives_no_token_is_a_service_error(make_api, answer, body, error):
    api, tokens = make_api(), make_api()
    tokens.answer(answer(200, body))

    with pytest.raises(ManagedError) as caught:
        sent(api, OAuth2(token_url=tokens.url, client_id="id", client_secret="sec"))

    assert caught.value.error == error
    assert caught.value.status_code == 502


def test_client_secrets_go_nowhere_else(make_api, answer):
    api, tokens, other = make_api(), make_api(), make_api()
    tokens.answer(answer(307, headers={"Location": other.url}))

    with pytest.raises(ManagedError):
        sent(api, OAuth2(token_url=tokens.url, client_id="id", client_secret="sec", client_auth="client_secret_post"))

    assert other.asked == []


def test_a_token_endpoint_needs_https(api):
    with pytest.raises(ManagedError) as caught:
        sent(api, OAuth2(token_url="http://tokens.example.com/t", client_id="id", client_secret="sec"))

    assert caught.value.error == "tokens.example.com must be called over https"
