"""OAuth 2.0: delivered tokens are sent as they come; those of client credentials are kept apart and renewed in time."""

import base64
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import pytest

from src.runtime import ManagedError
from src.runtime.http import OAuth2, session
from src.runtime.http.limits import Kept
from src.runtime.http.oauth import TOKENS, HeldToken


@pytest.fixture
def tokens(make_api, answer):
    api = make_api()
    api.answer(*(answer(200, {"access_token": f"t-{number}", "expires_in": 3600}) for number in range(1, 10)))
    return api


def client(tokens, **settings):
    return OAuth2(token_url=f"{tokens.url}/token", **{"client_id": "id", "client_secret": "se:cret", **settings})


def sent(api):
    return [asked.headers["Authorization"] for asked in api.asked]


def forms(tokens):
    return [{name: value[0] for name, value in parse_qs(asked.body.decode()).items()} for asked in tokens.asked]


def refuse(api, auth, **kwargs):
    with pytest.raises(ManagedError) as caught:
        session(api.url, auth).get("things", **kwargs)
    return caught.value


# --- a token that the platform delivers


def test_an_access_token_is_sent_as_it_is(api):
    session(api.url, OAuth2("a-1")).get("things")

    assert sent(api) == ["Bearer a-1"]


@pytest.mark.parametrize("body, reason", [({"message": "Expired."}, ": Expired."), (None, ".")])
def test_a_refused_one_is_not_renewed_and_says_what_to_do(api, tokens, answer, body, reason):
    api.answer(answer(401, body))

    error = refuse(api, client(tokens, access_token="a-1"))

    assert error.error == f"127.0.0.1 answered 401{reason} Connect the account again."
    assert (len(api.asked), tokens.asked) == (1, [])


@pytest.mark.filterwarnings("ignore:OAuth2")
@pytest.mark.parametrize("settings", [{"client_secret": None}, {"client_id": ""}, {"refresh_token": "r-1"}])
def test_without_a_token_and_without_means_to_fetch_one(api, tokens, settings):
    error = refuse(api, client(tokens, **settings))

    assert error.error == "The connection holds no access token. Connect the account again."
    assert error.status_code == 401
    assert (api.asked, tokens.asked) == ([], [])


def test_a_refresh_token_is_said_to_be_of_no_use(api):
    with pytest.warns(DeprecationWarning, match="refresh_token is not used: the platform renews the access token"):
        auth = OAuth2("a-1", refresh_token="r-1")

    session(api.url, auth).get("things")
    assert sent(api) == ["Bearer a-1"]


# --- client credentials


def test_a_token_is_fetched_once_for_all_sessions(api, tokens):
    for _ in range(3):
        session(api.url, client(tokens, scope="read")).get("things")

    assert sent(api) == ["Bearer t-1"] * 3
    assert [(asked.method, asked.path) for asked in tokens.asked] == [("POST", "/token")]
    assert forms(tokens) == [{"grant_type": "client_credentials", "scope": "read"}]
    assert base64.b64decode(sent(tokens)[0].removeprefix("Basic ")) == b"id:se%3Acret"


def test_the_client_may_show_itself_in_the_body(api, tokens):
    session(api.url, client(tokens, client_auth="client_secret_post")).get("things")

    assert forms(tokens) == [{"grant_type": "client_credentials", "client_id": "id", "client_secret": "se:cret"}]
    assert "Authorization" not in tokens.asked[0].headers


OTHERS = ["client_id", "client_secret", "scope", "audience", "resource"]


@pytest.mark.parametrize("name", OTHERS)
def test_other_credentials_or_wishes_have_a_token_of_their_own(api, tokens, name):
    for value in ("one", "two", "one"):
        session(api.url, client(tokens, **{name: value})).get("things")

    assert sent(api) == ["Bearer t-1", "Bearer t-2", "Bearer t-1"]
    if name in ("scope", "audience", "resource"):
        assert [form[name] for form in forms(tokens)] == ["one", "two"]


def test_another_token_address_has_a_token_of_its_own(api, tokens):
    for path in ("a", "b"):
        auth = OAuth2(token_url=f"{tokens.url}/{path}", client_id="id", client_secret="s")
        session(api.url, auth).get("things")

    assert sent(api) == ["Bearer t-1", "Bearer t-2"]


def test_two_connections_in_eight_threads_never_share_a_token(api, make_api):
    tokens = make_api()
    tokens.reply = lambda asked: {"access_token": f"of-{parse_qs(asked.body.decode())['client_id'][0]}"}
    together = threading.Barrier(8)

    def call(number):
        name = "one" if number % 2 else "two"
        auth = client(tokens, client_id=name, client_auth="client_secret_post")
        together.wait(10)
        for _ in range(5):
            session(api.url, auth).get(name)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, range(8)))

    assert {(asked.path, asked.headers["Authorization"]) for asked in api.asked} == {
        ("/one", "Bearer of-one"),
        ("/two", "Bearer of-two"),
    }
    assert len(api.asked) == 40
    assert sorted(form["client_id"] for form in forms(tokens)) == ["one", "two"]


class CountedLock:
    """A lock that counts, by a semaphore, who came to take it."""

    def __init__(self):
        self.lock, self.came = threading.Lock(), threading.Semaphore(0)
        self.release = self.lock.release

    def acquire(self, timeout):
        self.came.release()
        return self.lock.acquire(timeout=timeout)


def test_those_who_wait_for_a_token_that_is_refused_do_not_ask_again():
    lock: Any = CountedLock()
    held, fetched = HeldToken(lock=lock), []

    def fetch():
        fetched.append(all(lock.came.acquire(timeout=10) for _ in range(8)))
        raise ManagedError("refused")

    def get(_):
        with pytest.raises(ManagedError, match="refused"):
            held.get(fetch)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(get, range(8)))

    assert fetched == [True]
    lock.came.release(8)
    get(0)
    assert fetched == [True, True]


@pytest.mark.parametrize(
    "expiry, lasts",
    [
        ({"expires_in": 3600}, 3540),
        ({"expires_in": "3600"}, 3540),
        ({"expires_in": 3600.9}, 3540),
        ({"expires_in": 100}, 90),
        ({"expires_in": 0}, 0),
        ({"expires_in": "2"}, 1.8),
        (lambda: {"expires_at": time.time() + 3600}, 3540),
        (lambda: {"expires_on": f"{time.time() + 3600:.0f}"}, 3540),
        (lambda: {"expires_at": (time.time() + 3600) * 1000}, 3540),
        (lambda: {"expires_in": (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()}, 3540),
        (lambda: {"expires_at": f"{datetime.now(timezone.utc) + timedelta(hours=1):%Y-%m-%dT%H:%M:%S.1234567Z}"}, 3540),
        (lambda: {"expires_at": f"{datetime.now(timezone.utc) + timedelta(hours=1):%Y-%m-%dT%H:%M:%S+0000}"}, 3540),
        (lambda: {"expires_at": formatdate(time.time() + 3600)}, 3540),
        ({}, 3540),
        ({"expires_in": None}, 3540),
        ({"expires_in": "soon"}, 3540),
        ({"expires_in": "-5"}, 0),
    ],
)
def test_a_token_is_renewed_before_it_expires(api, answer, make_api, expiry, lasts):
    tokens = make_api()
    tokens.answer(answer(200, {"access_token": "t", **(expiry() if callable(expiry) else expiry)}))
    started = time.monotonic()

    session(api.url, client(tokens)).get("things")

    (held,) = TOKENS._entries.values()
    assert held.ends - started == pytest.approx(lasts, abs=5)
    held.ends = min(held.ends, time.monotonic())
    session(api.url, client(tokens)).get("things")
    assert len(tokens.asked) == 2


@pytest.mark.parametrize(
    "content",
    [
        "access_token=t-1&token_type=bearer&expires_in=60",
        "\ufeff" + json.dumps({"access_token": "t-1", "expires_in": "60"}),
    ],
)
def test_a_token_may_come_as_a_form(api, answer, tokens, content):
    tokens.answer(answer(content=content))

    session(api.url, client(tokens)).get("things")

    assert sent(api) == ["Bearer t-1"]


def test_a_refused_token_is_renewed_once_and_the_call_repeated(api, tokens, answer):
    api.answer(answer(401), answer(200, {"ok": True}))

    assert session(api.url, client(tokens)).post("things", json={"a": 1}).json() == {"ok": True}

    assert sent(api) == ["Bearer t-1", "Bearer t-2"]
    assert [asked.body for asked in api.asked] == [b'{"a": 1}', b'{"a": 1}']


def test_a_token_that_another_thread_has_renewed_is_not_renewed_again(api, tokens, answer):
    held = session(api.url, client(tokens))
    held.get("things")
    api.answer(answer(401), answer(200))
    session(api.url, client(tokens)).get("things")
    api.answer(answer(401), answer(200))
    late = api.asked[0].headers["Authorization"]

    class Late(OAuth2):
        def __call__(self, request):
            super().__call__(request)
            request.headers["Authorization"] = late
            return request

    session(api.url, Late(None, f"{tokens.url}/token", "id", "se:cret")).get("things")

    assert sent(api) == ["Bearer t-1", "Bearer t-1", "Bearer t-2", "Bearer t-1", "Bearer t-2"]
    assert len(tokens.asked) == 2


def test_a_token_that_stays_refused_is_not_renewed_again(api, tokens, answer):
    api.answer(answer(401))

    assert refuse(api, client(tokens)).status == 401
    assert (len(api.asked), len(tokens.asked)) == (2, 2)


def test_a_redirected_call_renews_its_token_once_too(api, tokens, answer):
    api.answer(answer(302, headers={"Location": "/moved"}), answer(401))

    refuse(api, client(tokens))

    assert [asked.path for asked in api.asked] == ["/things", "/moved", "/moved"]
    assert len(tokens.asked) == 2


def test_a_body_that_can_be_read_only_once_is_not_sent_again(api, tokens, answer):
    api.answer(answer(401))

    with pytest.raises(ManagedError):
        session(api.url, client(tokens)).post("things", data=io.BytesIO(b"once"))

    assert [asked.body for asked in api.asked] == [b"once"]


def test_another_host_that_says_401_is_given_no_token(api, make_api, tokens, answer):
    other = make_api()
    api.answer(answer(302, headers={"Location": f"http://localhost:{other.port}/"}))
    other.answer(answer(401))

    refuse(api, client(tokens))

    assert len(other.asked) == 1
    assert "Authorization" not in other.asked[0].headers
    assert len(tokens.asked) == 1


@pytest.mark.parametrize("status", [400, 401])
def test_a_token_endpoint_that_refuses_tells_why_and_no_secret(api, tokens, answer, status):
    tokens.answer(answer(status, {"error": "invalid_grant", "error_description": "client-secret of id is unknown"}))

    error = refuse(api, client(tokens, client_secret="client-secret"))

    assert error.error == f"127.0.0.1 answered {status}: invalid_grant: [redacted] of id is unknown"
    assert (error.status_code, error.metadata["status"], api.asked) == (502, status, [])


@pytest.mark.parametrize(
    "answered, error",
    [
        ({"body": {"error": "invalid_client"}}, "127.0.0.1 gave no token: invalid_client"),
        (
            {"content": "error=bad_code&error_description=No+such+code"},
            "127.0.0.1 gave no token: bad_code: No such code",
        ),
        ({"body": {}}, "127.0.0.1 gave no token"),
        ({"body": {"access_token": 7}}, "127.0.0.1 gave no token"),
        ({"body": []}, "127.0.0.1 gave no token"),
        ({"content": "<html>planted</html>"}, "127.0.0.1 gave no token"),
        ({"content": ""}, "127.0.0.1 gave no token"),
    ],
)
def test_a_token_endpoint_that_gives_no_token_is_a_service_error(api, tokens, answer, answered, error):
    tokens.answer(answer(200, **answered))

    told = refuse(api, client(tokens))

    assert (told.error, told.status_code) == (error, 502)


def test_a_token_endpoint_that_wants_to_be_left_alone_is_not_waited_for(api, tokens, answer):
    tokens.answer(answer(429, headers={"Retry-After": "5"}))

    assert refuse(api, client(tokens)).retry_after == 5
    assert refuse(api, client(tokens, scope="other")).retry_after <= 5
    assert len(tokens.asked) == 1


def test_client_secrets_go_nowhere_else(api, make_api, tokens, answer):
    other = make_api()
    tokens.answer(answer(307, headers={"Location": other.url}))

    refuse(api, client(tokens, client_auth="client_secret_post"))

    assert other.asked == []


def test_a_token_endpoint_needs_https(api):
    error = refuse(api, OAuth2(token_url="http://tokens.example.com/t", client_id="id", client_secret="sec"))

    assert error.error == "tokens.example.com must be called over https"


def test_what_is_kept_is_bounded_and_holds_no_secret_as_a_key(api, tokens):
    kept = Kept(HeldToken, most=2)
    first = kept.of(b"1")

    assert kept.of(b"1") is first
    kept.of(b"2")
    assert kept.of(b"1") is first
    kept.of(b"3")
    assert kept.of(b"1") is first
    assert len(kept._entries) == 2

    session(api.url, client(tokens, client_secret="planted")).get("things")
    assert b"planted" not in b"".join(TOKENS._entries)
