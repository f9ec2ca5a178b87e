"""Errors say what happened and where, and never hold a secret."""

import base64
import json
import logging
import traceback
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from requests.auth import AuthBase

from src.runtime import ManagedError
from src.runtime.http import ApiKeyAuth, BearerAuth, HTTPBasicAuth, OAuth2, Retries, session

SECRET = 'planted/secret "4711"+x'


class SignedAuth(AuthBase):
    def __init__(self, key):
        self.key = key

    def __call__(self, request):
        request.headers["X-Signature"] = quote(self.key)
        return request


@dataclass
class TwoKeys(AuthBase):
    public: str
    keys: dict[str, list[str]] = field(repr=False)

    def __call__(self, request):
        request.headers["X-Signature"] = "signed"
        return request


AUTHS = {
    "bearer": BearerAuth(SECRET),
    "header": ApiKeyAuth(SECRET),
    "query": ApiKeyAuth(SECRET, query="api_key"),
    "basic": HTTPBasicAuth("planted-user", SECRET),
    "oauth2": OAuth2(access_token=SECRET, client_secret=SECRET),
    "custom": SignedAuth(SECRET),
    "dataclass": TwoKeys("visible", {"a": [SECRET]}),
}
SPELLINGS = [SECRET, SECRET.upper(), quote(SECRET, safe=""), json.dumps(SECRET), repr(SECRET)]


def fail(api, auth, path="things"):
    with pytest.raises(ManagedError) as caught:
        session(api.url, auth, retries=Retries(backoff=0.001)).get(path, params={"token": SECRET})
    return caught.value


def everything_in(error):
    shown = "".join(traceback.format_exception(error))
    return f"{error.error} {error.data} {error.metadata} {error.args} {shown}"


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
@pytest.mark.parametrize("echo", SPELLINGS)
def test_the_message_of_the_api_is_told_without_the_secrets(api, answer, auth, echo):
    api.answer(answer(401, {"message": f"The key ({echo}) is not known here."}))

    error = fail(api, auth)

    assert "is not known here." in str(error.error)
    assert "[redacted]" in str(error.error)
    assert "4711" not in everything_in(error)


def test_a_part_of_a_secret_is_redacted_too(api, answer):
    api.answer(answer(401, {"message": "Unknown key sk_live_0123456789 of this shop"}))

    error = fail(api, BearerAuth("sk_live_0123456789abcdef"))

    assert error.reason == "Unknown key [redacted] of this shop"


def test_the_encoded_user_and_password_are_redacted(api, answer):
    encoded = base64.b64encode(f"planted-user:{SECRET}".encode()).decode()
    api.answer(answer(403, {"message": f"no: {encoded}"}))

    error = fail(api, AUTHS["basic"])

    assert str(error.error) == "127.0.0.1 answered 403: no: [redacted]"


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
def test_no_secret_is_told_when_nobody_answers(api, auth, caplog):
    api.close()

    with caplog.at_level(logging.CRITICAL):
        error = fail(api, auth)

    assert "4711" not in everything_in(error)


def test_a_secret_in_the_path_is_not_told(api, answer):
    api.answer(answer(404))

    error = fail(api, BearerAuth("token-in-path-99"), "bot/token-in-path-99/send")

    assert "token-in-path-99" not in everything_in(error)


@pytest.mark.parametrize("auth", AUTHS.values(), ids=AUTHS)
def test_the_repr_of_an_auth_object_shows_no_secret(auth):
    assert "4711" not in repr(auth)
    assert "4711" not in str(auth)


def test_what_an_error_says(api, answer):
    api.answer(answer(409, {"message": "Contact already exists."}))

    with pytest.raises(ManagedError) as caught:
        session(api.url).put("things/1?page=2", json={"a": 1})

    assert caught.value.error == "127.0.0.1 answered 409: Contact already exists."
    assert caught.value.status_code == 502
    assert caught.value.metadata == {
        "error_type": "service",
        "service": "127.0.0.1",
        "status": 409,
    }


@pytest.mark.parametrize("content", ["<html>planted-in-body</html>", "", '{"a": ', "[" * 100_000, b"\xff\xfe\xfa"])
def test_an_answer_that_is_not_json_is_the_fault_of_the_service(api, answer, content):
    api.answer(answer(content=content))

    with pytest.raises(ManagedError) as caught:
        session(api.url, BearerAuth("token-in-path-99")).get("bot/token-in-path-99/send").json()

    assert caught.value.error == "127.0.0.1 answered 200 with something that is not JSON"
    assert caught.value.status_code == 502
    assert caught.value.metadata == {
        "error_type": "service",
        "service": "127.0.0.1",
        "status": 200,
    }
    assert "planted" not in everything_in(caught.value)


def test_an_answer_after_a_redirect_is_read_with_the_same_care(api, answer):
    api.answer(answer(302, headers={"Location": "/moved"}), answer(content="nonsense"))

    received = session(api.url).get("things")

    assert [earlier.status_code for earlier in received.history] == [302]
    with pytest.raises(ManagedError, match="with something that is not JSON"):
        received.json()


def test_a_streamed_answer_is_still_a_stream(api):
    received = session(api.url).get("things", stream=True)

    assert b"".join(received.iter_content(2)) == b'{"ok": true}'
