"""What a user wants otherwise than the description has it, at the import and later."""

from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import Connector
from stacksync.errors import StacksyncError
from stacksync.openapi.overrides import read_overrides
from tests.conftest import Stacksync
from tests.openapi.conftest import LIBRARY
from tests.openapi.imported import MODULES, STORE, commit, imported, once_imported, read

__all__ = ["imported", "once_imported"]

WANTED = """\
PUT /books/{bookId}:
  fields:
    title: {label: Name of the book, description: As on its cover.}
    publisher/name: {label: House}
    in_stock: {hidden: true}
    bookId: {from: GET /books, show: note}
  order: [pages, title]
"""


def override(connector: Stacksync, text: str) -> Path:
    file = connector.cwd / STORE / "overrides.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def check_form(connector: Stacksync) -> None:
    form = read(connector, f"{MODULES}/replace_book/v1/schema.json")
    fields: dict[str, Any] = {each["id"]: each for each in form["fields"]}
    assert form["ui_options"]["ui_order"][:2] == ["pages", "title"]
    assert list(fields)[:2] == ["pages", "title"]
    assert (fields["title"]["label"], fields["title"]["description"]) == ("Name of the book", "As on its cover.")
    assert fields["publisher"]["fields"][0]["label"] == "House"
    assert fields["in_stock"]["ui_options"]["ui_widget"] == "hidden"
    assert fields["bookId"]["content"]["content_objects"] == [{"id": "book_id_choices"}]
    assert read(connector, f"{STORE}/replace_book.json")["plan"]["choices"] == {
        "bookId": {"label": "note", "operation": "list_books", "value": "id"}
    }


def test_an_import_follows_them(connector: Stacksync) -> None:
    file = override(connector, WANTED)

    connector.json("import", "openapi", str(LIBRARY), "--select", "replaceBook", "--as", "actions")

    check_form(connector)
    assert connector.json("check", "--strict")["findings"] == []
    assert file.read_text() == WANTED


def test_an_update_follows_them(imported: Stacksync) -> None:
    override(imported, WANTED)
    commit(imported)

    done = imported("import", "--update", str(LIBRARY), "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "PUT /books/{bookId} (replace_book)" in done.stdout
    check_form(imported)
    assert imported("import", "--update", str(LIBRARY), "--check").returncode == 0


def test_what_is_not_there_is_told_with_its_line(imported: Stacksync) -> None:
    override(
        imported,
        "PUT /books/{bookId}:\n  fields:\n    titel: {label: Name}\n    title: {hidden: true}\n"
        "    bookId: {from: GET /nowhere}\n",
    )
    commit(imported)

    done = imported("import", "--update", str(LIBRARY), "--check")

    place = f"warning: {STORE}/overrides.yaml"
    assert [line for line in done.stdout.splitlines() if line.startswith("warning: ")] == [
        f"{place}:5: GET /nowhere lists no records.",
        f"{place}:3: PUT /books/{{bookId}} has no field 'titel'.",
        f"{place}:4: 'title' is required, and stays shown: to hide it, give it a default.",
    ]


@pytest.mark.parametrize(
    "text, fault",
    [
        ("- a", "1: it must name operations, each by method and path."),
        ("false", "1: it must name operations, each by method and path."),
        ("1: {}", "1: an operation is named by method and path."),
        ("GET /books: a", "1: an operation has `fields`, `order`."),
        ("GET /books:\n  felds: {}", "2: unknown key `felds`: did you mean `fields`?"),
        ("GET /books:\n  order: title", "2: `order` must be a list of fields."),
        ("GET /books:\n  fields: [a]", "2: `fields` must name fields."),
        ("GET /books:\n  fields:\n    1: {label: a}", "3: a field's name must be in quotes."),
        ("GET /books:\n  fields:\n    a: {label: 1}", "3: `label` must be a text; put it in quotes."),
        (
            "GET /books:\n  fields:\n    a:\n      label: A\n      lable: B",
            "5: unknown key `lable`: did you mean `label`?",
        ),
        (
            "GET /books:\n  fields:\n    a: {x: 1}",
            "3: unknown key `x`: a field has `label`, `description`, `default`, `hidden`, `from`, `value`, `show`.",
        ),
        ("GET /books:\n  fields:\n    a: {hidden: 'yes'}", "3: `hidden` must be true or false."),
        (
            "GET /books:\n  fields:\n    a: {default: 2020-01-01}",
            "3: `default` must be a text, a number, true or false; put it in quotes.",
        ),
        (
            "GET /books:\n  fields:\n    a: {default: .nan}",
            "3: `default` must be a text, a number, true or false; put it in quotes.",
        ),
        (
            "GET /books:\n  fields:\n    a: {show: name}",
            "3: `value` and `show` say what is taken of a list, which `from` names.",
        ),
        ("GET /books: {}\nGET /books: {}", "2: 'GET /books' stands there twice."),
        ("GET /books: {", "2: not valid YAML: did not find expected node content."),
        ("a: &a [1]\nb: [*c]", "2: not valid YAML: found undefined alias."),
    ],
)
def test_what_is_written_otherwise_is_refused_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    folder = tmp_path / STORE
    folder.mkdir(parents=True)
    (folder / "overrides.yaml").write_text(text)

    with pytest.raises(StacksyncError) as raised:
        read_overrides(Connector(tmp_path), "library")

    assert str(raised.value) == f"{STORE}/overrides.yaml:{fault}"


def test_a_list_follows_them_and_tells_what_the_api_does_not_have(imported: Stacksync) -> None:
    override(imported, "GET /book:\n  order: [title]\nPOST /books:\n  fields: {titel: {label: A}}\n  order: [titles]\n")

    report = imported.json("import", "openapi", str(LIBRARY), "--list")

    place = f"{STORE}/overrides.yaml"
    assert report["warnings"] == [
        f"{place}:1: the API has no 'GET /book'; did you mean 'GET /books'?",
        f"{place}:4: POST /books has no field 'titel'.",
        f"{place}:5: POST /books has no field 'titles' to put in order.",
    ]
