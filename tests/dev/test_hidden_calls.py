"""Secrets in calls stand nowhere, and the command that is copied runs as soon as they are given."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stacksync.dev.calls.call import ApiCall
from stacksync.dev.calls.curl import as_curl
from stacksync.dev.calls.hiding import Hiding, named, shown
from tests.dev.called_api import CalledApi, called_api

TOKEN = "tok_51H'x $y&z/\\"
MASK = "••••••"


def hiding(**secrets: str) -> Hiding:
    return Hiding(named({text: name for name, text in secrets.items()}))


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("Authorization", "Bearer abc", f"Bearer {MASK}"),
        ("authorization", "Basic dXNlcjpwYXNz", f"Basic {MASK}"),
        ("Authorization", "raw-key-without-a-scheme", MASK),
        ("X-API-Key", "abc", MASK),
        ("X-Shopify-Access-Token", "abc", MASK),
        ("Cookie", "sid=abc; theme=dark", MASK),
        ("Set-Cookie", "sid=abc; Path=/", MASK),
        ("X-Hub-Signature-256", "sha256=abc", MASK),
        ("Idempotency-Key", "4f1c", "4f1c"),
        ("WWW-Authenticate", "Bearer realm=x", "Bearer realm=x"),
        ("X-Author", "Ada", "Ada"),
        ("X-RateLimit-Tokens", "7", "7"),
        ("Accept", "application/json", "application/json"),
    ],
)
def test_headers_that_hold_secrets_are_hidden(name: str, value: str, expected: str) -> None:
    assert shown(hiding().header(name, value)) == expected


@pytest.mark.parametrize(
    "address, expected",
    [
        ("https://a.test/x?api_key=k1&q=Ada", f"https://a.test/x?api_key={MASK}&q=Ada"),
        ("https://a.test/x?page_token=k1&access_token=k2", f"https://a.test/x?page_token=k1&access_token={MASK}"),
        ("https://a.test/x?key=AIzaSyA-0123456789&key=short", f"https://a.test/x?key={MASK}&key=short"),
        ("https://user:pass@a.test/x", f"https://{MASK}@a.test/x"),
        ("https://a.test/known-secret-1/x", f"https://a.test/{MASK}/x"),
        ("https://a.test/x#access_token=k1&state=2", "https://a.test/x#access_token=k1&state=2"),
    ],
)
def test_addresses_are_shown_without_secrets(address: str, expected: str) -> None:
    assert shown(hiding(x="known-secret-1").address(address)) == expected


@pytest.mark.parametrize(
    "text, kind, expected",
    [
        ('{"access_token": "a\\"b", "n": 1}', "application/json", f'{{"access_token": "{MASK}", "n": 1}}'),
        ('{"clientSecret":"a"}', "application/json", f'{{"clientSecret":"{MASK}"}}'),
        ('{"token": 12345, "x": [{"password": "p"}]}', "", f'{{"token": {MASK}, "x": [{{"password": "{MASK}"}}]}}'),
        ('{"token": null, "nextPageToken": "x"}', "", '{"token": null, "nextPageToken": "x"}'),
        ('{"name": "Ada", "token": "cut of', "", f'{{"name": "Ada", "token": "{MASK}'),
        ("grant_type=x&client_secret=a%20b", "application/x-www-form-urlencoded", f"grant_type=x&client_secret={MASK}"),
        (
            "<login><password>pw</password><n>1</n></login>",
            "text/xml",
            f"<login><password>{MASK}</password><n>1</n></login>",
        ),
        (
            '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\npw\r\n--b--',
            "multipart/form-data",
            f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{MASK}\r\n--b--',
        ),
        ("the value is known-secret-1.", "text/plain", f"the value is {MASK}."),
    ],
)
def test_bodies_are_shown_without_secrets(text: str, kind: str, expected: str) -> None:
    assert shown(hiding(x="known-secret-1").body(text, kind)) == expected


def test_a_token_that_was_fetched_is_hidden_wherever_it_stands_later() -> None:
    hidden = hiding()
    hidden.body('{"access_token": "fetched-in-a-call"}', "application/json")

    assert shown(hidden.address("https://a.test/me/fetched-in-a-call")) == f"https://a.test/me/{MASK}"


def call(url: str, method: str = "GET", body: Any = None, **headers: str) -> ApiCall:
    """Return a call as it is made of what the runner tells."""
    import base64

    data = None if body is None else body.encode() if isinstance(body, str) else body
    known = hiding(api_token=TOKEN, account="acc-99-secret")
    return ApiCall(1).told(
        {
            "method": method,
            "url": url,
            "headers": [[name.replace("_", "-"), value] for name, value in headers.items()],
            "body": None if data is None else {"size": len(data), "kept": base64.b64encode(data[:65_536]).decode()},
            "place": None,
        },
        known,
    )


@pytest.fixture(scope="module")
def api() -> Iterator[CalledApi]:
    with called_api() as serving:
        yield serving


def run_in_shell(command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    settings = {"PATH": "/usr/bin:/bin", **variables}
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=settings, timeout=30, check=False)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_what_is_copied_makes_the_same_call(api: CalledApi) -> None:
    body = json.dumps({"name": 'it\'s "Ada"\n$HOME `x` \\ é', "account": "acc-99-secret", "@": "@file"})
    made = call(
        f"{api.url}/a[1]/{{b}}/../c?q=O'Neil%20%26&api_key=key%2Fone",
        "POST",
        f"@{body}",
        Authorization=f"Bearer {TOKEN}",
        X_Empty="",
        Content_Type="application/json",
        Accept_Encoding="gzip, deflate",
        Content_Length="7",
    )
    command = as_curl(made)
    assert [each for each in ("acc-99", "tok_51H", "key%2Fone") if each in command] == []

    done = run_in_shell(command, API_TOKEN=TOKEN, ACCOUNT="acc-99-secret", API_KEY="key%2Fone")

    assert done.returncode == 0, done.stderr
    asked = api.asked[-1]
    assert (asked.method, asked.path) == ("POST", "/a[1]/{b}/../c?q=O'Neil%20%26&api_key=key%2Fone")
    assert asked.body == f"@{body}".encode()
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert (asked.headers["Content-Type"], asked.headers["X-Empty"]) == ("application/json", "")


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_a_variable_that_is_missing_is_asked_for_and_nothing_is_called(api: CalledApi) -> None:
    before = len(api.asked)

    done = run_in_shell(as_curl(call(f"{api.url}/echo", Authorization="Bearer abc-123")))

    assert done.returncode != 0
    assert "TOKEN: export it first, the secret in the header Authorization" in done.stderr
    assert len(api.asked) == before


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("body", [bytes(range(256)), b"x" * 70_000])
def test_a_body_that_is_not_kept_is_asked_for_as_a_file(api: CalledApi, tmp_path: Any, body: bytes) -> None:
    file = tmp_path / "body"
    file.write_bytes(body)
    command = as_curl(call(f"{api.url}/echo", "PUT", body, Content_Type="image/png"))

    assert run_in_shell(command).stderr.rstrip().endswith("the body of " + f"{len(body)} bytes, which is not kept")
    assert run_in_shell(command, BODY_FILE=str(file)).returncode == 0
    assert (api.asked[-1].method, api.asked[-1].body) == ("PUT", body)


@pytest.mark.parametrize(
    "headers, expected",
    [
        ({"Authorization": "Bearer abcdef"}, ["$TOKEN"]),
        ({"Authorization": "Basic abcdef"}, ["$BASIC_CREDENTIALS"]),
        ({"X_API_Key": "abcdef"}, ["$API_KEY"]),
        ({"X_API_Key": "abcdefgh", "Api_Key": "another-one"}, ["$API_KEY", "$API_KEY_2"]),
        ({"X_Custom": "acc-99-secret"}, ["$ACCOUNT"]),
        ({"X_Custom": "acc-99-secre"}, ["$HIDDEN"]),
    ],
)
def test_variables_are_called_as_what_they_hold(headers: Mapping[str, str], expected: list[str]) -> None:
    command = as_curl(call("http://a.test/", **headers))

    assert [each for each in expected if f'"{each}"' not in command] == []
