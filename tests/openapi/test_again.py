"""`stacksync import --update`: what it tells, takes, leaves to the user, and undoes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import Connector
from stacksync.openapi.again import update_api
from stacksync.openapi.drift import drift
from stacksync.openapi.held import held_api
from stacksync.openapi.renewal import Allowed
from tests.conftest import Stacksync, git_settings, snapshot
from tests.openapi.conftest import LIBRARY
from tests.openapi.imported import (
    IDENTITY,
    MODULES,
    NOTE,
    STORE,
    Describe,
    commit,
    described,
    git,
    imported,
    once_imported,
    read,
)
from tests.openapi.test_drift import FORM, GONE, HISTORY, LIST, NEW_BOOK
from tests.openapi.test_drift import described as described_in

__all__ = ["described", "imported", "once_imported"]


def test_nothing_changed(imported: Stacksync) -> None:
    before = snapshot(imported.cwd)

    done = imported("import", "--update", str(LIBRARY), "--check")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Nothing changed since the import.",
        "",
        "Operations: 0 new, 0 changed, 0 gone. Changes: none.",
    ]
    assert imported("import", "--update", str(LIBRARY), "--yes").returncode == 0
    assert snapshot(imported.cwd) == before


def test_what_changed_is_told_and_nothing_is_written(imported: Stacksync, described: Describe) -> None:
    source = described(
        ("servers 0 url", "https://other.example/v2"),
        ("paths /shelves", {"get": {"responses": {}}}),
        ("paths /shelves/order", GONE),
        (f"{LIST} 4 schema maximum", 50),
        (f"{NEW_BOOK} pages description", "Pages."),
        (f"{NOTE} weight", {"type": "number"}),
    )
    before = snapshot(imported.cwd)

    done = imported("import", "--update", source, "--check")

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "The API",
        "  breaking  DIF013  server changed (https://api.library.example/v2 -> https://other.example/v2)",
        "new   GET /shelves",
        f"  to import: stacksync import --update {source} --select 'GET /shelves'",
        "POST /members/{member_id}/notes (add_note)",
        "  fine  DIF031  body/weight: new",
        "POST /books (create_book)",
        "  fine  1 text changed",
        "GET /books (list_books)",
        "  breaking  DIF009  query limit: maximum changed (100 -> 50)",
        "PUT /shelves/order (order_shelves)",
        "  breaking  DIF014  operation gone",
        "PUT /books/{bookId} (replace_book)",
        "  fine  1 text changed",
        "",
        "Operations: 1 new, 4 changed, 1 gone. Changes: 3 breaking, 3 fine.",
    ]
    report = json.loads(imported("import", "--update", source, "--check", "--json").stdout)
    assert (report["breaking"], report["added"], report["gone"]) == (3, ["GET /shelves"], ["PUT /shelves/order"])
    assert report["new_hosts"] == ["other.example"]
    assert snapshot(imported.cwd) == before


def test_an_edited_form_follows_and_what_is_gone_is_marked(imported: Stacksync, described: Describe) -> None:
    schema = imported.cwd / MODULES / "add_note/v1/schema.json"
    form = json.loads(schema.read_text("utf-8"))
    form["fields"][1]["label"] = "My text"
    schema.write_text(json.dumps(form, indent=2) + "\n")
    route = imported.cwd / MODULES / "order_shelves/v1/route.py"
    route.write_text(route.read_text("utf-8") + "# mine\n")
    commit(imported)
    before = snapshot(imported.cwd)
    source = described((f"{NOTE} weight", {"type": "number"}), ("paths /shelves/order", GONE))

    done = imported("import", "--update", source, "--yes")

    assert done.returncode == 1, done.stderr
    told = "calls PUT /shelves/order, which the API does not have any more"
    assert f"finding: src/modules/order_shelves/v1/route.py:7: {told}" in done.stdout.splitlines()
    made = json.loads(schema.read_text("utf-8"))
    assert [each["label"] for each in made["fields"]] == ["Member id", "My text", "Stars", "Weight", "More fields"]
    assert read(imported, f"{STORE}/order_shelves.json")["identity"]["gone"] is True
    assert route.read_text("utf-8").endswith("# mine\n")
    again = imported("import", "--update", source, "--check")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "Nothing changed since the import.")
    undone = imported("import", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert without_git(snapshot(imported.cwd)) == without_git(before)


def without_git(files: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in files.items() if not name.startswith(".git/")}


def test_another_host_is_taken_only_when_it_is_accepted(imported: Stacksync, described: Describe) -> None:
    source = described(("servers 0 url", "https://other.example/v3"))
    client = imported.cwd / "src/api_client.py"
    before = client.read_text("utf-8")

    done = imported("import", "--update", source, "--yes", "--in-place")
    assert done.returncode == 1
    assert "left as it was, until --accept-server is given: server" in done.stdout.splitlines()
    assert client.read_text("utf-8") == before
    assert read(imported, f"{STORE}/api.json")["server"] == "https://api.library.example/v2"

    commit(imported)
    done = imported("import", "--update", source, "--yes", "--accept-server")
    assert done.returncode == 0, done.stdout + done.stderr
    assert client.read_text("utf-8") == before.replace("https://api.library.example/v2", "https://other.example/v3")
    assert '"/v3/contacts"' in (imported.cwd / "tests/stand_in.py").read_text("utf-8")
    assert imported("import", "--update", source, "--check").returncode == 0


def test_a_route_of_the_user_is_named_with_its_line(imported: Stacksync, described: Describe) -> None:
    route = imported.cwd / MODULES / "add_note/v1/route.py"
    route.write_text("# mine\n" + route.read_text("utf-8"))
    commit(imported)
    before = route.read_text("utf-8")

    done = imported("import", "--update", described((f"{NOTE} weight", {"type": "number"})), "--yes")

    line = "src/modules/add_note/v1/route.py:8: is yours and stays as it is; "
    assert f"finding: {line}POST /members/{{member_id}}/notes changed: body/weight: new" in done.stdout.splitlines()
    assert route.read_text("utf-8") == before


def test_what_a_newer_mapper_makes_is_shown_apart(imported: Stacksync, described: Describe) -> None:
    file = imported.cwd / STORE / "add_note.json"
    stored = json.loads(file.read_text("utf-8"))
    stored["mapper"] = 0
    stored["form"]["fields"][1]["default"] = "older"
    file.write_text(json.dumps(stored))
    commit(imported)

    done = imported("import", "--update", described((f"{NOTE} weight", {"type": "number"})), "--check")

    assert done.stdout.splitlines()[:5] == [
        "POST /members/{member_id}/notes (add_note)",
        "  fine  DIF031  body/weight: new",
        "Made otherwise by this release of stacksync, by overrides, or by what other operations have:",
        "POST /members/{member_id}/notes (add_note)",
        "  to look at  DIF020  text: default removed (older)",
    ]


@pytest.mark.parametrize(
    "arguments, fault",
    [
        (("--update", "nowhere.yaml"), "nowhere.yaml"),
        (("--undo",), "Error: There is no update of an API to undo.\n"),
        (
            ("--update", str(LIBRARY), "--name", "crm"),
            "Error: There is no API 'crm' in src/api.\nTIP: --name library\n",
        ),
    ],
)
def test_what_is_not_there_is_told(imported: Stacksync, arguments: tuple[str, ...], fault: str) -> None:
    done = imported("import", *arguments)

    assert done.returncode in (1, 2)
    assert fault in done.stderr
    assert "Traceback" not in done.stderr


def test_another_api_is_not_taken_for_this_one(imported: Stacksync, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "O"}, "paths": {"/o": {"get": {}}}}))

    done = imported("import", "--update", str(other), "--yes", "--in-place")

    fault = f"Error: {other} has no operation of library, so it seems to be another API; nothing was changed."
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, fault)
    assert git(imported, "status", "--porcelain") == ""


def test_what_no_commit_holds_is_not_updated(imported: Stacksync, described: Describe) -> None:
    (imported.cwd / "mine.txt").write_text("mine")

    done = imported("import", "--update", described((FORM, "application/json")), "--yes")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: There are uncommitted changes: mine.txt.\n")


MUSEUM = sorted(HISTORY.glob("museum-*.yaml"))


@pytest.mark.skipif(not MUSEUM, reason="needs the histories of real APIs")
def test_a_history_is_followed_and_no_edit_is_lost(connector: Stacksync) -> None:
    connector = replace(connector, environment=connector.environment | git_settings(IDENTITY))
    git(connector, "init", "--quiet")
    first, *rest = MUSEUM
    connector.json("import", "openapi", str(first), "--all", "--as", "actions", "--name", "museum")
    modules = sorted(each.parent.parent for each in connector.cwd.glob("src/modules/*/v1/schema.json"))
    for number, source in enumerate(rest):
        for module in modules:
            schema, route = module / "v1/schema.json", module / "v1/route.py"
            form = json.loads(schema.read_text("utf-8"))
            if form["fields"]:
                form["fields"][number % len(form["fields"])]["label"] = f"Mine {number}"
            schema.write_text(json.dumps(form, indent=2, ensure_ascii=False) + "\n", "utf-8")
            route.write_text(route.read_text("utf-8") + f"# mine {number}\n", "utf-8")
        before = {name: each for name, each in snapshot(connector.cwd).items() if name.endswith("route.py")}
        forms = {each: json.loads((each / "v1/schema.json").read_text("utf-8")) for each in modules}
        commit(connector)

        held, description = held_api(Connector(connector.cwd)), described_in(source)
        update_api(Connector(connector.cwd), drift(held, description), Allowed(in_place=True, accept_server=True))

        after = snapshot(connector.cwd)
        assert {name: after[name] for name in before} == before
        for module, form in forms.items():
            made = {each["id"]: each for each in json.loads((module / "v1/schema.json").read_text("utf-8"))["fields"]}
            for each in form["fields"]:
                assert not each["label"].startswith("Mine") or made[each["id"]]["label"] == each["label"]
        assert not drift(held_api(Connector(connector.cwd)), description).is_something


def test_an_import_from_before_readings_is_compared_by_its_forms(imported: Stacksync, described: Describe) -> None:
    file = imported.cwd / STORE / "add_note.json"
    stored = json.loads(file.read_text("utf-8"))
    del stored["reading"]
    file.write_text(json.dumps(stored))

    assert imported("import", "--update", str(LIBRARY), "--check").returncode == 0
    done = imported("import", "--update", described((f"{NOTE} stars", GONE)), "--check")

    assert done.stdout.splitlines()[:2] == [
        "POST /members/{member_id}/notes (add_note)",
        "  breaking  DIF003  stars: gone",
    ]


def test_texts_of_a_description_are_shown_in_one_line(imported: Stacksync, described: Describe) -> None:
    hostile = "/x\x1b[2J\nfine  added\u202e"
    source = described(
        ("paths " + hostile.replace(" ", "\t"), {"get": {"responses": {}}}),
        (f"{NOTE} a\x1b[31mb", {"type": "string", "enum": ["\x1b]0;x\x07", "b\nc"]}),
        (f"{LIST} 4 schema default", "\x1b[2J\n20"),
    )

    done = imported("import", "--update", source, "--check")

    assert done.returncode == 1
    assert not [each for each in done.stdout if each != "\n" and not each.isprintable()]


def test_a_form_written_in_a_way_of_its_own_waits_until_it_is_formatted(
    imported: Stacksync, described: Describe
) -> None:
    schema = imported.cwd / MODULES / "add_note/v1/schema.json"
    schema.write_text(json.dumps(json.loads(schema.read_text("utf-8"))))
    commit(imported)
    before = schema.read_bytes()
    source = described((f"{NOTE} weight", {"type": "number"}))

    done = imported("import", "--update", source, "--yes")

    told = "is written in a way of your own: format it as JSON, then update again"
    assert f"finding: {MODULES}/add_note/v1/schema.json:1: {told}" in done.stdout.splitlines()
    assert "left as it was, because of its form: add_note" in done.stdout.splitlines()
    assert (done.returncode, schema.read_bytes()) == (1, before)
    schema.write_text(json.dumps(json.loads(before), indent=4))
    commit(imported)
    assert imported("import", "--update", source, "--yes").returncode == 0
    assert "weight" in [each["id"] for each in json.loads(schema.read_text("utf-8"))["fields"]]
