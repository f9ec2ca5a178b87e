"""Access tokens that have expired: renewed before a run, once, and told where they cannot be."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from stacksync.errors import StacksyncError
from stacksync.invocation.credentials import MadeUpConnections
from stacksync.oauth.login import Login
from stacksync.oauth.tokens import Client
from stacksync.runtime import STAND_IN_SWITCH
from stacksync.runtime.forms import Form
from stacksync.studio.connections.renewing import renew_chosen, renewed, with_grant
from stacksync.studio.connections.saved import Connections, Renewal, Saved
from tests.conftest import ROOT
from tests.oauth.conftest import SECRET, Browser, OpenIdProvider, client, write_api
from tests.oauth.test_login import finished

PAST = "2026-01-31T09:30:00Z"
RENEW = """\
import sys
from pathlib import Path
from stacksync.studio.connections.renewing import renewed
from stacksync.studio.connections.saved import Connections

connections = Connections(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(renewed(connections, connections.all()[0]).value["access_token"])
"""


@pytest.fixture
def expired(provider: OpenIdProvider, browser: Browser, tmp_path: Path) -> Saved:
    """Return a connection of a connector in `tmp_path`, logged in for, whose token has expired."""
    write_api(tmp_path, provider)
    with Login(provider.declared(), client()) as login:
        _, grant = finished(login, lambda: browser.log_in(login.address))
    assert not isinstance(grant, StacksyncError), grant
    saved = with_grant(Saved("hub", "hubspot"), client(), grant)
    saved = replace(saved, value={**saved.value, "expiration_time": PAST})
    Connections(tmp_path).save(saved)
    return saved


def test_many_runs_at_once_renew_it_once(expired: Saved, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RENEW, str(tmp_path)]
    way = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": {"PYTHONPATH": str(ROOT / "cli")}, "text": True}
    others = [subprocess.Popen(command, **way) for _ in range(2)]  # type: ignore[call-overload]
    for each in others:
        assert each.stdout.readline() == "ready\n"

    # The provider takes a refresh token once: a second renewal would end the login.
    with ThreadPoolExecutor(8) as pool:
        for each in others:
            each.stdin.write("\n")
            each.stdin.flush()
        here = list(pool.map(lambda _: renewed(Connections(tmp_path), expired).value["access_token"], range(8)))
    there = [each.communicate(timeout=30)[0].strip() for each in others]

    tokens = {*here, *there}
    (kept,) = Connections(tmp_path).all()
    assert tokens == {kept.value["access_token"]}
    assert tokens != {expired.value["access_token"]}
    assert kept.renewal
    assert expired.renewal
    assert kept.renewal.refresh_token != expired.renewal.refresh_token
    assert renewed(Connections(tmp_path), kept) is kept


def test_what_an_input_does_not_choose_is_left_alone(expired: Saved, tmp_path: Path) -> None:
    connections = Connections(tmp_path)

    renew_chosen(connections, "", {"account": "another", "rows": [{"account": None}]})
    assert connections.all() == [expired]

    renew_chosen(connections, "", {"rows": [{"account": expired.id}]})
    assert connections.all() != [expired]


def test_what_the_provider_refuses_is_told(expired: Saved, tmp_path: Path) -> None:
    connections, held = Connections(tmp_path), expired.renewal
    assert held
    saved = replace(expired, renewal=replace(held, refresh_token="used-before"))
    connections.save(saved)

    with pytest.raises(StacksyncError) as caught:
        renewed(connections, saved)

    assert str(caught.value).startswith("The login of hub has expired and was not renewed. 127.0.0.1:")
    assert "answered invalid_grant" in str(caught.value)
    assert caught.value.tip == "log in again: stacksync connect hub --oauth"
    assert connections.all() == [saved]


def test_a_login_without_a_refresh_token_ends(tmp_path: Path) -> None:
    saved = Saved("hub", "hubspot", value={"access_token": "a", "expiration_time": PAST}, renewal=Renewal("basic"))

    with pytest.raises(StacksyncError, match="The login of hub has expired, and it has no refresh token"):
        renewed(Connections(tmp_path), saved)


@pytest.mark.parametrize("ends", ["2999-01-01T00:00:00Z", "soon", None])
def test_a_token_that_has_not_expired_is_sent(ends: str | None, tmp_path: Path) -> None:
    held = {} if ends is None else {"expiration_time": ends}
    saved = Saved("hub", "hubspot", value={"access_token": "a", **held}, renewal=Renewal("basic"))

    assert renewed(Connections(tmp_path), saved) is saved


def test_a_connection_that_nobody_logged_in_for_is_sent_as_it_is(tmp_path: Path) -> None:
    saved = Saved("hub", "hubspot", value={"access_token": "a", "expiration_time": PAST})

    assert renewed(Connections(tmp_path), saved) is saved


def test_while_a_stand_in_answers_nothing_is_renewed(
    expired: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = MadeUpConnections(tmp_path, Form())
    assert renewed(made_up, expired) is expired
    monkeypatch.setenv(STAND_IN_SWITCH, "tests/stand_in.py")
    assert renewed(Connections(tmp_path), expired) is expired
    assert [each.name for each in made_up.all()] == ["Stand-in", "hub"]


def test_a_renewal_keeps_what_is_edited_meanwhile(expired: Saved, tmp_path: Path) -> None:
    connections = Connections(tmp_path)
    connections.change(expired.id, lambda each: replace(each, name="renamed"))

    renewed(connections, expired)

    (kept,) = connections.all()
    assert (kept.name, kept.value["token_type"]) == ("renamed", "Bearer")


def test_what_renews_a_login_is_secret_and_what_everybody_knows_is_not(tmp_path: Path) -> None:
    value = {"access_token": "token-1", "token_type": "Bearer", "expiration_time": PAST}
    connections = Connections(tmp_path)
    connections.save(Saved("hub", "hubspot", value=value, renewal=Renewal("the-id", SECRET, "refresh-1", ("openid",))))

    assert connections.secrets() == {"token-1", SECRET, "refresh-1"}
    (kept,) = json.loads(connections.file.read_text("utf-8"))["connections"]
    assert kept["renewal"]["scopes"] == ["openid"]
    assert SECRET not in repr(connections.all())
    assert "refresh-1" not in repr(connections.all())


def test_a_type_with_more_than_a_token_gets_that_too() -> None:
    from stacksync.oauth.tokens import Grant

    answer = {"access_token": "a", "instance_url": "https://one.example.com", "id": "left out"}
    grant = Grant({"access_token": "a", "token_type": "Bearer"}, None, (), answer)

    of_salesforce = with_grant(Saved("sf", "salesforce"), Client("basic"), grant)
    of_hubspot = with_grant(Saved("hub", "hubspot"), Client("basic"), grant)

    assert of_salesforce.value == {
        "access_token": "a",
        "token_type": "Bearer",
        "instance_url": "https://one.example.com",
    }
    assert of_hubspot.value == {"access_token": "a", "token_type": "Bearer"}
