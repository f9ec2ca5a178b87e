"""Resources and the modules that work on their records, with the plans of a description as their source."""

from pathlib import Path
from typing import Any

import pytest

from stacksync.openapi.description import Description, read_description
from stacksync.openapi.enriching import Catalogue
from stacksync.openapi.mapping import Mapper
from stacksync.openapi.resources import resources_of
from tests.openapi.conftest import REAL, Reader


@pytest.fixture(scope="module")
def catalogue(library: Description) -> Catalogue:
    return Catalogue(Mapper(library))


@pytest.fixture(scope="module")
def records(catalogue: Catalogue, reader: Reader) -> Any:
    """Return the modules for records of the library."""
    reader.store(catalogue, "library")
    return reader.records


def ids(fields: list[Any]) -> list[str]:
    return [each["id"] for each in fields]


def test_resources_are_recognised_by_their_paths(catalogue: Catalogue) -> None:
    books, loans = resources_of(catalogue)

    assert (books.path, books.key, books.label) == ("/books", "books", "Books")
    assert {name: each.address for name, each in books.operations.items()} == {
        "list": "GET /books",
        "get": "GET /books/{bookId}",
        "create": "POST /books",
        "update": "PATCH /books/{bookId}",  # before PUT, which is an action then
        "delete": "DELETE /books/{bookId}",
    }
    assert (loans.path, loans.key, loans.label) == ("/members/{member_id}/loans", "loans", "Members › Loans")
    assert list(loans.operations) == ["list", "create"]


def test_the_fields_of_an_object_are_those_that_are_stored(records: Any) -> None:
    create = records("library", "create")

    assert [(each.value, each.label) for each in create.objects()] == [
        ("/books", "Books"),
        ("/members/{member_id}/loans", "Members › Loans"),
    ]
    assert create.fields("") == []
    (rows,) = create.fields("/books")
    assert rows["id"] == "books_rows"
    assert rows["items"]["ui_options"]["ui_order"][:2] == ["title", "pages"]


def test_ids_of_parents_come_before_the_records(records: Any) -> None:
    assert ids(records("library", "create").fields("/members/{member_id}/loans")) == [
        "loans_member_id",
        "loans_X_Desk",
        "loans_rows",
    ]
    assert ids(records("library", "list").fields("/members/{member_id}/loans")) == ["loans_member_id", "loans_limit"]


def test_an_update_has_the_id_in_each_record_and_a_deletion_has_ids(records: Any) -> None:
    (rows,) = records("library", "update").fields("/books")
    order = rows["items"]["ui_options"]["ui_order"]
    assert order == ["bookId", "title", "subtitle", "note", "in_stock", "fields_to_clear", "more_fields"]

    assert ids(records("library", "delete").fields("/books")) == ["books_ids"]


def test_the_id_of_one_record_is_a_dropdown_of_the_list(records: Any) -> None:
    (field,) = records("library", "get").fields("/books")

    assert field["id"] == "books_bookId"
    assert field["content"]["content_objects"] == [
        {"id": "first_id", "content_object_depends_on_fields": [{"id": "select_object"}]}
    ]


def test_pages_are_nobodys_to_fill_in(records: Any) -> None:
    filters, limit = records("library", "list").fields("/books")

    assert filters["ui_options"]["ui_order"] == ["author_id", "genre", "codes", "filter", "limit"]
    assert limit["id"] == "books_limit"


@pytest.mark.skipif(not REAL, reason="the descriptions of real APIs are not here")
@pytest.mark.parametrize("file", REAL, ids=lambda file: file.stem)
def test_resources_of_real_apis_have_keys_of_their_own(file: Path) -> None:
    found = resources_of(Catalogue(Mapper(read_description(str(file)))))

    assert len({each.key for each in found}) == len(found)
    assert all(len(each.operations) > 1 for each in found)
