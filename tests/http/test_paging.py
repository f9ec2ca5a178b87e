"""Lists in pages are read to their end, to a limit, and not for ever."""

import itertools

import pytest
import requests

from src.runtime import ManagedError
from src.runtime.http import CursorPages, LinkPages, NumberedPages, OffsetPages, paginate, session

CURSORS = CursorPages("items", cursor="next")


def read(api, pages, *answers, limit=100, **kwargs):
    if answers:
        api.answer(*answers)
    return list(paginate(session(f"{api.url}/v2"), "things", pages, limit=limit, **kwargs))


def paths(api):
    return [asked.path.removeprefix("/v2/things") for asked in api.asked]


def fail(api, pages, *answers, **kwargs):
    with pytest.raises(ManagedError) as caught:
        read(api, pages, *answers, **kwargs)
    assert caught.value.status_code == 502
    return caught.value.error


@pytest.mark.parametrize("end", [{}, {"next": None}, {"next": ""}, {"next": False}])
def test_cursors(api, answer, end):
    pages = answer(body={"items": [1, 2], "next": "a b"}), answer(body={"items": [3], **end})

    assert read(api, CURSORS, *pages, params={"q": "x"}) == [1, 2, 3]
    assert paths(api) == ["?q=x", "?q=x&cursor=a+b"]


def test_a_cursor_may_be_the_id_of_the_last_item(api, answer):
    pages = CursorPages("data", more="has_more", cursor="data.-1.id", parameter="starting_after")
    first, last = {"data": [{"id": 1}, {"id": 2}], "has_more": True}, {"data": [{"id": 3}], "has_more": False}

    assert [each["id"] for each in read(api, pages, answer(body=first), answer(body=last))] == [1, 2, 3]
    assert paths(api) == ["", "?starting_after=2"]


def test_cursors_of_a_search_are_sent_in_its_body(api, answer):
    pages = CursorPages("results", cursor="paging.next.after", parameter="after", in_body=True)
    first = answer(body={"results": [1], "paging": {"next": {"after": "9"}}})

    assert read(api, pages, first, answer(body={"results": [2]}), params={"q": "x"}) == [1, 2]
    assert [(asked.method, asked.body) for asked in api.asked] == [
        ("POST", b'{"q": "x"}'),
        ("POST", b'{"q": "x", "after": "9"}'),
    ]


def test_numbered_pages_end_with_an_empty_one(api, answer):
    pages = [answer(body={"data": {"rows": rows}}) for rows in ([1, 2], [3], [])]

    assert read(api, NumberedPages("data.rows", size=2), *pages) == [1, 2, 3]
    assert paths(api) == ["?page=1&per_page=2", "?page=2&per_page=2", "?page=3&per_page=2"]


def test_numbered_pages_end_where_the_answer_says_so(api, answer):
    pages = NumberedPages("rows", more="next", parameter="p", size_parameter="n", start=0)

    assert read(api, pages, answer(body={"rows": [1], "next": "/x"}), answer(body={"rows": [2], "next": None})) == [
        1,
        2,
    ]
    assert paths(api) == ["?p=0&n=100", "?p=1&n=100"]


def test_offsets_count_what_came_and_not_what_was_asked_for(api, answer):
    assert read(api, OffsetPages(size=50), answer(body=[1, 2]), answer(body=[3]), answer(body=[])) == [1, 2, 3]
    assert paths(api) == ["?offset=0&limit=50", "?offset=2&limit=50", "?offset=3&limit=50"]


@pytest.mark.parametrize(
    "link", ["{api}/v2/things?page=2&q=x", "/v2/things?page=2&q=x", "?page=2&q=x", "things?page=2&q=x"]
)
def test_links_in_the_header(api, answer, link):
    header = f'<{link.format(api=api.url)}>; rel="next", </last>; rel="last"'

    assert read(api, LinkPages(), answer(body=[1], headers={"Link": header}), answer(body=[2]), params={"q": "x"}) == [
        1,
        2,
    ]
    assert paths(api) == ["?q=x", "?page=2&q=x"]


@pytest.mark.parametrize(
    "name, body", [("links.next", {"links": {"next": "?p=2"}}), ("@odata.nextLink", {"@odata.nextLink": "?p=2"})]
)
def test_links_in_the_body(api, answer, name, body):
    pages = LinkPages("value", link=name)

    assert read(api, pages, answer(body={"value": [1], **body}), answer(body={"value": [2]})) == [1, 2]


def test_a_link_that_a_proxy_made_http_is_followed_over_https():
    answer = requests.Response()
    answer.url = "https://api.example.com/v2/things"
    answer.headers["Link"] = '<http://api.example.com/v2/things?page=2>; rel="next"'

    assert LinkPages().after([], answer, [], ("", {})) == ("https://api.example.com/v2/things?page=2", {})


@pytest.mark.parametrize("limit, asked", [(1, 1), (2, 1), (3, 2), (4, 2), (0, 0), (-1, 0)])
def test_a_limit_asks_for_no_page_too_many(api, answer, limit, asked):
    pages = [answer(body={"items": [n, n + 1], "next": n}) for n in (1, 3, 5)]

    assert read(api, CURSORS, *pages, limit=limit) == [1, 2, 3, 4][: max(limit, 0)]
    assert len(api.asked) == asked


def test_a_limit_below_the_size_asks_for_no_more_than_that(api, answer):
    read(api, OffsetPages(), answer(body=[1, 2, 3]), limit=3)

    assert paths(api) == ["?offset=0&limit=3"]


def test_a_page_is_asked_for_when_the_one_before_is_used_up(api, answer):
    api.answer(answer(body={"items": [1], "next": "a"}))
    items = paginate(session(api.url), "things", CURSORS, limit=5)

    assert api.asked == []
    assert next(items) == 1
    assert len(api.asked) == 1


@pytest.mark.parametrize("link", ["https://elsewhere.example/v2/things", "//elsewhere.example/x", "http://localhost/x"])
def test_a_link_to_another_host_is_not_followed(api, answer, link):
    assert "is not the host of this session, which is 127.0.0.1" in fail(
        api, LinkPages("v", link="next"), answer(body={"v": [1], "next": link})
    )
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "pages", [CURSORS, LinkPages("items", link="next"), NumberedPages("items"), OffsetPages("items", size=1)]
)
def test_the_same_page_again_is_an_error(api, answer, pages):
    error = fail(api, pages, answer(body={"items": [{"id": 1}], "next": "?page=2"}))

    assert error == "127.0.0.1 gave the same page twice, or pages without an end"
    assert len(api.asked) == 2


def test_cursors_that_go_round_in_a_circle_are_an_error(api):
    cursors = itertools.cycle("abc")
    numbers = itertools.count()
    api.reply = lambda asked: {"items": [next(numbers)], "next": next(cursors)}

    fail(api, CURSORS)
    assert len(api.asked) == 4


def test_the_same_cursor_with_an_empty_page_is_the_end(api, answer):
    assert read(api, CURSORS, answer(body={"items": [1], "next": "a"}), answer(body={"items": [], "next": "a"})) == [1]


def test_some_empty_pages_are_passed_over_and_many_are_an_error(api, make_api):
    numbers = itertools.count()
    api.reply = lambda asked: {
        "items": [7] * (next(numbers) == 40),
        "next": None if len(api.asked) > 45 else len(api.asked),
    }
    assert read(api, CURSORS) == [7]

    endless = make_api()
    endless.reply = lambda asked: {"items": [], "next": len(endless.asked)}
    fail(endless, CURSORS)
    assert len(endless.asked) == 51


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": []}])
def test_a_list_that_is_left_out_is_empty(api, answer, body):
    assert read(api, CURSORS, answer(body=body)) == []


@pytest.mark.parametrize("body", [{"items": {}}, {"items": "x"}, [], 7, "x"])
def test_an_answer_without_the_list_is_an_error(api, answer, body):
    assert fail(api, CURSORS, answer(body=body)) == "127.0.0.1 answered without a list in items"


def test_an_error_in_the_middle_is_told_after_the_items_before_it(api, answer):
    api.answer(answer(body={"items": [1], "next": "a"}), answer(500, {"message": "no"}))
    items = paginate(session(api.url), "things", CURSORS, limit=5)

    assert next(items) == 1
    with pytest.raises(ManagedError, match="answered 500: no"):
        next(items)
