"""Projects of the platform's present kit: served by gunicorn, by `dev` with Studio, and updated."""

import os
from pathlib import Path

import pytest

from stacksync.studio.app import create_studio
from tests.conftest import ADDRESS, Published, Stacksync, snapshot
from tests.dev.developed import developed
from tests.invoke.test_over_http import post, served
from tests.kit.wire import write_project
from tests.studio.browsing import Element, page
from tests.studio.conftest import Studio

EXECUTE = "modules/create_records/v1/execute.py"
CONTENT = "modules/create_records/v1/content.py"
OWN = ("main.py", "stacksync.yml", "modules/", "utils/")


@pytest.mark.skipif(os.name == "nt", reason="gunicorn needs fork")
def test_gunicorn_serves_it(shop: Stacksync) -> None:
    execute = {"data": {"select_object": "order", "orders": [{"name": "a"}]}}

    with served(shop.cwd, shop.environment) as address:
        base = f"{address}/create_records/v1"
        schema = post(f"{base}/schema", {"data": {"form_data": {"select_object": "order"}}})
        refused = post(f"{base}/execute", execute)
        executed = post(f"{base}/execute", {**execute, "credentials": {"connection_data": {"value": {"api_key": "k"}}}})

    assert [field["id"] for field in schema[1]["data"]["schema"]["fields"]] == ["select_object", "orders"]
    assert refused == (401, {"error": "Choose a connection."})
    assert executed == (200, {"data": [{"id": 0, "name": "a"}], "metadata": {"affected_records": 1}})


def test_dev_serves_what_is_saved_and_studio_shows_the_form(shop: Stacksync, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    with developed(shop.cwd) as connector, create_studio(connector.session).test_client() as client:
        studio = Studio(connector, client)
        opened = page(studio.post("/m/create_records/v1/load").text)
        made = opened.find("input", name="made")[0]["value"]
        chosen = {"made": made, "changed": "/select_object", "select_object": "order"}
        loaded = page(studio.post("/m/create_records/v1/load", **chosen).text)

        with connector.next_state("ready"):
            connector.edit(EXECUTE, '"Choose a connection."', '"Nothing is chosen."')
        connector.session.failures.begin("1")
        status, body = connector.call("/create_records/v1/execute", {}, run="1")
        (failure,) = connector.session.failures.of("1")

        with connector.next_state("failed") as broken:
            connector.save(CONTENT, "import nowhere\n")

    assert names(opened) == {"select_object"}
    assert names(loaded) == {"select_object", "orders"}
    assert (status, body) == (401, {"error": "Nothing is chosen."})
    (raised,) = failure["errors"]
    assert [frame["file"] for frame in raised["frames"] if frame["own"]] == [EXECUTE]
    (error,) = broken["errors"]
    assert (error["file"], error["line"], error["module"]) == (CONTENT, 1, "create_records/v1")


def names(form: Element) -> set[str]:
    """Return the fields of a form, with those that wait for a connection."""
    found = (str(each.get("name") or "") for each in form.walk())
    return {name.split("/")[1] for name in found if name.startswith("/")}


@pytest.mark.parametrize("by", ["copier", "stacksync"])
def test_an_update_leaves_the_project_its_own_files(published: Published, tmp_path: Path, by: str) -> None:
    root = write_project("kept", tmp_path / "shop")
    published.git("init", "--quiet", cwd=root)
    answers = [f"--data={pair}" for pair in ("app_type=shop", "stacksync_cdk_compat=true")]
    made = published.copier("copy", "--defaults", "--quiet", *answers, "-r", "v0.1.0", ADDRESS, ".", cwd=root)
    assert made.returncode == 0, made.stderr
    published.git("add", "--all", cwd=root)
    published.git("commit", "--quiet", "--message", "Adopt", cwd=root)
    before = snapshot(root)
    for name in ("stacksync_cdk/app.py", "src/runtime/compat/kit.py", "main.py.jinja", "app_config.yaml.jinja"):
        with (published.checkout / "template" / name).open("a") as file:
            file.write("# v0.2.0 was here\n")
    published.release("v0.2.0")

    if by == "copier":
        done = published.copier("update", "--defaults", "--quiet", cwd=root)
    else:
        done = published.stacksync(root)("update", "--to", "v0.2.0")

    assert done.returncode == 0, done.stderr
    after = snapshot(root)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {".copier-answers.yml", "stacksync_cdk/app.py", "src/runtime/compat/kit.py"}
    assert not any(name.startswith(OWN) for name in changed)
    assert b"stacksync_cdk_compat: true" in after[".copier-answers.yml"][1]
    if by == "stacksync":
        undone = published.stacksync(root)("update", "--undo")
        assert undone.returncode == 0, undone.stderr
        assert snapshot(root) == before
