"""What an update takes when it is told to: new versions, new operations, another login; and lines end as they do."""

from tests.conftest import Stacksync, snapshot
from tests.openapi.imported import (
    MODULES,
    NOTE,
    STORE,
    Describe,
    check_tests,
    commit,
    described,
    git,
    imported,
    once_imported,
    read,
)
from tests.openapi.test_drift import GONE, PATCH

__all__ = ["described", "imported", "once_imported"]


def test_what_breaks_waits_until_it_is_said_how_to_take_it(imported: Stacksync, described: Describe) -> None:
    source = described((f"{NOTE} stars", GONE), (f"{PATCH} properties subtitle", GONE))
    names = ("add_note", "update_book")
    before = {name: read(imported, f"{STORE}/{name}.json") for name in names}

    done = imported("import", "--update", source, "--yes")
    assert done.returncode == 1, done.stderr
    said = done.stdout.splitlines()
    assert said[said.index("Nothing was changed.") + 1 :] == [
        "left as it was, because the change is breaking: add_note, update_book",
        "  a new version for it: --add-versions, if a module asks for it; in what is there: --in-place",
    ]
    assert {name: read(imported, f"{STORE}/{name}.json") for name in names} == before

    commit(imported)
    done = imported("import", "--update", source, "--yes", "--add-versions")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: read(imported, f"{STORE}/{name}.json") for name in names} == before
    fields = [each["id"] for each in read(imported, f"{MODULES}/add_note/v2/schema.json")["fields"]]
    assert fields == ["member_id", "text", "more_fields"]
    assert 'operation("library", "add_note_v2")' in (imported.cwd / MODULES / "add_note/v2/route.py").read_text("utf-8")
    own = read(imported, f"{STORE}/resources.json")["/books"]["versions"]
    assert own == {"v2": {"update": "update_book_v2"}}
    sent = [read(imported, f"{MODULES}/update_records/{each}/tests/requests.json")["requests"] for each in ("v1", "v2")]
    assert [("subtitle" in each["books"]["body"]) for each in sent] == [True, False]
    assert imported("import", "--update", source, "--check").returncode == 0
    assert imported.json("check", "--strict")["findings"] == []
    check_tests(imported, "add_note", "update_records")
    commit(imported)
    imported.json("import", "openapi", source, "--yes")
    assert {name: read(imported, f"{STORE}/{name}.json") for name in names} == before
    assert read(imported, f"{STORE}/resources.json")["/books"]["versions"] == own


def test_a_version_that_was_edited_is_named_where_it_is_copied_to(imported: Stacksync, described: Describe) -> None:
    for name in ("add_note", "update_records"):
        route = imported.cwd / MODULES / name / "v1/route.py"
        route.write_text(f"# mine\n{route.read_text('utf-8')}", "utf-8")
    schema = imported.cwd / MODULES / "add_note/v1/schema.json"
    schema.write_text(schema.read_text("utf-8").replace('"label": "Stars"', '"label": "Mine"'), "utf-8")
    commit(imported)
    source = described((f"{NOTE} stars", GONE), (f"{PATCH} properties subtitle", GONE))

    done = imported("import", "--update", source, "--yes", "--add-versions")

    form = (imported.cwd / MODULES / "add_note/v2/schema.json").read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(form, 1) if '"id": "stars"' in text)
    assert [line for line in done.stdout.splitlines() if line.startswith("finding: ")] == [
        f"finding: {MODULES}/add_note/v2/schema.json:{line}: stars is yours and stays as it is",
        (
            f"finding: {MODULES}/add_note/v2/route.py:8: is yours and stays as it is; "
            "POST /members/{member_id}/notes changed: body/stars: gone"
        ),
        (
            f"finding: {MODULES}/update_records/v2/route.py:11: is yours and stays as it is; "
            "PATCH /books/{bookId} changed: body/subtitle: gone"
        ),
    ]
    for name, asked in (("add_note", '"add_note_v2"'), ("update_records", '"update", "v2"')):
        before, after = (
            (imported.cwd / MODULES / name / each / "route.py").read_text("utf-8") for each in ("v1", "v2")
        )
        assert before.startswith("# mine\n")
        assert [line for line in after.splitlines() if line not in before.splitlines()] == [
            line for line in after.splitlines() if asked in line
        ]


def test_records_follow_in_place(imported: Stacksync, described: Describe) -> None:
    name = f"{MODULES}/update_records/v1/tests/requests.json"
    before = read(imported, name)["requests"]["books"]

    done = imported("import", "--update", described((f"{PATCH} properties subtitle", GONE)), "--yes", "--in-place")

    assert done.returncode == 0, done.stdout + done.stderr
    body = {key: value for key, value in before["body"].items() if key != "subtitle"}
    assert read(imported, name)["requests"]["books"] == {**before, "body": body}
    assert body != before["body"]


def test_what_is_new_is_imported_with_the_update(imported: Stacksync, described: Describe) -> None:
    listing = {"operationId": "addNoteV2", "responses": {"200": {"description": "Shelves."}}}
    source = described(("paths /shelves", {"get": listing}), (f"{NOTE} stars", GONE))
    before = snapshot(imported.cwd)

    done = imported("import", "--update", source, "--yes", "--add-versions", "--select", "GET /shelves")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "  imported GET /shelves" in done.stdout.splitlines()
    index = read(imported, f"{STORE}/api.json")["operations"]
    assert {name: index[name] for name in index if name.startswith("add_note")} == {
        "add_note_v2": "GET /shelves",  # what the description calls it, so the new version is not called that
        "add_note_v3": "POST /members/{member_id}/notes",
    }
    for place, name in (("add_note_v2/v1", "add_note_v2"), ("add_note/v2", "add_note_v3")):
        assert f'operation("library", "{name}")' in (imported.cwd / MODULES / place / "route.py").read_text("utf-8")
    assert imported("import", "--update", source, "--check").returncode == 0
    again = imported("import", "--update", source, "--yes", "--select", "GET /shelves")
    told = "Error: --select 'GET /shelves' means only operations that are imported already.\n"
    assert (again.returncode, again.stderr) == (2, told)
    assert imported("import", "--undo").returncode == 0
    assert snapshot(imported.cwd) == before


SCHEME = "components securitySchemes key"
MOVED = ((SCHEME, {"type": "http", "scheme": "basic"}), ("servers 0 url", "https://other.example/v9"))


def test_another_login_is_made_anew_where_nobody_touched_the_client(imported: Stacksync, described: Describe) -> None:
    done = imported("import", "--update", described(*MOVED), "--yes", "--accept-server")

    assert done.returncode == 0, done.stdout + done.stderr
    client = (imported.cwd / "src/api_client.py").read_text("utf-8")
    assert 'BASE_URL = "https://other.example/v9"' in client
    assert "HTTPBasicAuth(username, password)" in client
    assert "auth: basic" in (imported.cwd / ".copier-answers.yml").read_text("utf-8")
    stand_in = (imported.cwd / "tests/stand_in.py").read_text("utf-8")
    assert "Basic " in stand_in
    assert '"/v9/contacts"' in stand_in
    check_tests(imported, "../../tests/test_api_client.py", "add_note")


def test_another_login_is_told_line_by_line_where_the_client_is_edited(
    imported: Stacksync, described: Describe
) -> None:
    client = imported.cwd / "src/api_client.py"
    client.write_text(client.read_text("utf-8") + "# mine\n", "utf-8")
    commit(imported)

    done = imported("import", "--update", described(*MOVED), "--yes", "--accept-server")

    stays = "is yours and stays as it is"
    assert [line for line in done.stdout.splitlines() if line.startswith("finding: ")] == [
        (
            f'finding: src/api_client.py:11: {stays}; server is "https://other.example/v9" now, '
            'and was "https://api.library.example/v2"'
        ),
        f'finding: src/api_client.py:24: {stays}; auth is "basic" now, and was "api_key"',
    ]
    assert git(imported, "status", "--porcelain").split() == ["M", f"{STORE}/api.json"]


def test_lines_end_as_they_do(imported: Stacksync, described: Describe) -> None:
    route, schema = (imported.cwd / MODULES / "add_note/v1" / name for name in ("route.py", "schema.json"))
    for file in (route, schema):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    schema.write_bytes(b"\xef\xbb\xbf" + schema.read_bytes())
    (imported.cwd / ".gitattributes").write_text("* -text\n")
    commit(imported)
    before = route.read_bytes()

    done = imported("import", "--update", described((f"{NOTE} weight", {"type": "number"})), "--yes")

    assert (done.returncode, [line for line in done.stdout.splitlines() if "finding" in line]) == (0, [])
    made = schema.read_bytes()
    assert made.startswith(b"\xef\xbb\xbf")
    assert made.count(b"\n") == made.count(b"\r\n") > 40
    assert b'"weight"' in made
    assert route.read_bytes() == before
