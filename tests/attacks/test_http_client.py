"""The HTTP client sends credentials to the API that it was made for, and nowhere else."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from src.runtime import ManagedError
from src.runtime.http import ApiKeyAuth, BearerAuth, HTTPBasicAuth, OAuth2, session
from tests.http.conftest import Answer, Api, api, make_api

__all__ = ["api", "make_api"]

SECRET = "planted-secret-4711"
AUTHS = [BearerAuth(SECRET), ApiKeyAuth(SECRET), ApiKeyAuth(SECRET, query="key"), HTTPBasicAuth("user", SECRET)]
AUTHS += [OAuth2(access_token=SECRET)]
# Each stands for another host in some reading of it; `{other}` is that host and port.
FOREIGN = [
    r"http://{other}\@{own}/x",
    r"http://{other}\\@{own}/x",
    r"http://{other}/\@{own}/x",
    "http://{other}#@{own}/x",
    "http://{other}?@{own}/x",
    "http://{own}@{other}/x",
    "http://user:{own}@{other}/x",
    "http://{other}/x",
    "HTTP://{other}/x",
    "http://{other}%2f@{own}/x",
    "http://{other}%00@{own}/x",
    "http://{own}.{other}/x",
]


@pytest.fixture
def other(make_api: Callable[[], Api], monkeypatch: pytest.MonkeyPatch) -> Api:
    """Return an API under another name, to which every name leads."""
    made = make_api()
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *rest, **more: real("127.0.0.1", port, *rest, **more))
    return made


def hosts(api: Api, other: Api) -> dict[str, str]:
    return {"own": f"127.0.0.1:{api.port}", "other": f"localhost:{other.port}"}


def get(api: Api, url: str, auth: Any) -> None:
    """Call an address, whatever comes of it."""
    try:
        session(f"{api.url}/v2", auth).get(url)
    except ManagedError as error:
        assert SECRET not in f"{error.error} {error.metadata}"


@pytest.mark.parametrize("auth", AUTHS, ids=lambda auth: type(auth).__name__)
@pytest.mark.parametrize("url", FOREIGN)
def test_an_address_that_two_readers_see_differently_reaches_nobody_else(
    api: Api, other: Api, url: str, auth: Any
) -> None:
    get(api, url.format(**hosts(api, other)), auth)

    assert other.asked == []


@pytest.mark.parametrize("url", FOREIGN)
def test_a_redirect_to_such_an_address_takes_no_credentials_along(api: Api, other: Api, url: str) -> None:
    api.answer(Answer(302, headers={"Location": url.format(**hosts(api, other))}), Answer(200, body={}))
    get(api, "things", BearerAuth(SECRET))

    assert SECRET not in str([asked.headers.items() for asked in other.asked])


@pytest.mark.parametrize("url", ["https://evil.test\\@127.0.0.1/x", "https://evil.test/x"])
def test_a_foreign_address_is_an_error_that_says_so(api: Api, url: str) -> None:
    with pytest.raises(ManagedError, match=r"evil\.test is not the host of this session, which is 127\.0\.0\.1"):
        session(api.url, BearerAuth(SECRET)).get(url)


@pytest.mark.parametrize(
    "path",
    [
        "../admin",
        "/../admin",
        "a/../../admin",
        "..",
        "%2e%2e/admin",
        "%2E./admin",
        "a/%2e%2e/%2e%2e/admin",
        "..%2fadmin",
        "..%5cadmin",
        "..\\admin",
        "%252e%252e/admin",
        "../v2x/admin",
        "{api}/v2/../admin",
        "{api}/v2/%2e%2e/admin",
    ],
)
def test_a_path_does_not_leave_the_base_path(api: Api, path: str) -> None:
    with pytest.raises(ManagedError, match="The path of a request leaves /v2, below which this session calls"):
        session(f"{api.url}/v2", BearerAuth(SECRET)).get(path.format(api=api.url))

    assert api.asked == []


@pytest.mark.parametrize("path", ["a/../b", "a..b", "...", "a/..b", "?next=../x", "b?x=%2e%2e"])
def test_a_path_with_dots_that_stays_below_is_called(api: Api, path: str) -> None:
    session(f"{api.url}/v2").get(path)

    assert api.asked[0].path.startswith("/v2/")


@pytest.mark.parametrize("auth", [*AUTHS, None], ids=lambda auth: type(auth).__name__)
def test_a_netrc_is_not_read(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auth: Any) -> None:
    file = tmp_path / "netrc"
    file.write_text("default login planted password of-netrc\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    api.answer(Answer(302, headers={"Location": "/v2/moved"}), Answer(200, body={}))
    calls = session(f"{api.url}/v2", auth)
    calls.headers["X-Own"] = "kept"

    calls.get("things")

    sent = requests.models.PreparedRequest()
    sent.prepare(method="GET", url=api.url, auth=("planted", "of-netrc"))
    assert sent.headers["Authorization"] not in str([asked.headers.items() for asked in api.asked])
    assert [asked.headers["X-Own"] for asked in api.asked] == ["kept", "kept"]


def test_credentials_in_the_address_of_the_api_are_sent(api: Api) -> None:
    session(f"http://user:word@127.0.0.1:{api.port}").get("things")

    assert api.asked[0].headers["Authorization"] == "Basic dXNlcjp3b3Jk"
