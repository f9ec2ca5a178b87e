"""Runs are there after a restart: with their inputs, without secrets, in files that nobody else can read."""

import json
import re
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from stacksync.errors import StacksyncError
from stacksync.studio.app import create_studio
from stacksync.studio.runs.history_files import HistoryFiles
from tests.studio.conftest import Studio

SECRETS = ("s3cret-of-the-account", "pin-4711-secret", "Bearer-key")
SHORT = "zq9"  # within a password: too short to be found by its letters


def files_of(studio: Studio) -> list[Path]:
    return sorted((studio.root / ".stacksync/history").glob("*"))


def restarted(studio: Studio) -> Studio:
    """Return Studio as after a restart: nothing is known but what files hold."""
    return Studio(studio.connector, create_studio(studio.connector.session).test_client())


def test_a_run_is_there_after_a_restart_with_its_input(studio: Studio) -> None:
    run = studio.post("/m/greet/v1/run", name="Ada", _x="").get_json()
    again = restarted(studio)

    assert again.get("/m/greet/v1/runs/last").get_json() == {
        key: run[key] for key in run if key not in ("sent", "form")
    }
    assert "Show" in again.get("/m/greet/v1/history").text
    number = run["number"]
    assert 'value="Ada"' in again.get(f"/history/{number}/form").text
    replayed = again.post(f"/history/{number}/replay").get_json()
    assert replayed["number"] == number + 1
    assert ">200<" in replayed["response"]
    assert again.get(f"/history/{number}/diff/{number + 1}").text.count("The same.") == 2


def test_choices_that_were_asked_for_are_not_kept(studio: Studio) -> None:
    studio.post("/m/greet/v1/content", name="Ada")
    assert "greetings" in studio.get("/m/greet/v1/content-calls").text
    assert files_of(studio) == []


def test_planted_secrets_are_in_no_file(studio: Studio) -> None:
    connection = studio.connect("Mine", token=SECRETS[0])
    plants: list[dict[str, Any]] = [
        {"name": "Ada", "account": connection, "pin": SECRETS[1]},
        {"name": SECRETS[0], "pin": "1234"},
        {"name": f"https://{SECRETS[0]}@host", "tags": "x", "/tags/0": SECRETS[0].upper()},
        {"name": "{{ step }}", "value:step": SECRETS[0]},
        {"name": "Ada", "pin": "{{ key }}", "value:key": SECRETS[2]},
        {"name": "Ada", "pin": "of {{ key }} only", "value:key": SHORT},
        {"name": "nobody", "pin": SECRETS[1]},
        {"name": "Ada", "anyway": "1", "account": json.dumps({"token": SECRETS[0]})},
    ]
    for plant in plants:
        assert studio.post("/m/greet/v1/run", **plant).get_json()["sent"], plant
    studio.post("/m/guarded/v1/run", kind="key", token=SECRETS[1])  # a rule makes a password of it
    studio.post("/m/guarded/v1/run", kind="open", box='{"pin": "hidden"}', **{"/box/pin": SECRETS[1]})

    kept = files_of(studio)

    assert len(kept) == len(plants) + 2
    for file in kept:
        text = file.read_text("utf-8")
        found = [secret for secret in (*SECRETS, SHORT) if secret.lower() in text.lower()]
        assert found == [], text
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (studio.root / ".stacksync/.gitignore").read_text().endswith("*\n")


def test_a_run_with_secrets_is_sent_again_only_until_the_restart(studio: Studio) -> None:
    number = studio.post("/m/greet/v1/run", name="Ada", pin=SECRETS[1]).get_json()["number"]
    assert studio.post(f"/history/{number}/replay").status_code == 200

    refused = restarted(studio).post(f"/history/{number}/replay")

    assert refused.status_code == 409
    assert refused.text == f"Secrets of run {number} are not kept. Press Show, fill them in, and run the module.\n"


def test_a_saved_connection_is_no_secret_of_a_run(studio: Studio) -> None:
    connection = studio.connect("Mine", token=SECRETS[0])
    number = studio.post("/m/greet/v1/run", name="Ada", account=connection).get_json()["number"]

    replayed = restarted(studio).post(f"/history/{number}/replay").get_json()

    assert ">200<" in replayed["response"]


def test_clearing_leaves_nothing(studio: Studio) -> None:
    studio.post("/m/greet/v1/run", name="Ada")
    assert len(files_of(studio)) == 1

    assert studio.post("/history/clear").status_code == 200

    assert files_of(studio) == []
    for each in (studio, restarted(studio)):
        assert "Nothing was sent yet." in each.get("/m/greet/v1/history").text


def test_what_is_no_run_is_passed_over(studio: Studio) -> None:
    studio.post("/m/greet/v1/run", name="Ada")
    folder = studio.root / ".stacksync/history"
    for index, text in enumerate(("{", "[]", "{}", '{"number": "x"}', "[" * 10_000)):
        (folder / f"{index:020d}.json").write_text(text)

    history = restarted(studio).get("/m/greet/v1/history").text

    assert len(re.findall(r"data-show=", history)) == 1


def test_a_history_that_cannot_be_written_is_said_and_the_run_goes_well(studio: Studio) -> None:
    (studio.root / ".stacksync").mkdir(exist_ok=True)
    (studio.root / ".stacksync/history").write_text("a file, not a folder")

    assert ">200<" in studio.post("/m/greet/v1/run", name="Ada").get_json()["response"]

    assert ".stacksync/history cannot be written: File exists." in studio.get("/m/greet/v1/history").text


def test_the_oldest_make_room(made_connector: Path, tmp_path: Path) -> None:
    (tmp_path / "app_config.yaml").write_bytes((made_connector / "app_config.yaml").read_bytes())
    files = HistoryFiles(tmp_path, most_bytes=100, most_runs=3)

    def numbers() -> list[int]:
        return [int(record["number"]) for record in files.read()]

    for number in range(5):
        files.write({"number": number})
        time.sleep(0)  # names are of nanoseconds
    assert numbers() == [2, 3, 4]
    files.write({"number": 5, "reply": "x" * 60})
    assert numbers() == [4, 5]
    files.write({"number": 6, "reply": "x" * 100})  # larger than all may be
    assert numbers() == [4, 5]


def test_nothing_is_written_or_removed_behind_a_link(made_connector: Path, tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "crm", tmp_path / "elsewhere"
    (root / ".stacksync").mkdir(parents=True)
    elsewhere.mkdir()
    (root / "app_config.yaml").write_bytes((made_connector / "app_config.yaml").read_bytes())
    (elsewhere / f"{1:020d}.json").write_text("{}")
    (root / ".stacksync/history").symlink_to(elsewhere)

    for act in (HistoryFiles(root).clear, lambda: HistoryFiles(root).write({})):
        with pytest.raises(StacksyncError, match=re.escape(".stacksync/history is a link to")):
            act()
    assert [file.name for file in elsewhere.iterdir()] == [f"{1:020d}.json"]
