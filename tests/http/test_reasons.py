"""The reason that the platform is told is the API's own: one line, without markup, credentials and end."""

import pytest

from src.runtime import ManagedError
from src.runtime.http import ApiError, BearerAuth, session

SECRET = "planted-secret-4711"


def fail(api, answer, *, auth=None, read_error=None, **answered):
    api.answer(answer(**{"status": 422, **answered}))
    with pytest.raises(ApiError) as caught:
        session(api.url, auth, read_error=read_error).get("things")
    return caught.value


JSON_API = {"errors": [{"title": "Invalid", "detail": "Name is required"}, {"detail": "Age is too low"}]}
RAILS = {"errors": {"email": ["is taken", "is invalid"], "title": ["is blank"]}}
GITHUB = {"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing_field"}]}
GOOGLE = {"error": {"code": 400, "message": "c", "errors": [{"message": "c", "domain": "global"}], "status": "INVALID"}}
PROBLEM = {"type": "about:blank", "title": "Bad", "detail": "f", "invalid-params": [{"name": "age", "reason": "low"}]}
FASTAPI = {"detail": [{"loc": ["body", "email"], "msg": "field required", "type": "missing"}]}


@pytest.mark.parametrize(
    "body, reason",
    [
        (JSON_API, "Name is required; Age is too low"),
        (
            {"errors": {"email": ["is taken", "is invalid"], "title": ["is blank"]}},
            "email: is taken, is invalid; title: is blank",
        ),
        ({"errors": {"title": ["is blank"]}}, "title: is blank"),
        ({"errors": {"name": "is blank"}}, "name: is blank"),
        ({"errors": ["Email is blank", "Age is low"]}, "Email is blank; Age is low"),
        ({"errors": "text"}, "text"),
        ({"message": "a"}, "a"),
        ({"Message": "a"}, "a"),
        ([{"message": "b", "errorCode": "X", "fields": ["Email"]}], "b"),
        (GOOGLE, "c"),
        ({"error": {"message": "c", "type": "card_error", "param": "id"}}, "c"),
        ({"error": "invalid_grant", "error_description": "d"}, "invalid_grant: d"),
        ({"error": "e"}, "e"),
        ({"ok": False, "error": "channel_not_found"}, "channel_not_found"),
        ({"error": True, "message": "m"}, "m"),
        (PROBLEM, "f; age: low"),
        ({"title": "Bad", "status": 400}, "Bad"),
        (GITHUB, "Validation Failed; title: missing_field"),
        (FASTAPI, "body.email: field required"),
        ({"email": ["This field is required."], "id": "4"}, "email: This field is required."),
        ({"errorMessages": ["a", "b"], "errors": {"project": "is required"}}, "project: is required; a; b"),
        ({"fault": {"faultstring": "Invalid key", "detail": {"errorcode": "oauth.v2"}}}, "Invalid key; oauth.v2"),
        ({"code": "rest_forbidden"}, "rest_forbidden"),
        ({"message": {"nested": 1}}, ""),
        ({"request_id": "abc", "n": 1}, ""),
        ({"errors": [1, None, {}]}, ""),
        ({}, ""),
        ([], ""),
        ([1], ""),
        (7, ""),
        ("a JSON text", "a JSON text"),
    ],
)
def test_the_reason_is_found_where_apis_put_it(api, answer, body, reason):
    error = fail(api, answer, body=body)

    assert error.reason == reason
    assert error.error == (f"127.0.0.1 answered 422: {reason}" if reason else "127.0.0.1 answered 422")


@pytest.mark.parametrize(
    "content, reason",
    [
        ("No such thing.", "No such thing."),
        ("two\r\nlines\n", "two lines"),
        ("<html><head><title>502 Bad Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        ("<p>No <b>such</b> thing</p><script>alert(1)</script><!-- hidden -->", "No such thing"),
        ("<?xml version='1.0'?><Error><Message>Access Denied</Message></Error>", "Access Denied"),
        ('{"message": "<b>No</b> &lt;i&gt;such&lt;/i&gt; &amp;lt;u&amp;gt;thing"}', "No such thing"),
        ('{"message": "1 < 2 and 3 > 2"}', "1 < 2 and 3 > 2"),
        ('{"message": "\\u001b[31mred\\u001b[0m \\u202egreen\\u2028\\u0007"}', "red green"),
        (b'\xef\xbb\xbf{"message": "with a mark"}', "with a mark"),
        ('{"message": "with a mark"}'.encode("utf-16"), "with a mark"),
        ("Größe".encode(), "Größe"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", ""),
        ("{broken", "{broken"),
        ("", ""),
        (" \n", ""),
        ("[" * 100_000, "[" * 499 + "…"),
        ("x" * 1_000_001, ""),
    ],
)
def test_a_reason_is_a_line_of_plain_text(api, answer, content, reason):
    assert fail(api, answer, content=content).reason == reason


def test_an_error_in_latin_1_is_read_where_the_api_says_so(api, answer):
    headers = {"Content-Type": "text/plain; charset=iso-8859-1"}

    assert fail(api, answer, content="Größe".encode("latin-1"), headers=headers).reason == "Größe"


def test_the_text_is_cut_after_it_was_redacted(api, answer):
    error = fail(api, answer, body={"message": "x" * 471 + f" {SECRET} and more"}, auth=BearerAuth(SECRET))

    assert len(error.error) == 500
    assert error.error.endswith("xxx [re…")


@pytest.mark.parametrize("said", [SECRET, f"<b>{SECRET[:9]}</b>{SECRET[9:]}", f"{SECRET[:9]}&#45;{SECRET[10:]}"])
def test_markup_hides_no_credential(api, answer, said):
    error = fail(api, answer, body={"message": f"key {said}"}, auth=BearerAuth(SECRET))

    assert SECRET not in str(error.error)


def test_a_password_in_an_address_is_taken_out(api, answer):
    error = fail(api, answer, body={"message": "no route to https://ada:secret@db.example.com/?key=4711"})

    assert error.reason == "no route to https://[redacted]@db.example.com/?[redacted]"


def test_headers_and_body_are_for_who_catches_the_error(api, answer):
    body = {"message": "m", "trace": SECRET}
    error = fail(api, answer, status=429, body=body, headers={"X-Trace": "7", "Retry-After": "100"})

    assert (error.status, error.reason, error.retry_after, error.body) == (429, "m", 100, body)
    assert error.headers["x-trace"] == "7"
    assert error.metadata == {"error_type": "service", "service": "127.0.0.1", "status": 429, "retry_after": 100}
    assert SECRET not in f"{error!r} {error.data} {error.metadata}"


def test_an_api_may_have_a_reader_of_its_own(api, answer):
    def read_error(error):
        return f"{error.body['oops'][0]['why']} ({error.status}, {error.headers['X-Trace']})"

    error = fail(api, answer, body={"oops": [{"why": "<b>no</b>"}]}, headers={"X-Trace": "7"}, read_error=read_error)

    assert error.error == "127.0.0.1 answered 422: no (422, 7)"


@pytest.mark.parametrize("read_error", [lambda error: None, lambda error: error.body["oops"], lambda error: 7])
def test_a_reader_that_finds_nothing_hides_nothing(api, answer, read_error):
    assert fail(api, answer, body={"message": "m"}, read_error=read_error).reason == "m"


def test_the_error_is_one_that_handlers_already_catch():
    assert issubclass(ApiError, ManagedError)
