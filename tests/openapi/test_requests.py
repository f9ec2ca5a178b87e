"""From a form's data to a request: encodings, styles, what is left empty, and what cannot be read."""

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from stacksync.openapi.mapping import Mapped
from stacksync.openapi.reader.call import MISSING, Call
from stacksync.openapi.reader.plan import call_of


def called(mapped: Mapped, **data: Any) -> Call:
    return call_of(mapped.plan, data)


def prepared(call: Call) -> requests.PreparedRequest:
    return requests.Request(call.method, f"https://api.example.com{call.path}", **call.arguments).prepare()


def test_what_is_left_empty_is_not_sent(mapped: dict[str, Mapped]) -> None:
    data = {"title": "Emma", "pages": "474", "subtitle": "", "genres": " , ", "publisher": {"address": {"city": ""}}}

    assert called(mapped["createBook"], **data, copies=[{}]).body == {"title": "Emma", "pages": 474}


def test_texts_become_what_the_api_holds(mapped: dict[str, Mapped]) -> None:
    body = called(
        mapped["createBook"],
        title="12",
        pages=" 474 ",
        in_stock="False",
        genres='["novel", "sea, stories"]',
        publisher={"name": "Murray", "address": {"city": "London"}},
        copies=[{"shelf": "12", "worn": "true"}, {"shelf": ""}],
        cover_kind="plain",
        cover_plain={"colour": "red"},
        rating="4",
        shelf_mark='{"row": 1}',
    ).body

    assert body == {
        "title": "12",
        "pages": 474,
        "in_stock": False,
        "genres": ["novel", "sea, stories"],
        "publisher": {"name": "Murray", "address": {"city": "London"}},
        "copies": [{"shelf": "12", "worn": True}],
        "cover": {"kind": "plain", "colour": "red"},
        "rating": 4,
        "shelf_mark": {"row": 1},
    }
    assert called(mapped["createBook"], title="x", pages="1", rating='"4"').body["rating"] == "4"


def test_more_fields_reach_everything_at_any_depth(mapped: dict[str, Mapped]) -> None:
    more = '{"isbn10": "1", "publisher": {"address": {"zip": null}}, "genres": []}'
    data = {"title": "x", "pages": "1", "publisher": {"address": {"city": "London"}}, "more_fields": more}

    body = called(mapped["createBook"], **data).body

    assert body["publisher"] == {"address": {"city": "London", "zip": None}}
    assert (body["isbn10"], body["genres"]) == ("1", [])


def test_fields_to_clear_are_sent_as_null_or_empty(mapped: dict[str, Mapped]) -> None:
    call = called(mapped["updateBook"], bookId="7", title="New", fields_to_clear="note, subtitle")

    assert (call.method, call.path, call.body) == ("PATCH", "/books/7", {"title": "New", "note": None, "subtitle": ""})


def test_an_update_of_nothing_has_no_body(mapped: dict[str, Mapped]) -> None:
    assert called(mapped["updateBook"], bookId="7").body is MISSING


def test_parameters_are_written_as_the_api_wants_them(mapped: dict[str, Mapped]) -> None:
    call = called(
        mapped["listBooks"],
        author_id="7",
        genre="novel, poem",
        codes="a,b",
        filter={"lent": "true", "from": "2026-01-31"},
        limit="",
    )

    assert call.query == [
        ("author_id", "7"),
        ("genre", "novel"),
        ("genre", "poem"),
        ("codes", "a,b"),
        ("filter[lent]", "true"),
        ("filter[from]", "2026-01-31"),
    ]
    assert call.headers == {"Library-Version": "2026-01-31"}


def test_a_form_is_encoded_with_brackets(mapped: dict[str, Mapped]) -> None:
    data = {"member_id": "a b", "book_id": "7", "tags": "x, y", "reminder": {"by": "mail", "days": "3"}, "X_Desk": "2"}
    sent = prepared(called(mapped["lend-a-book"], **data))

    assert sent.url == "https://api.example.com/members/a%20b/loans"
    assert sent.body == "book_id=7&tags=x&tags=y&reminder%5Bby%5D=mail&reminder%5Bdays%5D=3"
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent.headers["X-Desk"] == "2"


def test_multipart_has_parts_without_files(mapped: dict[str, Mapped]) -> None:
    sent = prepared(called(mapped["addNote"], member_id="1", text="Hello", stars="5"))

    body: Any = sent.body
    assert b'name="text"\r\n\r\nHello\r\n' in body
    assert b"filename" not in body


@pytest.mark.parametrize(
    "name, data, fault",
    [
        ("createBook", {"title": "x", "pages": "many"}, "pages must be a whole number, not 'many'."),
        ("createBook", {"pages": "1_0"}, "pages must be a whole number, not '1_0'."),
        ("createBook", {"pages": "1.5"}, "pages must be a whole number, not '1.5'."),
        ("createBook", {"in_stock": "perhaps"}, "in_stock must be true or false, not 'perhaps'."),
        ("createBook", {"cover_kind": "other"}, "cover_kind must be one of plain, picture."),
        ("createBook", {"more_fields": "x"}, "more_fields must be JSON."),
        ("createBook", {"more_fields": "[1]"}, "more_fields must be an object, as JSON."),
        ("createBook", {"publisher": "x"}, "publisher must be an object."),
        ("createBook", {"copies": "x"}, "copies must be a list of records."),
        ("createBook", {"copies": ["x"]}, "copies must be a list of records, not of 'x'."),
        ("updateBook", {"bookId": "1", "fields_to_clear": "id"}, "'id' cannot be cleared. These can: subtitle, note."),
        ("getBook", {}, "bookId is missing."),
        ("getBook", {"bookId": ".."}, "bookId must be a whole number, not '..'."),
        ("listLoans", {"member_id": ".."}, "'..' is no member_id."),
        ("searchShelves", {"inner": "[]"}, "inner must be an object, as JSON."),
    ],
)
def test_what_no_field_can_hold_is_told(
    mapped: dict[str, Mapped], name: str, data: Mapping[str, Any], fault: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is what matters
        call_of(mapped[name].plan, data)

    assert str(caught.value) == fault


def test_a_value_cannot_lead_to_another_path_or_add_a_header(mapped: dict[str, Mapped]) -> None:
    assert called(mapped["listLoans"], member_id="../x?y#z").path == "/members/..%2Fx%3Fy%23z/loans"

    plan = {"method": "GET", "path": "/x", "header": [{"field": "h", "name": "H", "type": "string"}]}
    with pytest.raises(ValueError, match="H must be one line of text"):
        call_of(plan, {"h": "a\r\nX-Evil: 1"})
