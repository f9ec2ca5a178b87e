"""A login against a real provider: what is saved of it, and what is refused."""

from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from stacksync.errors import StacksyncError
from stacksync.oauth.login import Login
from stacksync.oauth.tokens import Client, Grant, exchange, refresh
from tests.oauth.conftest import CLIENTS, DENIED, SCOPES, Browser, OpenIdProvider, client

NOWHERE = "http://127.0.0.1:1/callback"


def finished(login: Login, browse: Any) -> tuple[Any, Grant | StacksyncError]:
    """Return what a browser was shown, and what the login came to."""
    shown: list[Any] = []
    thread = Thread(target=lambda: shown.append(browse()))
    thread.start()
    try:
        result: Grant | StacksyncError = login.wait(20)
    except StacksyncError as error:
        result = error
    thread.join()
    return shown[0], result


@pytest.mark.parametrize("name", CLIENTS)
def test_modules_get_three_values_of_a_login(provider: OpenIdProvider, browser: Browser, name: str) -> None:
    with Login(provider.declared(name), client(name)) as login:
        page, grant = finished(login, lambda: browser.log_in(login.address))

    assert isinstance(grant, Grant), grant
    assert "You are logged in. This page can be closed." in page
    assert list(grant.value) == ["access_token", "token_type", "expiration_time"]
    assert (grant.value["token_type"], grant.value["expiration_time"][-1]) == ("Bearer", "Z")
    assert grant.refresh_token
    assert grant.missing(SCOPES) == []


def test_the_address_asks_with_pkce_and_a_state_of_its_own(provider: OpenIdProvider) -> None:
    declared = provider.declared(parameters={"access_type": "offline", "prompt": "consent"})
    asked = []
    for _ in range(2):
        with Login(declared, client()) as login:
            asked.append(parse_qs(urlsplit(login.address).query))
            assert asked[-1]["redirect_uri"] == [login.redirect]

    first, second = asked
    assert {name: first[name] for name in ("response_type", "code_challenge_method", "scope", "access_type")} == {
        "response_type": ["code"],
        "code_challenge_method": ["S256"],
        "scope": [" ".join(SCOPES)],
        "access_type": ["offline"],
    }
    assert len(first["state"][0]) == 48
    assert all(first[name] != second[name] for name in ("state", "code_challenge"))


def test_less_than_asked_is_noticed(provider: OpenIdProvider, browser: Browser) -> None:
    asked = (*SCOPES, DENIED)
    with Login(provider.declared(scopes=asked), client()) as login:
        _, grant = finished(login, lambda: browser.log_in(login.address))

    assert isinstance(grant, Grant), grant
    assert grant.missing(asked) == [DENIED]


def test_a_denied_consent_is_told(provider: OpenIdProvider, browser: Browser) -> None:
    with Login(provider.declared(), client()) as login:
        page, error = finished(login, lambda: browser.log_in(login.address, consents=False))

    host = urlsplit(provider.address).netloc
    assert str(error) == f"{host} refused the login: access_denied: End-User aborted interaction."
    assert str(error) in page


@pytest.mark.parametrize("state", ["another", "", None])
def test_another_state_is_refused_and_nothing_exchanged(
    provider: OpenIdProvider, browser: Browser, state: str | None
) -> None:
    with Login(provider.declared(), client()) as login:
        answer = f"{login.redirect}?code=stolen" + ("" if state is None else f"&state={state}")
        page, error = finished(login, lambda: browser.get(answer))

    assert str(error) == "The answer is not one to this login: its state is another."
    assert page.status_code == 400


def test_one_answer_is_served(provider: OpenIdProvider, browser: Browser) -> None:
    with Login(provider.declared(), client()) as login:
        elsewhere = [
            browser.get(login.redirect.replace("/callback", path)).status_code for path in ("/", "/favicon.ico")
        ]
        rebound = browser.get(f"{login.redirect}?state=x", Host="attacker.example").status_code
        address = login.address
        _, grant = finished(login, lambda: browser.log_in(address))
        again = browser.get(f"{login.redirect}?code=another&state=another")

    assert (elsewhere, rebound) == ([404, 404], 404)
    assert isinstance(grant, Grant), grant
    assert again.status_code == 410
    assert "This login has had its answer already." in again.text


def code_and_verifier(provider: OpenIdProvider, browser: Browser) -> tuple[str, str]:
    """Return a code that the provider gave, and the verifier that belongs to it."""
    from authlib.integrations.requests_client import OAuth2Session

    verifier = "v" * 64
    session = OAuth2Session("basic", redirect_uri=NOWHERE, scope=" ".join(SCOPES), code_challenge_method="S256")
    with session:
        address, _ = session.create_authorization_url(
            f"{provider.address}/auth", code_verifier=verifier, prompt="consent"
        )
    return browser.answer_to(address)["code"], verifier


def test_a_wrong_verifier_is_refused(provider: OpenIdProvider, browser: Browser) -> None:
    code, _ = code_and_verifier(provider, browser)

    with pytest.raises(StacksyncError, match="answered invalid_grant: grant request is invalid") as caught:
        exchange(provider.declared(), client(), code, "w" * 64, NOWHERE)
    assert code not in str(caught.value)


def test_a_code_is_good_once(provider: OpenIdProvider, browser: Browser) -> None:
    code, verifier = code_and_verifier(provider, browser)

    assert exchange(provider.declared(), client(), code, verifier, NOWHERE).value["access_token"]
    with pytest.raises(StacksyncError, match="answered invalid_grant"):
        exchange(provider.declared(), client(), code, verifier, NOWHERE)


def test_a_refresh_token_is_good_once(provider: OpenIdProvider, browser: Browser) -> None:
    first = exchange(provider.declared(), client(), *code_and_verifier(provider, browser), NOWHERE)
    assert first.refresh_token

    second = refresh(provider.declared(), client(), first.refresh_token, first.scopes)

    assert second.refresh_token not in (None, first.refresh_token)
    assert second.value["access_token"] != first.value["access_token"]
    with pytest.raises(StacksyncError, match="answered invalid_grant") as caught:
        refresh(provider.declared(), client(), first.refresh_token, first.scopes)
    assert first.refresh_token not in str(caught.value)


def test_a_client_with_another_secret_is_refused(provider: OpenIdProvider, browser: Browser) -> None:
    with Login(provider.declared(), Client("basic", "another secret")) as login:
        _, error = finished(login, lambda: browser.log_in(login.address))

    assert "answered invalid_client" in str(error)
    assert "another secret" not in str(error)


def test_nobody_is_waited_for_without_end(provider: OpenIdProvider) -> None:
    with Login(provider.declared(), client()) as login:
        with pytest.raises(StacksyncError) as late:
            login.wait(0)
        stop = Event()
        stop.set()
        with pytest.raises(StacksyncError) as stopped:
            login.wait(20, stop)

    assert str(late.value) == "Nobody logged in within 0 seconds."
    assert late.value.tip.startswith(f"is {login.redirect} registered at the provider? One that takes https only")
    assert str(stopped.value) == "The login was given up."
