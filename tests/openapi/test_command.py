"""`stacksync import openapi`: what it lists, asks for, makes and leaves alone."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.description import Description
from stacksync.openapi.mapping import Mapper
from tests.conftest import Stacksync, git_settings, isolated, snapshot
from tests.openapi.bodies import Bodies
from tests.openapi.conftest import IS_SWEPT, LIBRARY, SOME
from tests.test_add_module import without_python_path

SOURCE = str(LIBRARY)
SERVER = "https://api.library.example/v2"
ACTIONS = ["replace_book", "add_note", "search_shelves", "order_shelves"]
RECORDS = ["list_records", "get_records", "create_records", "update_records", "delete_records"]
STORED = ["create_book", "delete_book", "get_book", "lend_a_book", "list_books", "list_loans", "update_book"]


@pytest.fixture(scope="module")
def imported(made_connector: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Stacksync:
    """Return a connector into which the library was imported; it is read, never changed."""
    folder = tmp_path_factory.mktemp("imported") / "crm"
    shutil.copytree(made_connector, folder, symlinks=True)
    environment = isolated(folder.parent / "home") | git_settings({"user.name": "T", "user.email": "t@localhost"})
    command = Stacksync(folder, environment | {"PYTHONPATH": str(project / "cli")})
    report = command.json("import", "openapi", SOURCE, "--yes")
    assert [each["module"] for each in report["modules"]] == [*ACTIONS, *RECORDS]
    return command


def run(connector: Stacksync, *arguments: str) -> str:
    """Run a tool as the connector's developers do."""
    command = [sys.executable, "-m", *arguments]
    environment = without_python_path(connector.environment)
    done = subprocess.run(
        command, cwd=connector.cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_lists_what_operations_would_become(stacksync: Stacksync) -> None:
    done = stacksync("import", "openapi", SOURCE, "--list", "--select", "tag:shelves", "--select", "P* /books/*")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "PUT /books/{bookId}        replace_book, 18 fields",
        "PATCH /books/{bookId}      update_records, 7 fields",
        "PUT /books/{bookId}/cover  - it needs a file, Image, and files are not sent yet",
        "POST /shelves/search       search_shelves, 5 fields",
        "PUT /shelves/order         order_shelves, 1 field",
        "",
        "5 operations, 4 of which can be imported.",
        "warning: #/components/schemas/Nowhere leads nowhere.",
    ]


def test_lists_as_json(stacksync: Stacksync) -> None:
    report = stacksync.json("import", "openapi", SOURCE, "--list", "--select", "createBook")

    (row,) = report["operations"]
    assert (row["operation"], row["module"], row["becomes"]) == ("POST /books", "create_records", "records")


def test_everything_made_is_right_and_its_tests_pass(imported: Stacksync) -> None:
    assert imported.json("check", "--strict")["findings"] == []
    run(imported, "ruff", "check", ".")
    run(imported, "ruff", "format", "--check", ".")
    run(imported, "mypy", ".")
    passed = run(imported, "pytest", "-q", "-p", "no:cacheprovider", "src/modules", "tests")
    assert " failed" not in passed


def test_what_its_tests_send_is_what_the_description_describes(imported: Stacksync, library: Description) -> None:
    bodies, checked = Bodies(library), 0
    for operation in Mapper(library).operations:
        for file in imported.cwd.glob("src/modules/*/v1/tests/requests.json"):
            held = json.loads(file.read_text("utf-8"))
            if held["asked"] != operation.address or not operation.body or operation.body.encoding != "json":
                continue
            for request in held["requests"].values():
                assert request["body"] is None or bodies.fits(operation.body.schema, request["body"])
                checked += 1
    assert checked == 5


def test_an_untouched_client_is_set(imported: Stacksync) -> None:
    client = (imported.cwd / "src/api_client.py").read_text("utf-8")

    assert 'BASE_URL = "https://api.library.example/v2"\n' in client
    assert 'ApiKeyAuth(key, header="X-Library-Key")' in client
    assert "auth: api_key\n" in (imported.cwd / ".copier-answers.yml").read_text("utf-8")


def test_forms_ask_for_a_connection(imported: Stacksync) -> None:
    def form(module: str) -> Any:
        return json.loads((imported.cwd / f"src/modules/{module}/v1/schema.json").read_text("utf-8"))

    assert form("get_records")["connections"]["required"] is True
    assert form("add_note")["connections"]["required"] is True


def test_dropdowns_come_from_lists(imported: Stacksync) -> None:
    form = json.loads((imported.cwd / "src/modules/replace_book/v1/schema.json").read_text("utf-8"))
    plan = json.loads((imported.cwd / "src/api/library/replace_book.json").read_text("utf-8"))["plan"]

    field = form["fields"][0]
    assert field["content"]["content_objects"] == [{"id": "book_id_choices"}]
    assert plan["choices"] == {"bookId": {"label": "title", "operation": "list_books", "value": "id"}}


def test_what_is_stored_is_sorted_and_names_no_path_of_this_machine(imported: Stacksync) -> None:
    files = sorted((imported.cwd / "src/api/library").glob("*.json"))
    assert [file.stem for file in files] == sorted([*ACTIONS, *STORED, "api", "resources"])
    for file in files:
        text = file.read_text("utf-8")
        assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        assert str(LIBRARY.parent) not in text
    about = json.loads((imported.cwd / "src/api/library/api.json").read_text("utf-8"))
    assert (about["source"], about["mapper"], about["server"]) == ("library.yaml", 1, "https://api.library.example/v2")
    assert about["security"] == {
        "auth": "api_key",
        "details": {"in": "header", "name": "X-Library-Key"},
        "name": "key",
    }


def test_a_dry_run_changes_nothing_and_tells_what_the_import_does(connector: Stacksync) -> None:
    before = snapshot(connector.cwd)

    told = connector.json("import", "openapi", SOURCE, "--select", "addNote", "--dry-run")
    assert snapshot(connector.cwd) == before

    made = connector.json("import", "openapi", SOURCE, "--select", "addNote")
    assert made == told
    new = {name for name, each in snapshot(connector.cwd).items() if before.get(name) != each}
    assert new == set(made["files"])


def test_a_client_and_modules_that_are_somebodys_stay_as_they_are(connector: Stacksync) -> None:
    client = connector.cwd / "src/api_client.py"
    client.write_text(client.read_text("utf-8") + "\n# mine\n")
    connector.json("import", "openapi", SOURCE, "--select", "getBook", "--as", "actions")
    route = connector.cwd / "src/modules/get_book/v1/route.py"
    route.write_text("# mine\n")
    before = snapshot(connector.cwd)

    done = connector("import", "openapi", SOURCE, "--select", "getBook", "--select", "listLoans", "--as", "actions")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:3] == [
        f"note: src/api_client.py is yours and stays as it is. The API begins at {SERVER}: compare BASE_URL.",
        "note: The API wants `auth: api_key`, and this connector has `auth: none`: see documentation/connections.md.",
        "note: get_book was there already, and stays as it is",
    ]
    after = snapshot(connector.cwd)
    changed = sorted(name for name in before if after[name] != before[name])
    assert changed == ["src/api/library/api.json"]


def test_modules_for_records_serve_further_objects_while_they_are_as_they_were_made(connector: Stacksync) -> None:
    first = connector.json("import", "openapi", SOURCE, "--select", "* /books*", "--as", "records")
    assert [each["module"] for each in first["modules"]] == RECORDS
    create = connector.cwd / "src/modules/create_records/v1/route.py"
    create.write_text(create.read_text("utf-8") + "# mine\n")
    before = snapshot(connector.cwd)

    report = connector.json("import", "openapi", SOURCE, "--select", "tag:loans")

    assert (report["modules"], report["extended"], report["kept"]) == ([], ["list_records"], ["create_records"])
    after = snapshot(connector.cwd)
    changed = sorted(name for name in after if after[name] != before.get(name))
    assert changed == [f"src/api/library/{name}.json" for name in ("api", "lend_a_book", "list_loans", "resources")]
    objects = json.loads((connector.cwd / "src/api/library/resources.json").read_text("utf-8"))
    assert list(objects) == ["/books", "/members/{member_id}/loans"]


def test_without_a_terminal_it_must_be_said_what_is_wanted(connector: Stacksync) -> None:
    done = connector("import", "openapi", SOURCE)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: Which operations are wanted?\nTIP: --select names some, --all takes them all, --list shows them\n"
    )


def test_many_operations_are_asked_for_by_name_or_all(connector: Stacksync, tmp_path: Path) -> None:
    paths: dict[str, Any] = {f"/things/{at}": {"get": {"responses": {}}} for at in range(31)}
    (tmp_path / "many.json").write_text(json.dumps({"openapi": "3.0.0", "paths": paths}))
    before = snapshot(connector.cwd)

    done = connector("import", "openapi", str(tmp_path / "many.json"), "--yes")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: These are 31 operations, more than are imported unasked.\n")
    assert snapshot(connector.cwd) == before
    assert len(connector.json("import", "openapi", str(tmp_path / "many.json"), "--all", "--dry-run")["modules"]) == 31


@pytest.mark.parametrize(
    "arguments, fault",
    [
        (("--select", "getBok"), "Error: --select 'getBok' matches no operation.\nTIP: did you mean 'getBook'?\n"),
        (("--all", "--auth", "other"), "Error: The description has no security scheme 'other'. It has: key.\n"),
        (
            ("--all", "--server", "eu"),
            "Error: No server of the description has 'eu' in its address.\nTIP: --server https://api.library.example/v2\n",
        ),
        (
            ("--all", "--name", "../x"),
            "Error: --name '../x' must be lowercase letters, digits and underscores, a letter first.\n",
        ),
    ],
)
def test_what_is_not_there_is_told(connector: Stacksync, arguments: tuple[str, ...], fault: str) -> None:
    done = connector("import", "openapi", SOURCE, *arguments)

    assert (done.returncode, done.stderr) == (2, fault)


# What operations become by default, and all of them as actions or as records.
KINDS = ["", "actions", "records"] if IS_SWEPT else [""]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", SOME, ids=lambda file: file.stem)
def test_modules_of_real_apis_are_right_and_their_tests_pass(connector: Stacksync, file: Path, kind: str) -> None:
    for example in ("create_contacts", "new_empty_action"):
        shutil.rmtree(connector.cwd / "src/modules" / example)
    connector.json("import", "openapi", str(file), "--all", *(["--as", kind] if kind else []))

    assert connector.json("check", "--strict")["findings"] == []
    run(connector, "ruff", "check", ".")
    run(connector, "ruff", "format", "--check", ".")
    if IS_SWEPT:
        run(connector, "mypy", ".")
    run(connector, "pytest", "-q", "-p", "no:cacheprovider", "src/modules", "tests")
