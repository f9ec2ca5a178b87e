import gc
import io
import json

import pytest

from tests.runtime.conftest import Build

ECHO = (
    "@module.execute\ndef execute(request): return {'data': request.data, 'credentials': dict(request.credentials)}\n"
)
EMPTY: dict[str, object] = {"data": {}, "credentials": {}}
JSON = "application/json"


@pytest.mark.parametrize(
    "body,content_type,seen",
    [
        ('{"data": {"a": 1}}', JSON, {"data": {"a": 1}, "credentials": {}}),
        ('{"data": {"a": 1}}', "application/json; charset=utf-8", {"data": {"a": 1}, "credentials": {}}),
        ('{"data": {"a": 1}}', "application/vnd.api+json", {"data": {"a": 1}, "credentials": {}}),
        ('{"data": {"a": 1}}', None, {"data": {"a": 1}, "credentials": {}}),
        ('\ufeff{"data": {"a": 1}}', JSON, {"data": {"a": 1}, "credentials": {}}),
        ('{"data": {"a": 1, "a": 2}, "other": 3}', JSON, {"data": {"a": 2}, "credentials": {}}),
        ('{"credentials": {"connection_data": {"value": {"k": 1}}}}', JSON, {"data": {}, "credentials": {"k": 1}}),
        ('{"credentials": {"connection_data": {"value": null}}}', JSON, EMPTY),
        ('{"credentials": {"connection_data": null}}', JSON, EMPTY),
        ('{"credentials": null, "data": null}', JSON, EMPTY),
        ("null", JSON, EMPTY),
        ("", JSON, EMPTY),
        (" \n", JSON, EMPTY),
        ("", None, EMPTY),
        ("", "text/plain", EMPTY),
    ],
)
def test_accepted(one: Build, body: str, content_type: str | None, seen: object):
    reply = one(ECHO).post("/m/v1/execute", data=body.encode(), content_type=content_type)
    assert (reply.status_code, reply.json) == (200, {"data": seen})


@pytest.mark.parametrize(
    "body,message",
    [
        ("{", "Request body is not valid JSON: "),
        ("data=1", "Request body is not valid JSON: "),
        ("\x00", "Request body is not valid JSON: "),
        ('{"a": NaN}', "Request body is not valid JSON: NaN is not JSON"),
        ('{"a": -Infinity}', "Request body is not valid JSON: -Infinity is not JSON"),
        ('{"a": 1e999}', "Request body is not valid JSON: 1e999 is out of range"),
        ('{"a": ' + "9" * 5000 + "}", "Request body is not valid JSON: "),
        ('{"a": ' + "[" * 201 + "]" * 201 + "}", "Request body is not valid JSON: nested deeper than 200 levels"),
        ("[" * 100_000, "Request body is not valid JSON: nested deeper than 200 levels"),
        ("[]", "Request body must be a JSON object"),
        ('"text"', "Request body must be a JSON object"),
        ("0", "Request body must be a JSON object"),
        ("false", "Request body must be a JSON object"),
        ('{"credentials": []}', "`credentials` in the request body must be a JSON object"),
        ('{"credentials": {"connection_data": 1}}', "`connection_data` in credentials must be a JSON object"),
        ('{"data": [1]}', "`data` must be a JSON object"),
        ('{"data": "text"}', "`data` must be a JSON object"),
    ],
)
def test_refused_with_400(one: Build, body: str, message: str):
    reply = one(ECHO).post("/m/v1/execute", data=body, content_type=JSON)
    assert reply.status_code == 400
    assert reply.json["error"].startswith(message)
    assert reply.json["metadata"]["type"] == "validation_error"


def test_bytes_that_are_no_text_are_refused(one: Build):
    reply = one(ECHO).post("/m/v1/execute", data=b'{"data": "\xff"}', content_type=JSON)
    assert reply.status_code == 400


def test_as_deep_as_allowed(one: Build):
    nested = "[" * 198 + "]" * 198
    reply = one(ECHO).post("/m/v1/execute", data=f'{{"data": {{"a": {nested}}}}}', content_type=JSON)
    assert reply.status_code == 200
    assert reply.json["data"]["data"] == {"a": json.loads(nested)}


@pytest.mark.parametrize("path", ["execute", "content"])
@pytest.mark.parametrize("body", ["{", "[]"])
def test_no_handler_runs_on_a_broken_body(one: Build, path: str, body: str):
    code = (
        "@module.execute\ndef execute(request): raise SystemError('ran')\n"
        "@module.content('a')\ndef a(request): raise SystemError('ran')\n"
    )
    assert one(code).post(f"/m/v1/{path}", data=body, content_type=JSON).status_code == 400


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
def test_other_content_types_are_refused(one: Build, content_type: str):
    reply = one(ECHO).post("/m/v1/execute", data=b"data=1", content_type=content_type)
    assert reply.status_code == 415
    assert reply.json["error"] == f"Send JSON: the content type is {content_type}, not application/json."


def test_a_body_over_the_limit_is_refused(build: Build):
    config = "app_settings: {app_type: shop}\nruntime_settings: {max_body_mb: 0.001}\n"
    code = "from src.runtime import *\nmodule = Module(__name__)\n" + ECHO
    client = build({"/app_config.yaml": config, "m/v1/route.py": code})
    assert client.post("/m/v1/execute", json={"data": {"a": "x" * 900}}).status_code == 200
    reply = client.post("/m/v1/execute", json={"data": {"a": "x" * 1100}})
    assert (reply.status_code, reply.json["data"]["code"]) == (413, 413)


def test_numbers_and_texts_come_through_unchanged(one: Build):
    data = {"big": 123456789012345678901234567890, "text": "Zoë 中 😀", "float": 0.1, "lone": "\ud800"}
    reply = one(ECHO).post("/m/v1/execute", json={"data": data})
    assert reply.json["data"]["data"] == data
    assert reply.data.isascii()


def test_everything_else_is_flasks(one: Build):
    code = "@module.execute\ndef execute(request): return [request.method, request.args['q'], request.request_data]\n"
    reply = one(code).post("/m/v1/execute?q=1", json={"data": {}, "more": 2})
    assert reply.json == {"data": ["POST", "1", {"data": {}, "more": 2}]}


def test_an_attribute_that_nobody_has_is_named(one: Build):
    code = "@module.execute\ndef execute(request): return hasattr(request, 'no_such_thing')\n"
    assert one(code).post("/m/v1/execute", json={}).json == {"data": False}


@pytest.mark.parametrize("answer", ["return {}", "raise ManagedError('no')"])
def test_an_answered_request_is_not_left_to_the_garbage_collector(one: Build, answer: str):
    code = f"""import flask, weakref
@module.execute
def execute(request):
    flask.current_app.extensions["seen"] = weakref.ref(request)
    {answer}
"""
    client = one(code)
    gc.disable()
    try:
        client.post("/m/v1/execute", json={"data": {"a": "x"}}).close()
        assert client.application.extensions["seen"]() is None
    finally:
        gc.enable()


READING = """import flask
@module.route("/raw", methods=["POST"])
def raw():
    got = flask.request
    return READ
"""


@pytest.mark.parametrize("terminated", [True, False])
@pytest.mark.parametrize(
    "read,seen",
    [
        ("[got.get_data(as_text=True), got.get_data().decode(), got.stream.read().decode()]", ["a=1", "a=1", ""]),
        ("[got.stream.read().decode(), got.get_data().decode()]", ["a=1", ""]),
        ("[got.get_data(cache=False).decode(), got.get_data().decode()]", ["a=1", ""]),
        ("[got.form['a'], got.get_data().decode()]", ["1", ""]),
        ("[got.get_data().decode(), got.form['a']]", ["a=1", "1"]),
        ("[got.get_data(parse_form_data=True).decode(), got.form['a']]", ["", "1"]),
    ],
)
def test_a_body_is_read_as_flask_has_it(one: Build, terminated: bool, read: str, seen: list[str]):
    reply = one(READING.replace("READ", read)).post(
        "/m/v1/raw",
        data=b"a=1",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": terminated} if terminated else {},
    )
    assert reply.json == {"data": seen}


def test_a_body_that_breaks_off_is_the_callers_fault(one: Build):
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            raise ConnectionResetError

    client = one(ECHO)
    overrides = {"wsgi.input": Broken(), "wsgi.input_terminated": True, "CONTENT_LENGTH": "9", "CONTENT_TYPE": JSON}
    assert client.post("/m/v1/execute", environ_overrides=overrides).status_code == 400
