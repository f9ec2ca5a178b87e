import pytest

from tests.runtime.conftest import Build

IMPORTS = "import datetime, decimal, uuid, dataclasses, flask\n@dataclasses.dataclass\nclass Row:\n    a: int\n"


def returning(one: Build, expression: str):
    code = f"{IMPORTS}@module.execute\ndef execute(request): return {expression}\n"
    return one(code).post("/m/v1/execute", json={})


@pytest.mark.parametrize(
    "expression,status,body",
    [
        ("Response()", 200, {"data": None}),
        ("Response({'a': 1})", 200, {"data": {"a": 1}}),
        ("Response([{'id': 1}], {'rows': 1})", 200, {"data": [{"id": 1}], "metadata": {"rows": 1}}),
        ("Response([], {})", 200, {"data": []}),
        ("Response({'m': 1}, status_code=422)", 422, {"data": {"m": 1}}),
        ("Response(True)", 200, {"data": True}),
        (
            "Response.success(data={'a': 1}, metadata={'m': 2}, status_code=201)",
            201,
            {"data": {"a": 1}, "metadata": {"m": 2}},
        ),
        ("{'a': 1}", 200, {"data": {"a": 1}}),
        ("{'data': {'a': 1}}", 200, {"data": {"data": {"a": 1}}}),
        ("{}", 200, {"data": {}}),
        ("[1, 2]", 200, {"data": [1, 2]}),
        ("'text'", 200, {"data": "text"}),
        ("5", 200, {"data": 5}),
        ("False", 200, {"data": False}),
        ("({'a': 1}, 202)", 202, {"data": {"a": 1}}),
        ("(Response({'a': 1}), 202)", 202, {"data": {"a": 1}}),
        ("flask.jsonify({'raw': True})", 200, {"raw": True}),
        ("(flask.jsonify({'raw': True}), 203)", 203, {"raw": True}),
        ("{1: 'one', 'a': 2}", 200, {"data": {"1": "one", "a": 2}}),
        ("Row(1)", 200, {"data": {"a": 1}}),
        ("decimal.Decimal('1.10')", 200, {"data": "1.10"}),
        ("uuid.UUID(int=1)", 200, {"data": "00000000-0000-0000-0000-000000000001"}),
        ("datetime.date(2024, 1, 2)", 200, {"data": "Tue, 02 Jan 2024 00:00:00 GMT"}),
    ],
)
def test_what_a_handler_may_return(one: Build, expression: str, status: int, body: object):
    reply = returning(one, expression)
    assert (reply.status_code, reply.json, reply.mimetype) == (status, body, "application/json")


@pytest.mark.parametrize(
    "expression",
    ["None", "{1, 2}", "{'s': {1}}", "b'x'", "float('nan')", "Response([float('inf')])", "flask.jsonify(float('nan'))"],
)
def test_what_has_no_json_form_is_an_error_of_ours(one: Build, expression: str):
    reply = returning(one, expression)
    assert (reply.status_code, reply.json["error"]) == (500, "Internal server error")


def test_values_without_end_are_an_error_of_ours(one: Build):
    code = "@module.execute\ndef execute(request):\n    a = []\n    a.append(a)\n    return a\n"
    assert one(code).post("/m/v1/execute").status_code == 500


def test_headers_of_a_tuple_are_sent(one: Build):
    reply = returning(one, "({'a': 1}, 202, {'X-Kind': 'test'})")
    assert (reply.status_code, reply.headers["X-Kind"]) == (202, "test")


def test_keys_keep_their_order_and_texts_are_ascii(one: Build):
    reply = returning(one, "{'zeta': 'Zoë', 'alpha': {'z': 1, 'a': '<b>'}}")
    assert reply.data == b'{"data":{"zeta":"Zo\\u00eb","alpha":{"z":1,"a":"<b>"}}}'


def test_paged_content_objects(one: Build):
    objects = (
        "[{'id': 'a', 'data': [{'value': '1', 'label': 'One'}]},"
        " {'content_object_name': 'b', 'data': [], 'has_next_page': True, 'next_cursor': 'c2'},"
        " {'name': 'c', 'content': [{'value': 3}], 'metadata': {'k': 1}}, {'data': []}, 'text']"
    )
    reply = returning(one, f"Response.content({objects}, metadata={{'m': 1}})")
    last = {"has_next_page": False, "next_cursor": None}
    assert reply.json == {
        "data": {
            "content_objects": [
                {"id": "a", "content": [{"value": "1", "label": "One"}], "pagination": last},
                {"id": "b", "content": [], "pagination": {"has_next_page": True, "next_cursor": "c2"}},
                {"id": "c", "content": [{"value": 3}], "pagination": last, "metadata": {"k": 1}},
            ],
            "pagination": {"has_more": False, "next_cursor": None},
        },
        "metadata": {"m": 1},
    }


@pytest.mark.parametrize(
    "call,status,error,data,metadata",
    [
        ("Response.error('told')", 400, "told", {}, {}),
        ("Response.error('told', status_code=502)", 502, "told", {}, {}),
        ("Response.error('told', data={'d': 1}, metadata={'m': 2})", 400, "told", {"d": 1}, {"m": 2}),
        ("Response.error('told', data='text', metadata='text')", 400, "told", {"error": "text"}, {"metadata": "text"}),
        ("Response.error(KeyError('field'))", 400, "'field'", {}, {}),
        ("Response.error(ManagedError('m', {'a': 1}, {'b': 2}, 409))", 409, "m", {"a": 1}, {"b": 2}),
        ("Response.error(ManagedError('m', status_code=409), status_code=410)", 410, "m", {}, {}),
    ],
)
def test_returned_errors(one: Build, call: str, status: int, error: str, data: object, metadata: dict[str, object]):
    reply = returning(one, call)
    assert (reply.status_code, reply.json["status_code"]) == (status, status)
    assert (reply.json["error"], reply.json["data"]) == (error, data)
    assert reply.json["metadata"].keys() == {"timestamp", "environment", "error_id", *metadata}
    assert metadata.items() <= reply.json["metadata"].items()
