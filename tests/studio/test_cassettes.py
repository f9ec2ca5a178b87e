"""Examples that are recorded and replayed in Studio, each in a process of its own."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.runtime.testing import StandIn
from src.runtime.testing.stand_in import load
from stacksync.dev.environment.interpreter import Interpreter
from stacksync.studio.guards import HEADER
from tests.conftest import ROOT
from tests.studio.conftest import Studio

CRMS = ROOT / "template/src/modules/create_contacts/v1/tests/stand_in.py"
MODULE = "/m/create_contacts/v1"


@pytest.fixture
def api() -> Iterator[StandIn]:
    """Return HubSpot on this machine, as no session is led to it: only a connection says where it is."""
    api = load(CRMS)
    with api.running():
        yield api


@pytest.fixture
def local(studio: Studio) -> Iterator[Studio]:
    """Return Studio of a connector that runs in the active environment."""
    studio.connector.session.interpreter = Interpreter(Path(sys.prefix), ".venv")
    yield studio
    studio.connector.session.interpreter = None
    shutil.rmtree(studio.root / "src/modules/create_contacts/v1/cassettes", ignore_errors=True)


def post(studio: Studio, path: str, **form: Any) -> Any:
    return studio.client.post(f"{MODULE}/cassettes/hubspot{path}", data=form, headers={HEADER: "1"})


def test_a_shipped_example_is_replayed_recorded_and_played_back(local: Studio, api: StandIn) -> None:
    shipped = post(local, "/play")
    assert "The answer is what the example expects." in shipped.text, shipped.text
    assert "answered by the stand-in, if there is one" in shipped.text

    connection = local.connect("HubSpot", **api.connection)
    shown = post(local, "/record", connection=connection)
    assert shown.status_code == 200, shown.text
    assert "src/modules/create_contacts/v1/cassettes/hubspot.json" in shown.text
    assert f"<code>{api.url.removeprefix('http://')}</code>" in shown.text
    assert "${connection.api_url}/crm/v3/objects/contacts/search 200" in shown.text
    assert "sent by the module: change the example" in shown.text
    assert 'name="replace:request.inputs[].properties.email"' not in shown.text
    assert api.connection["access_token"] not in shown.text
    file = local.root / "src/modules/create_contacts/v1/cassettes/hubspot.json"
    assert not file.exists()

    assert post(local, "", **{"replace:gone": "x"}).status_code == 409
    written = post(local, "", **{"replace:response.results[].description": "Text {n}."})
    assert written.get_json() == {"file": "src/modules/create_contacts/v1/cassettes/hubspot.json"}
    text = file.read_text("utf-8")
    assert "How far" not in text
    assert api.connection["access_token"] not in text
    assert post(local, "").status_code == 404

    played = post(local, "/play")
    assert "played back from its cassette" in played.text
    assert "The answer is what the example expects." in played.text, played.text


def test_faults_of_a_replay_are_named(local: Studio) -> None:
    file = local.root / "src/modules/create_contacts/v1/cassettes/hubspot.json"
    file.parent.mkdir()
    call = {"request": {"method": "GET", "url": "https://api.hubapi.com/never"}, "response": {"status": 200}}
    connections = {"connection": {"access_token": "made-up-token"}}
    file.write_text(json.dumps({"calls": [call], "connections": connections}))

    played = post(local, "/play").text

    assert "Not what the example and its cassette expect" in played
    assert "hubspot.json has no call GET https://api.hubapi.com/crm/v3/properties/contacts" in played
    assert "hubspot.json: not called: GET https://api.hubapi.com/never" in played


def test_with_docker_it_says_what_to_do(studio: Studio) -> None:
    answer = post(studio, "/play")

    assert (answer.status_code, answer.text) == (409, "Examples are sent in the connector's own environment.\n")
