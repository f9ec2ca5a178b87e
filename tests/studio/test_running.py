"""What Run sends, what it says of the answer, and what it keeps."""

import json
import re
import shutil
import stat
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from stacksync.runtime import STAND_IN_SWITCH
from stacksync.studio.app import create_studio
from stacksync.studio.connections.saved import Connections, Saved
from tests.dev.developed import developed
from tests.studio.conftest import Studio

SECRET = "s3cret-of-the-account"


def test_the_module_gets_what_is_filled_in(studio: Studio) -> None:
    answer = studio.post("/m/greet/v1/run", name="Ada").get_json()

    assert answer["sent"]
    assert ">200</strong>" in answer["response"]
    assert "&#34;name&#34;: &#34;Ada&#34;" in answer["response"]
    studio.connector.event_after(0, "log", lambda data: data["run"] == answer["run"] and "greeting Ada" in data["line"])


def test_the_connectors_own_token_is_sent(made_connector: Path, tmp_path: Path) -> None:
    root = tmp_path / "crm"
    shutil.copytree(made_connector, root, ignore=shutil.ignore_patterns(".git"))
    (root / ".env").write_text("CONNECTOR_TOKEN=token-of-the-callers\n")  # calls without it are refused

    with developed(root) as connector, create_studio(connector.session).test_client() as client:
        sent = {"name": "Ada", "language": "en"}
        answer = Studio(connector, client).post("/m/new_empty_action/v1/run", **sent).get_json()

    assert "Hello Ada" in answer["response"]


def test_a_required_field_is_named_and_nothing_is_sent(studio: Studio) -> None:
    answer = studio.post("/m/greet/v1/run").get_json()

    assert not answer["sent"]
    assert "Name is required" in answer["response"]
    assert 'aria-invalid="true"' in answer["form"]
    assert "Nothing was sent yet." in studio.get("/m/greet/v1/history").text


@pytest.mark.parametrize("path", ["form", "content"])
def test_what_is_wrong_is_shown_with_choices_that_arrive_later(studio: Studio, path: str) -> None:
    assert "Name is required" not in studio.post(f"/m/greet/v1/{path}").text
    assert "Name is required" in studio.post(f"/m/greet/v1/{path}", faults="1").text


def test_sending_anyway_is_possible(studio: Studio) -> None:
    answer = studio.post("/m/greet/v1/run", anyway="1").get_json()

    assert answer["sent"]
    assert ">400</strong>" in answer["response"]


def test_an_error_of_the_module_is_shown_as_it_is(studio: Studio) -> None:
    answer = studio.post("/m/greet/v1/run", name="nobody").get_json()
    assert ">404<" in answer["response"]
    assert "Nobody is no name." in answer["response"]
    assert "Not what the platform expects" not in answer["response"]


def test_choices_are_loaded_when_what_they_depend_on_is_filled_in(studio: Studio) -> None:
    empty = studio.post("/m/greet/v1/form")
    assert "X-Stacksync-Wants-Content" not in empty.headers
    assert "Moin" not in studio.post("/m/greet/v1/content").text

    filled = studio.post("/m/greet/v1/form", name="Ada")
    assert filled.headers["X-Stacksync-Wants-Content"] == "1"
    loaded = studio.post("/m/greet/v1/content", name="Ada")
    assert ">Moin</option>" in loaded.text
    assert "X-Stacksync-Wants-Content" not in loaded.headers


def test_refreshing_without_what_is_needed_says_what(studio: Studio) -> None:
    assert "Fill in name first" in studio.post("/m/greet/v1/form", operation="refresh:/greeting").text


def test_an_answer_against_the_contract_is_named(studio: Studio) -> None:
    form = studio.post("/m/wrong/v1/form", name="Ada", operation="refresh:/greeting").text
    assert "Asked for `greetings`, got `greeting`." in unescape(form)

    assert "Item 1 has no value." in studio.get("/m/wrong/v1/content-calls").text


def test_a_form_that_the_module_made_stays_and_is_sent(studio: Studio) -> None:
    loaded = studio.post("/m/growing/v1/load", changed="/kind", kind="dog").text
    made = loaded.partition('name="made" value="')[2].partition('"')[0]
    assert made
    assert 'name="/dog_name"' in loaded

    typed = {"kind": "dog", "dog_name": "Bello-4711", "made": made}
    drawn = studio.post("/m/growing/v1/form", **typed).text
    assert 'name="/dog_name"' in drawn
    assert made in drawn
    answer = studio.post("/m/growing/v1/run", **typed).get_json()
    assert "dog_name" in answer["response"]
    assert "Bello" not in answer["response"] + answer["form"]

    number = answer["run"].removeprefix("studio-")
    assert "Bello" not in studio.get(f"/history/{number}").text
    assert "&#34;data&#34;: {" in studio.post(f"/history/{number}/replay").text
    assert "dog_name" not in studio.post("/m/growing/v1/form", operation="reset", **typed).text


def test_a_form_that_was_made_of_an_older_file_is_gone(studio: Studio) -> None:
    loaded = studio.post("/m/growing/v1/load", changed="/kind", kind="dog").text
    made = loaded.partition('name="made" value="')[2].partition('"')[0]
    file = studio.root / "src/modules/growing/v1/schema.json"
    text = file.read_text()
    file.write_text(text.replace('"Kind"', '"Sort"'))
    try:
        drawn = studio.post("/m/growing/v1/form", kind="dog", made=made).text
    finally:
        file.write_text(text)

    assert "Sort" in drawn
    assert "dog_name" not in drawn


def test_secrets_reach_the_module_and_nothing_else(studio: Studio) -> None:
    connection = studio.connect("Mine", token=SECRET)
    answer = studio.post("/m/greet/v1/run", name="Ada", account=connection, pin="pin-4711-secret").get_json()
    assert answer["sent"]
    # The module answered with all it was given, secrets included.
    assert "connection_data" in answer["response"]
    number = answer["run"].split("-")[1]

    pages = [f"/history/{number}", f"/history/{number}/response", "/m/greet/v1", "/m/greet/v1/history", "/connections"]
    shown = "".join([*(studio.get(path).text for path in pages), answer["form"], answer["response"]])
    for secret in (SECRET, "pin-4711-secret"):
        assert secret not in shown


def test_connections_are_kept_where_git_does_not_look(studio: Studio) -> None:
    studio.connect("Mine", token=SECRET)
    folder = studio.root / ".stacksync"

    assert SECRET in (folder / "connections.json").read_text()
    assert (folder / ".gitignore").read_text().endswith("*\n")
    assert stat.S_IMODE((folder / "connections.json").stat().st_mode) == 0o600


def saved_connection(studio: Studio) -> dict[str, Any]:
    """Return the one that is kept."""
    [saved] = json.loads((studio.root / ".stacksync/connections.json").read_text())["connections"]
    return dict(saved)


def test_a_secret_that_nobody_types_anew_stays_what_it_was(studio: Studio) -> None:
    value = {"token": SECRET, "hosts": [{"key": "one"}], "instance_url": "https://old.test", "gone": "x"}
    Connections(studio.root).save(Saved("Mine", "crm", value=value, id="mine"))

    edited = {"field:token": "", "field:hosts": "", "field:instance_url": "https://new.test", "forget:gone": "on"}
    answer = studio.post(
        "/connections/mine", _name="Ours", app_type="crm", **edited, **{"other-name": "a", "other-value": "b"}
    )

    assert answer.get_json()["fields"] == ["token", "hosts", "instance_url", "a"]
    expected = {"token": SECRET, "hosts": [{"key": "one"}], "instance_url": "https://new.test", "a": "b"}
    assert (saved_connection(studio)["name"], saved_connection(studio)["value"]) == ("Ours", expected)

    studio.post("/connections/mine", _name="Ours", app_type="crm", **{"field:token": "new", "field:instance_url": ""})
    assert saved_connection(studio)["value"] == {"token": "new", "hosts": [{"key": "one"}], "a": "b"}


def test_the_fields_are_those_of_the_type_and_hold_no_secret(studio: Studio) -> None:
    value = {"access_token": SECRET, "instance_url": "https://one.test", "extra": SECRET}
    Connections(studio.root).save(Saved("Mine", "salesforce", value=value, id="mine"))

    shown = studio.get("/connections/fields?id=mine").text

    labels = re.findall(r"<label for=\"connection-field-\d\">(.+?) <code", shown)
    assert labels == ["Access token", "Token type", "Expiration time", "Instance URL", "Extra"]
    assert SECRET not in shown
    assert 'value="https://one.test"' in shown
    assert shown.count('placeholder="Saved. Leave it empty to keep it."') == 2
    assert "API credentials" in studio.get("/connections/fields?app_type=generic_api_credentials").text
    assert SECRET not in studio.get("/connections").text


def test_a_connection_without_a_name_is_refused(studio: Studio) -> None:
    answer = studio.post("/connections", app_type="crm")
    assert (answer.status_code, answer.text) == (400, "Give the connection a name.\n")


def test_a_connection_that_is_gone_is_told(studio: Studio) -> None:
    for path in ("/connections/none", "/connections/none/try"):
        answer = studio.post(path, _name="Mine")
        assert (answer.status_code, answer.text) == (404, "There is no such connection any more.\n")


def test_a_broken_file_of_connections_is_named_and_kept(studio: Studio) -> None:
    file = studio.root / ".stacksync/connections.json"
    file.parent.mkdir()
    file.write_text("{\n  broken")

    answer = studio.post("/connections", _name="Mine")

    assert answer.status_code == 409
    assert answer.text.startswith(".stacksync/connections.json:2: It is no JSON")
    assert file.read_text() == "{\n  broken"
    assert studio.get("/m/greet/v1").status_code == 200


def test_a_call_is_sent_again_and_compared(studio: Studio) -> None:
    run = studio.post("/m/greet/v1/run", name="Ada").get_json()["run"].split("-")[1]
    assert ">200<" in studio.post(f"/history/{run}/replay").text
    assert re.findall(r"<p.*>(.*)</p>", studio.get(f"/history/{run}/diff/{int(run) + 1}").text) == ["The same."] * 2
    other = studio.post("/m/greet/v1/run", name="Bob").get_json()["run"].split("-")[1]
    text = studio.get(f"/history/{run}/diff/{other}").text
    places = re.findall(r'<code class="place">(.*)</code> <span class="kind">(\w+)</span>', text)
    assert places == [("data.name", "changed")] * 2
    assert re.findall(r"before: </span>(\w+)</del>[^±]*?after: </span>(\w+)</ins>", text) == [("Ada", "Bob")] * 2


def test_a_list_grows_and_shrinks(studio: Studio) -> None:
    grown = studio.post("/m/greet/v1/form", operation="add:/tags").text
    assert 'name="/tags/0"' in grown


def test_a_module_that_is_gone_is_one_line(studio: Studio) -> None:
    answer = studio.post("/m/gone/v1/run")
    assert (answer.status_code, answer.text) == (404, "There is no module gone/v1 any more.\n")


def test_what_is_filled_in_is_saved_as_an_example_that_tests_replay(studio: Studio) -> None:
    connection = studio.connect("Mine", token=SECRET)
    file = studio.root / "src/modules/greet/v1/examples/ada.json"
    studio.post("/m/greet/v1/run", name="$5 Ada")

    assert studio.post("/m/greet/v1/examples", name="$5 Ada", _example="ada").get_json() == {
        "file": "src/modules/greet/v1/examples/ada.json"
    }
    try:
        assert json.loads(file.read_text()) == {
            "endpoint": "execute",
            "request": {"data": {"name": "$$5 Ada"}},
            "status": 200,
            "reply": {"data": {"name": "$$5 Ada"}},
        }
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "greet and ada"]
        done = subprocess.run(tests, cwd=studio.root, capture_output=True, text=True, check=False)
        assert re.search(r"^[1-9]\d* passed", done.stdout, re.MULTILINE), done.stdout

        again = studio.post("/m/greet/v1/examples", name="Ada", _example="ada")
        assert (again.status_code, "exists already" in again.text) == (409, True)
    finally:
        file.unlink()

    secret = studio.post("/m/greet/v1/examples", name="Ada", account=connection, pin="1234", _example="secret")
    saved = studio.root / secret.get_json()["file"]
    text = saved.read_text()
    saved.unlink()
    data = json.loads(text)["request"]["data"]
    assert data["account"]["connection_data"] == {"value": {"token": "${token}"}}
    assert data["pin"] == "${pin}"
    assert SECRET not in text


def test_an_example_is_filled_in(studio: Studio) -> None:
    assert "greet" in studio.get("/m/new_empty_action/v1/examples").text
    assert 'value="' in studio.get("/m/new_empty_action/v1/examples/greet").text


@pytest.mark.parametrize("name", ["", "../route", "a/b", "A", "x" * 64])
def test_a_name_that_is_no_file_is_refused(studio: Studio, name: str) -> None:
    answer = studio.post("/m/greet/v1/examples", name="Ada", _example=name)
    assert (answer.status_code, "cannot be the name of an example" in answer.text) == (409, True)


def test_a_stand_in_has_a_connection_to_choose_while_it_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = Connections(tmp_path)
    connections.save(Saved("Mine", "generic_api_credentials", value={"api_credentials": "real"}))
    kept = connections.file.read_bytes()
    monkeypatch.delenv(STAND_IN_SWITCH, raising=False)
    assert [each.name for each in connections.all()] == ["Mine"]

    monkeypatch.setenv(STAND_IN_SWITCH, "tests/stand_in.py")
    assert [each.name for each in connections.all()] == ["Mine", "Stand-in"]
    found = connections.get("stand-in")
    assert found is not None
    assert dict(found.value) == {"api_credentials": "made-up"}
    connections.remove("stand-in")
    assert connections.file.read_bytes() == kept
