"""Where a session goes, and where it does not."""

import pytest
import requests

from src.runtime import ManagedError
from src.runtime.http import ApiKeyAuth, BearerAuth, HTTPBasicAuth, session

SECRET = "planted-secret-4711"


@pytest.mark.parametrize(
    "base, asked, path",
    [
        ("", "things", "/things"),
        ("/", "/things", "/things"),
        ("/v2", "things/1", "/v2/things/1"),
        ("/v2/", "/things/1", "/v2/things/1"),
        ("/v2", "users:search", "/v2/users:search"),
    ],
)
def test_a_path_is_below_the_base_url(api, base, asked, path):
    session(api.url + base).get(asked)

    assert api.asked[0].path == path


def test_a_link_of_an_answer_is_followed_on_the_same_host(api):
    session(f"{api.url}/v2").get(f"{api.url}/v2/things?after=2")

    assert api.asked[0].path == "/v2/things?after=2"


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/x", "http://elsewhere.example", "HTTPS://elsewhere.example"]
)
def test_another_host_is_not_called(api, url):
    with pytest.raises(ManagedError) as caught:
        session(api.url, BearerAuth(SECRET)).get(url)

    assert str(caught.value.error) == "elsewhere.example is not the host of this session, which is 127.0.0.1"


@pytest.mark.parametrize(
    "base", ["http://api.example.com", "http://10.0.0.1", "http://localhost.example.com", "ftp://127.0.0.1.example"]
)
def test_only_https(base):
    with pytest.raises(ManagedError) as caught:
        session(base, BearerAuth(SECRET)).get("things")

    assert str(caught.value.error).endswith("must be called over https") or "is not the host" in str(caught.value.error)


def test_loopback_may_be_called_without_https(api):
    assert session(f"http://localhost:{api.port}").get("things").json() == {"ok": True}


AUTHS = [BearerAuth(SECRET), ApiKeyAuth(SECRET), ApiKeyAuth(SECRET, query="key"), HTTPBasicAuth("user", SECRET)]


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_credentials_do_not_follow_to_another_host(make_api, answer, auth, status):
    api, other = make_api(), make_api()
    api.answer(answer(status, headers={"Location": f"http://localhost:{other.port}/elsewhere"}))
    calls = session(api.url, auth)
    calls.headers["X-Tenant-Token"] = SECRET

    calls.get("things")

    asked = other.asked[0]
    assert SECRET in f"{api.asked[0].headers}"
    assert asked.path == "/elsewhere"
    assert SECRET not in f"{asked.headers}"
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    "auth, name, value",
    [
        (BearerAuth(SECRET), "Authorization", f"Bearer {SECRET}"),
        (ApiKeyAuth(SECRET), "X-API-Key", SECRET),
    ],
)
def test_credentials_follow_on_the_same_host(api, answer, auth, name, value):
    api.answer(answer(302, headers={"Location": "/moved"}), answer(200))

    session(api.url, auth).get("things")

    assert [asked.path for asked in api.asked] == ["/things", "/moved"]
    assert api.asked[1].headers[name] == value


def test_a_key_in_the_query_is_sent_again_on_the_same_host(api, answer):
    api.answer(answer(302, headers={"Location": f"/moved?key={SECRET}&a=1"}), answer(200))

    session(api.url, ApiKeyAuth(SECRET, query="key")).get("things")

    assert api.asked[1].path == f"/moved?a=1&key={SECRET}"


def test_data_is_not_redirected_to_another_host(make_api, answer):
    api, other = make_api(), make_api()
    api.answer(answer(307, headers={"Location": f"http://localhost:{other.port}/elsewhere"}))

    with pytest.raises(ManagedError) as caught:
        session(api.url).post("things", json={"password": SECRET})

    assert str(caught.value.error) == "localhost is another host; 127.0.0.1 must not redirect data to it"
    assert other.asked == []


def test_a_redirect_to_plain_http_is_refused(api, answer):
    api.answer(answer(302, headers={"Location": "http://api.example.com/x"}))

    with pytest.raises(ManagedError) as caught:
        session(api.url, BearerAuth(SECRET)).get("things")

    assert str(caught.value.error) == "api.example.com must be called over https"


@pytest.mark.parametrize("location", ["//", "http://127.0.0.1:x/", "http://[", "file:///etc/hostname"])
def test_a_redirect_to_nonsense_is_one_clear_error(api, answer, location):
    api.answer(answer(302, headers={"Location": location}))

    with pytest.raises(ManagedError) as caught:
        session(api.url, BearerAuth(SECRET)).get("things")

    assert SECRET not in str(caught.value.error)


def test_an_api_elsewhere_cannot_redirect_to_this_machine(api):
    redirected = requests.Request("GET", f"{api.url}/admin").prepare()

    with pytest.raises(ManagedError) as caught:
        session("https://api.example.com").send(redirected)

    assert str(caught.value.error) == "127.0.0.1 is this machine; api.example.com must not redirect to it"
    assert api.asked == []


def test_redirects_without_end_are_given_up(api, answer):
    api.answer(answer(302, headers={"Location": "/things"}))

    with pytest.raises(ManagedError) as caught:
        session(api.url).get("things")

    assert str(caught.value.error) == "127.0.0.1 redirects without end"


@pytest.mark.parametrize("secret", [f"{SECRET}\nX-Evil: 1", f"{SECRET}\u2026"])
def test_a_credential_that_no_header_can_carry_is_refused_without_quoting_it(api, secret):
    with pytest.raises(ManagedError) as caught:
        session(api.url, BearerAuth(secret)).get("things")

    assert str(caught.value.error) == "The request to 127.0.0.1 cannot be sent: a value in it is not valid."
    assert caught.value.status_code == 400
    assert api.asked == []


@pytest.mark.parametrize("base_url", ["", "api.example.com", "/v2", "https://"])
def test_an_address_without_a_host_is_refused(base_url):
    with pytest.raises(ManagedError) as caught:
        session(base_url)

    assert caught.value.error == "The address of the API must be a whole one, such as https://api.example.com."
