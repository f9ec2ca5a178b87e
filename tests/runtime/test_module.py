import importlib
import json
import logging
import sys
from typing import Any

import pytest

from tests.runtime.conftest import MODULE, Build, Write

CONTENT = """
@module.content("users")
def users(request): return [Choice("1", f"One of {request.form_data.get('team')}"), {"value": 2, "label": "Two"}, 3]
@module.content("teams")
def teams(request): return Choices((Choice(name, name) for name in "ab"), has_next_page=True)
@module.content("broken")
def broken(request): return {"value": 1}
@module.content("away")
def away(request): return request.connection()["token"]
"""


def content_object(name: str, *choices: tuple[Any, str], more: bool = False) -> dict[str, Any]:
    data = [{"value": value, "label": label, "index": index} for index, (value, label) in enumerate(choices)]
    pagination = {"data": {}, "has_next_page": more}
    return {"id": name, "content_object_name": name, "data": data, "pagination": pagination}


USERS = content_object("users", ("1", "One of A"), (2, "Two"), (3, "3"))
TEAMS = content_object("teams", ("a", "a"), ("b", "b"), more=True)


def ask(one: Build, names: Any):
    body = {"data": {"form_data": {"team": "A"}, "content_object_names": names}}
    return one(CONTENT).post("/m/v1/content", json=body)


@pytest.mark.parametrize(
    "names,objects",
    [
        ([{"id": "users"}, {"id": "teams"}], [USERS, TEAMS]),
        (["teams", {"id": "users"}], [TEAMS, USERS]),
        ([{"content_object_name": "teams"}, {"name": "users"}], [TEAMS, USERS]),
        (["broken", "users", "away"], [content_object("broken"), USERS, content_object("away")]),
        ([], []),
        (None, []),
    ],
)
def test_content_in_the_order_asked(one: Build, names: Any, objects: Any):
    reply = ask(one, names)
    assert (reply.status_code, reply.json) == (200, {"data": {"content_objects": objects}})


def test_an_unknown_content_object_is_told_the_known_ones(one: Build):
    reply = ask(one, ["nobody"])
    assert reply.status_code == 404
    assert reply.json["error"] == "Unknown content object 'nobody'; known are away, broken, teams, users"


@pytest.mark.parametrize("names", ["users", {"id": "users"}, [1], [{"title": "users"}], [None], 5, True])
def test_names_of_content_objects_are_texts(one: Build, names: Any):
    reply = ask(one, names)
    assert reply.status_code == 400
    assert reply.json["error"] == '`content_object_names` must be a list such as [{"id": "users"}]'


def test_a_list_that_fails_is_logged_under_an_id(one: Build, caplog: pytest.LogCaptureFixture):
    ask(one, ["broken", "away"])
    broken, away, reason = [record for record in caplog.records if record.name == "stacksync.errors"]
    assert (broken.levelno, bool(broken.exc_info)) == (logging.ERROR, True)
    assert (away.levelno, bool(away.exc_info)) == (logging.WARNING, False)
    assert all(vars(record)["error_id"] for record in (broken, away))
    assert vars(reason)["error_id"] == vars(away)["error_id"]


def test_a_module_without_content(one: Build):
    assert one("").post("/m/v1/content", json={}).status_code == 404


def test_a_form_of_its_own_wins_over_the_file(one: Build):
    code = "@module.schema\ndef schema(request): return {'fields': [{'id': request.form_data.get('kind')}]}\n"
    client = one(code, schema_json="{}")
    reply = client.post("/m/v1/schema", json={"data": {"form_data": {"kind": "lead"}}})
    assert reply.json == {"data": {"schema": {"fields": [{"id": "lead"}]}}}
    assert client.get("/m/v1/schema").json == {"data": {"schema": {"fields": [{"id": None}]}}}


def test_a_field_may_be_called_form_data(one: Build):
    answer = "[request.data['form_data']['kind'], request.connection()['key']]"
    code = f"@module.execute\ndef execute(request): return {answer}\n"
    inner = {"kind": "lead", "account": {"connection_data": {"value": {"key": "of nobody"}}}}
    data = {"form_data": inner, "account": {"connection_data": {"value": {"key": "k-1"}}}}
    assert one(code).post("/m/v1/execute", json={"data": data}).json["data"] == ["lead", "k-1"]


def test_flasks_own_routes_are_enveloped(one: Build):
    code = (
        "@module.route('/item/<int:number>', methods=['GET', 'PUT'])\ndef item(number): return {'number': number}\n"
        "@module.get('/made')\ndef made(): return Response({'a': 1}, status_code=201)\n"
        "@module.before_request\ndef before():\n    import flask\n    flask.g.seen = True\n"
        "@module.get('/seen')\ndef seen():\n    import flask\n    return flask.g.seen\n"
    )
    client = one(code)
    assert client.put("/m/v1/item/7").json == {"data": {"number": 7}}
    assert client.get("/m/v1/made").status_code == 201
    assert client.get("/m/v1/seen").json == {"data": True}
    assert client.get("/m/v1/item/seven").status_code == 404


def test_a_module_knows_where_it_is(one: Build):
    code = "@module.execute\ndef execute(request): return [module.folder.name, module.module, module.url_base]\n"
    assert one(code).post("/m/v1/execute").json == {"data": ["v1", "m", "/m/v1"]}


FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {"id": "name", "type": "string", "validation": {"required": True}, "validation_messages": {"required": "Who?"}},
        {"id": "count", "type": "integer", "validation": {"minimum": 1}},
    ],
}
ECHO = "@module.execute\ndef execute(request): return request.data\n"


@pytest.fixture
def checked(one: Build):
    return one(ECHO, schema_json=json.dumps(FORM))


def test_input_is_checked_before_the_handler(checked: Any):
    reply = checked.post("/m/v1/execute", json={"data": {"name": "", "count": 0}})
    assert reply.status_code == 400
    assert reply.json["error"] == "The input does not fit the form"
    assert reply.json["metadata"]["type"] == "validation_error"
    first, second = reply.json["data"]["errors"]
    assert first == {"field": "name", "message": "Who?", "rule": "required"}
    assert (second["field"], second["rule"]) == ("count", "minimum")


def test_numbers_reach_the_handler_as_numbers(checked: Any):
    reply = checked.post("/m/v1/execute", json={"data": {"name": "Ada", "count": "3", "more": [1]}})
    assert reply.json == {"data": {"name": "Ada", "count": 3, "more": [1]}}


@pytest.mark.parametrize("settings", ["module_settings: {validate_input: false}\n"])
def test_checking_can_be_switched_off(one: Build, settings: str):
    client = one(ECHO, schema_json=json.dumps(FORM), module_config_yaml=settings)
    assert client.post("/m/v1/execute", json={"data": {"count": 0}}).json == {"data": {"count": 0}}
    assert client.post("/m/v1/execute", json={"data": [1]}).json == {"data": [1]}


def test_without_a_schema_nothing_is_checked(one: Build):
    assert one(ECHO).post("/m/v1/execute", json={"data": {"count": 0}}).json == {"data": {"count": 0}}


@pytest.mark.parametrize("schema", ["{oops", "[]"])
def test_input_that_cannot_be_checked_is_not_let_through(one: Build, schema: str):
    reply = one(ECHO, schema_json=schema).post("/m/v1/execute", json={"data": {}})
    assert (reply.status_code, reply.json["error"]) == (500, "Internal server error")


def test_checking_follows_the_file_in_development(checked: Any, write: Write):
    assert checked.post("/m/v1/execute", json={"data": {}}).status_code == 400
    write({"m/v1/schema.json": json.dumps({**FORM, "fields": []})})
    assert checked.post("/m/v1/execute", json={"data": {}}).status_code == 200


def test_a_module_may_be_imported_without_an_application(write: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(write({"m/v1/loose_route.py": MODULE + ECHO}) / "src/modules/m/v1")
    loose = importlib.import_module("loose_route")
    monkeypatch.delitem(sys.modules, "loose_route")
    assert loose.module.url_base == "/m/v1"


@pytest.mark.parametrize(
    "schema,fault",
    [
        ('{"fields": 1}', '"fields" is a list, not a number'),
        ("{}", 'the list "fields" is missing'),
        ('{"fields": [1]}', "is an object, not a number"),
    ],
)
def test_a_form_that_checks_less_than_is_meant_is_told_once(
    one: Build, caplog: pytest.LogCaptureFixture, schema: str, fault: str
):
    client = one("@module.execute\ndef execute(request): return 1\n", schema_json=schema)
    assert [client.post("/m/v1/execute", json={}).status_code for _ in range(2)] == [200, 200]
    (record,) = [record for record in caplog.records if record.name == "stacksync.schema"]
    assert record.levelno == logging.WARNING
    assert "schema.json: input may be checked for less than is meant: " in record.getMessage()
    assert fault in record.getMessage()


OWN_FORM = """
BASE = {"fields": [{"id": "kind", "type": "string"}]}
@module.schema
def schema(request):
    if request.form_data.get("kind") == "key": request.connection()["api_key"]
    if request.form_data.get("kind") == "401": raise ManagedError.unauthorized("The connection holds no token.")
    if request.form_data.get("kind") != "person": return BASE
    return {"fields": [*BASE["fields"], {"id": "age", "type": "integer", "validation": {"required": True}}]}
"""


def test_fields_that_a_handler_added_are_passed_on_as_sent(one: Build):
    client = one(OWN_FORM + ECHO, schema_json=json.dumps(FORM))
    reply = client.post("/m/v1/execute", json={"data": {"name": "Ada", "count": "2", "kind": "person", "age": "36"}})
    assert reply.json == {"data": {"name": "Ada", "count": 2, "kind": "person", "age": "36"}}


@pytest.mark.parametrize("data,status", [({"age": "36"}, 200), ({"age": "old"}, 400), ({}, 400)])
def test_dynamic_input_is_checked_against_the_form_that_the_handler_makes_of_it(one: Build, data: Any, status: int):
    client = one(OWN_FORM + ECHO, module_config_yaml="module_settings: {validate_input: dynamic}\n")
    reply = client.post("/m/v1/execute", json={"data": {"kind": "person", **data}})
    assert reply.status_code == status
    if status == 200:
        assert reply.json == {"data": {"kind": "person", "age": 36}}


def test_dynamic_input_without_a_schema_handler_is_a_fault_of_the_module(one: Build):
    client = one(ECHO, module_config_yaml="module_settings: {validate_input: dynamic}\n")
    assert client.post("/m/v1/execute", json={}).status_code == 503


def test_an_author_checks_input_with_a_form_of_their_own(one: Build):
    code = (
        "@module.execute\ndef execute(request): return request.validate({'fields': [{'id': 'n', 'type': 'number'}]})\n"
    )
    client = one(code)
    assert client.post("/m/v1/execute", json={"data": {"n": "1"}}).json == {"data": {"n": 1}}
    assert client.post("/m/v1/execute", json={"data": {"n": "x"}}).json["data"]["errors"][0]["field"] == "n"


@pytest.mark.parametrize("kind, status", [("key", 400), ("401", 401)])
def test_a_form_never_fails_for_a_missing_connection(one: Build, kind: str, status: int):
    client = one(OWN_FORM, schema_json=json.dumps(FORM))
    asked = {"data": {"form_data": {"kind": kind}}}
    assert client.post("/m/v1/schema", json=asked).json == {"data": {"schema": FORM}}
    chosen = {**asked, "credentials": {"connection_data": {"value": {"other": "x"}}}}
    assert client.post("/m/v1/schema", json=chosen).status_code == status


ADDING = """
@module.schema
def schema(request): return module.base_form({"id": "x"}, {"id": "y"}, after=request.form_data.get("after"))
"""


@pytest.mark.parametrize(
    "after, order",
    [(None, ["b", "a", "x", "y"]), ("b", ["b", "x", "y", "a"]), ("a", ["b", "a", "x", "y"])],
)
def test_a_handler_adds_fields_to_the_form_of_its_file(one: Build, after: str | None, order: list[str]):
    fields = [{"id": "a", "type": "string"}, {"id": "b", "type": "string"}]
    base = {**FORM, "fields": fields, "ui_options": {"ui_order": ["b", "a"], "ui_layout": {}}}
    client = one(ADDING, schema_json=json.dumps(base))

    for _ in range(2):  # what is added stays out of the form that is kept
        made = client.post("/m/v1/schema", json={"data": {"form_data": {"after": after}}}).json["data"]["schema"]
        assert made["fields"] == [*fields, {"id": "x"}, {"id": "y"}]
        assert made["ui_options"] == {"ui_order": order, "ui_layout": {}}


def test_fields_are_added_in_the_order_of_the_form_where_it_names_none(one: Build):
    base = {"metadata": FORM["metadata"], "fields": [{"id": "a", "type": "string"}]}
    made = one(ADDING, schema_json=json.dumps(base)).post("/m/v1/schema", json={}).json["data"]["schema"]
    assert made["ui_options"] == {"ui_order": ["a", "x", "y"]}


def test_there_must_be_a_form_to_add_fields_to(one: Build, caplog: pytest.LogCaptureFixture):
    assert one(ADDING).post("/m/v1/schema", json={}).status_code == 500
    assert "v1 has no schema.json" in caplog.text


def test_an_answer_names_its_data_type(one: Build):
    code = "@module.execute\ndef execute(request): return Response([1], data_type='list')\n"
    assert one(code).post("/m/v1/execute", json={}).json == {"data": [1], "data_type": "list"}


def test_two_route_files_that_answer_one_path_are_both_named(build: Build, caplog: pytest.LogCaptureFixture):
    client = build({"m/v1/route.py": MODULE + ECHO, "m/v1/second.py": MODULE + ECHO, "n/v1/route.py": MODULE + ECHO})
    assert client.post("/m/v1/execute", json={}).status_code == 503
    assert client.post("/n/v1/execute", json={}).status_code == 200
    files = ["src/modules/m/v1/route.py", "src/modules/m/v1/second.py"]
    assert client.get("/ready").json["data"]["route_files"] == {"m/v1": files}
    (record,) = [record for record in caplog.records if record.name == "stacksync.loading"]
    assert record.exc_info is not None
    assert all(file.rpartition("/")[2] in str(record.exc_info[1]) for file in files)


def test_two_route_files_share_a_version_where_their_paths_differ(build: Build):
    form = MODULE + "@module.schema\ndef schema(request): return {'fields': []}\n"
    client = build({"m/v1/route.py": MODULE + ECHO, "m/v1/form.py": form})
    assert client.post("/m/v1/execute", json={"data": {"a": 1}}).json == {"data": {"a": 1}}
    assert client.post("/m/v1/schema", json={}).json == {"data": {"schema": {"fields": []}}}
