"""`stacksync connect NAME --oauth` and `--try`, and the same in Studio, against a real provider that is the API too."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from stacksync.connector import Connector
from stacksync.dev.session import DevSession
from stacksync.studio.app import create_studio
from stacksync.studio.connections.saved import Connections, Renewal, Saved
from stacksync.studio.guards import HEADER
from tests.bytecode import lend_bytecode
from tests.conftest import Stacksync
from tests.invoke.terminal import ENTER, asking
from tests.oauth.conftest import SECRET, Browser, OpenIdProvider, write_api
from tests.polling import poll

PAST = "2026-01-31T09:30:00Z"
ROUTE = """\
import os

from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    held = request.connection()
    seen = [name for name in os.environ if "OAUTH" in name]
    return Response(data={"keys": sorted(held), "ends": held["expiration_time"], "variables": seen})
"""
FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "connections": {"required": True, "app_types": ["generic_api_credentials"]},
    "fields": [],
}


@pytest.fixture
def crm(connector: Stacksync, compiled_connector: Path, provider: OpenIdProvider) -> Stacksync:
    """Return the command in a connector of the provider's, with the client in `.env` and a module that looks around."""
    root = connector.cwd
    lend_bytecode(compiled_connector, root)
    write_api(root, provider)
    shutil.rmtree(root / "src/modules/create_contacts")
    folder = root / "src/modules/look/v1"
    folder.mkdir(parents=True)
    (folder / "route.py").write_text(ROUTE)
    (folder / "schema.json").write_text(json.dumps(FORM))
    env = f'ENVIRONMENT=dev\nSTACKSYNC_OAUTH_CLIENT_ID=basic\nSTACKSYNC_OAUTH_CLIENT_SECRET="{SECRET}"\n'
    (root / ".env").write_text(env)
    return Stacksync(root, connector.environment | {"VIRTUAL_ENV": sys.prefix})


@contextmanager
def begun(crm: Stacksync, *arguments: str) -> Iterator["tuple[subprocess.Popen[str], str, list[str]]"]:
    """Run `connect --oauth` until it says where to log in; return what it has said so far as well."""
    command = crm.command("connect", "hub", "--oauth", *arguments)
    pipes: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=crm.cwd, env=crm.environment, **pipes) as process:
        said = []
        for line in process.stderr or ():
            said.append(line)
            if found := re.search(r"Log in within \d+ seconds: (\S+)", line):
                yield process, found[1], said
                break
        else:
            raise AssertionError(said)


def saved(root: Path) -> dict[str, Any]:
    [found] = json.loads((root / ".stacksync/connections.json").read_text("utf-8"))["connections"]
    return dict(found)


def test_a_login_is_saved_tried_renewed_and_sent_without_its_secrets(crm: Stacksync, browser: Browser) -> None:
    with begun(crm, "--wait", "60", "--try") as (process, address, said):
        browser.log_in(address)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert out == (
        "Saved the connection hub (generic_api_credentials): access_token, token_type, expiration_time.\n"
        "connected as ada\n"
    )
    assert re.fullmatch(
        r"The redirect to register at 127\.0\.0\.1:\d+, if it is not yet: http://127\.0\.0\.1:\d+/callback\n", said[0]
    )
    file = crm.cwd / ".stacksync/connections.json"
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    status = ["git", "status", "--porcelain", ".stacksync", ".env"]
    assert subprocess.run(status, cwd=crm.cwd, capture_output=True, text=True, check=True).stdout == ""
    first = saved(crm.cwd)
    assert list(first["value"]) == ["access_token", "token_type", "expiration_time"]
    hidden = (first["value"]["access_token"], first["renewal"]["refresh_token"], SECRET)
    assert not [each for each in hidden if each in out + err + "".join(said)]

    # An hour later: the module gets what the platform would send, renewed, and none of what renews it.
    connections = Connections(crm.cwd)
    connections.change(first["id"], lambda each: replace(each, value={**each.value, "expiration_time": PAST}))
    done = crm("invoke", "look", "--connection", "hub")

    answered = json.loads(done.stdout)["data"]
    second = saved(crm.cwd)
    assert answered == {
        "keys": ["access_token", "expiration_time", "token_type"],
        "ends": second["value"]["expiration_time"],
        "variables": [],
    }
    assert second["value"]["expiration_time"] > PAST
    assert second["renewal"]["refresh_token"] != first["renewal"]["refresh_token"]


def test_what_the_api_says_of_a_connection_is_told(crm: Stacksync) -> None:
    done = crm(
        "connect", "hub", "--type", "hubspot", "--from-env", "access_token=TOKEN", "--try", TOKEN="made-up-token"
    )

    assert done.returncode == 1
    assert done.stdout == "Saved the connection hub (hubspot): access_token.\n"
    error = done.stderr.splitlines()[-1]
    assert re.fullmatch(r"Error: The API does not take hub\. 127\.0\.0\.1 answered 401: .*invalid.*", error), (
        done.stderr
    )
    assert "made-up-token" not in done.stdout + done.stderr

    again = crm("connect", "hub", "--try", "--json")
    assert again.returncode == 1
    report = json.loads(again.stdout)
    assert (report["replaced"], report["tried"]["works"]) == (False, False)


def test_the_client_is_asked_for_on_a_terminal(crm: Stacksync, browser: Browser) -> None:
    (crm.cwd / ".env").unlink()
    here = replace(crm, environment=crm.environment | {"BROWSER": "true"})  # a program that opens nothing

    with asking(here, "connect", "hub", "--oauth") as run:
        run.answer("? Client id", "basic" + ENTER)
        run.answer("? Client secret (not shown)", SECRET + ENTER)
        poll(lambda: re.search(r"Log in within 300 seconds: \S+\n", run.said))
        browser.log_in(re.findall(r"Log in within 300 seconds: (\S+)", run.said)[0])
        code, out = run.end()

    assert (code, out[:25]) == (0, "Saved the connection hub ")
    assert SECRET not in run.said
    assert saved(crm.cwd)["renewal"]["client_secret"] == SECRET


def test_under_a_stand_in_that_is_what_is_tried(connector: Stacksync) -> None:
    command = replace(connector, environment=connector.environment | {"VIRTUAL_ENV": sys.prefix})
    given = ("--type", "any", "--from-env", "key=KEY", "--try")

    done = command(
        "connect", "hub", *given, KEY="a-real-key", ENVIRONMENT="dev", STACKSYNC_STAND_IN="tests/stand_in.py"
    )

    assert (done.returncode, done.stdout) == (0, "Saved the connection hub (any): key.\nGET contacts: 200\n"), (
        done.stderr
    )


def test_a_login_needs_a_client(crm: Stacksync) -> None:
    (crm.cwd / ".env").write_text("ENVIRONMENT=dev\n")

    none = crm("connect", "hub", "--oauth")
    no_secret = crm("connect", "hub", "--oauth", STACKSYNC_OAUTH_CLIENT_ID="basic")

    assert (none.returncode, none.stderr) == (
        2,
        (
            "Error: There is no client id, and no terminal to ask for it on.\n"
            "TIP: set STACKSYNC_OAUTH_CLIENT_ID and STACKSYNC_OAUTH_CLIENT_SECRET in .env\n"
        ),
    )
    assert (no_secret.returncode, no_secret.stderr) == (
        1,
        (
            "Error: CLIENT_AUTH is client_secret_basic, and there is no client secret.\n"
            'TIP: set it in .env, or declare CLIENT_AUTH = "none" for a client that has none\n'
        ),
    )
    assert not (crm.cwd / ".stacksync/connections.json").exists()


def test_a_provider_that_needs_https_is_told_so(crm: Stacksync) -> None:
    done = crm("connect", "hub", "--oauth", "--redirect", "https://localhost:8765/callback")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: The redirect https://localhost:8765/callback needs https, "
        "which stacksync does not serve on this machine.\n"
        "TIP: where the provider takes https only, save a token: "
        "`stacksync connect NAME --from-env access_token=VARIABLE`\n"
    )


def test_a_connector_without_a_login_says_what_to_declare(connector: Stacksync) -> None:
    done = connector("connect", "hub", "--oauth")

    assert (done.returncode, done.stderr) == (
        1,
        (
            "Error: src/api_client.py has no AUTHORIZE_URL, so nobody can log in.\n"
            "TIP: declare AUTHORIZE_URL and TOKEN_URL, as documentation/connections.md says\n"
        ),
    )


def test_a_client_that_cannot_try_says_what_to_write(crm: Stacksync) -> None:
    file = crm.cwd / "src/api_client.py"
    file.write_text(file.read_text("utf-8").replace("def check_connection", "def other"), "utf-8")

    done = crm("connect", "hub", "--type", "x", "--from-env", "access_token=TOKEN", "--try", TOKEN="made-up-token")

    assert (done.returncode, done.stdout) == (1, "Saved the connection hub (x): access_token.\n")
    assert done.stderr.splitlines()[-1] == (
        "Error: There is no answer: src/api_client.py has no check_connection(api), which would call the API."
    )


# --- Studio ------------------------------------------------------------------------------------------


@pytest.fixture
def studio(crm: Stacksync, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Return Studio beside the connector, which nothing here sends a run to."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    with create_studio(DevSession(Connector(crm.cwd), "http://127.0.0.1:1")).test_client() as client:
        yield client


def begin(studio: FlaskClient, **form: str) -> dict[str, Any]:
    answer = studio.post("/connections/login", data={"name": "hub", **form}, headers={HEADER: "1"})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_login_in_studio_is_followed_to_its_end(studio: FlaskClient, crm: Stacksync, browser: Browser) -> None:
    shown = studio.get("/connections/fields?app_type=generic_api_credentials").text
    assert "Client id and secret from .env." in shown
    assert "Register this redirect there: <code>http://127.0.0.1:0/callback</code>" in shown

    given_up = begin(studio)
    studio.delete("/connections/login", headers={HEADER: "1"})
    followed = studio.get(f"/connections/login/{given_up['id']}")
    assert (followed.status_code, followed.text) == (409, "The login was given up.\n")
    assert not (crm.cwd / ".stacksync/connections.json").exists()

    begun_anew = begin(studio, app_type="generic_api_credentials")
    browser.log_in(begun_anew["address"])
    done = studio.get(f"/connections/login/{begun_anew['id']}").get_json()
    first = saved(crm.cwd)
    assert done == {"id": first["id"], "name": "hub", "notes": []}
    assert studio.post(f"/connections/{done['id']}/try", headers={HEADER: "1"}).get_json() == {
        "works": True,
        "said": "connected as ada",
    }

    again = begin(studio, id=first["id"], app_type="generic_api_credentials")
    Browser().log_in(again["address"])
    studio.get(f"/connections/login/{again['id']}")
    second = saved(crm.cwd)
    assert second["id"] == first["id"]
    assert second["value"]["access_token"] != first["value"]["access_token"]
    pages = [studio.get(path).text for path in ("/connections", f"/connections/fields?id={first['id']}", "/m/look/v1")]
    hidden = [second["value"]["access_token"], second["renewal"]["refresh_token"], SECRET]
    assert not [each for each in hidden if any(each in page for page in pages)]


def test_a_login_that_has_expired_for_good_is_told_instead_of_sent(studio: FlaskClient, crm: Stacksync) -> None:
    value = {"access_token": "token-one", "token_type": "Bearer", "expiration_time": PAST}
    connections = Connections(crm.cwd)
    connections.save(Saved("hub", "generic_api_credentials", value=value, id="hub", renewal=Renewal("basic")))

    for path in ("run", "form"):
        answer = studio.post(f"/m/look/v1/{path}", data={"connection": "hub"}, headers={HEADER: "1"})
        assert (path, answer.status_code) == (path, 409 if path == "run" else 200)
    assert studio.post("/m/look/v1/run", data={"connection": "hub"}, headers={HEADER: "1"}).text == (
        "The login of hub has expired, and it has no refresh token.\n"
    )

    # Sent while it was good, and again when it is not.
    connections.change("hub", lambda each: replace(each, value={**value, "expiration_time": "2999-01-01T00:00:00Z"}))
    run = studio.post("/m/look/v1/run", data={"connection": "hub"}, headers={HEADER: "1"}).get_json()["run"]
    connections.change("hub", lambda each: replace(each, value=value))
    again = studio.post(f"/history/{run.split('-')[1]}/replay", headers={HEADER: "1"})
    assert (again.status_code, again.text) == (409, "The login of hub has expired, and it has no refresh token.\n")
