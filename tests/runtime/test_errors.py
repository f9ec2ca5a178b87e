import datetime
import logging

import pytest

from tests.runtime.conftest import MODULE, Build

SECRET = "token=abc123 refused at /srv/app/route.py"


def raising(one: Build, expression: str):
    code = f"import json, flask\n@module.execute\ndef execute(request): raise {expression}\n"
    return one(code).post("/m/v1/execute", json={})


@pytest.mark.parametrize(
    "expression,status,error,data,metadata",
    [
        ("ManagedError('told')", 400, "told", {}, {}),
        ("ManagedError('told', status_code=418)", 418, "told", {}, {}),
        ("ManagedError('bad', {'row': 3}, {'hint': 'x'}, 422)", 422, "bad", {"row": 3}, {"hint": "x"}),
        ("ManagedError('bad', 'a text')", 400, "bad", "a text", {}),
        ("ManagedError(KeyError('inner'))", 400, "'inner'", {}, {}),
        ("ManagedError.validation_error('bad', {'field': 'f'})", 400, "bad", {"field": "f"}, {}),
        (
            "ManagedError.not_found('User', 'u1')",
            404,
            "User not found: u1",
            {"resource": "User", "identifier": "u1"},
            {},
        ),
        ("ManagedError.unauthorized()", 401, "Unauthorized access", {}, {}),
        ("ManagedError.unauthorized('revoked')", 401, "revoked", {}, {}),
        ("ManagedError.forbidden()", 403, "Access forbidden", {}, {}),
        ("ManagedError.server_error('db down')", 500, "db down", {}, {}),
        (
            "ManagedError.service_error('upstream 503', service='acme', data={'retry': True})",
            502,
            "upstream 503",
            {"retry": True},
            {"error_type": "service", "service": "acme"},
        ),
        (
            "ManagedError.not_found_error('no such user', 'user', 'u1')",
            404,
            "no such user",
            {"identifier": "u1"},
            {"error_type": "not_found", "resource": "user"},
        ),
        (
            "ValueError('limit must be > 0')",
            400,
            "limit must be > 0",
            {},
            {"type": "validation_error", "original_error": "limit must be > 0"},
        ),
    ],
)
def test_raised_errors(one: Build, expression: str, status: int, error: str, data: object, metadata: dict[str, object]):
    reply = raising(one, expression)
    assert (reply.status_code, reply.json["error"], reply.json["data"]) == (status, error, data)
    assert reply.json["metadata"].keys() == {"timestamp", "environment", "error_id", *metadata}
    assert metadata.items() <= reply.json["metadata"].items()
    assert reply.json["metadata"]["environment"] == "development"
    assert datetime.datetime.fromisoformat(reply.json["metadata"]["timestamp"]).tzinfo is not None


@pytest.mark.parametrize("environment", ["dev", "staging", "prod", "qa"])
@pytest.mark.parametrize("error", ["KeyError", "RuntimeError", "OSError", "RecursionError"])
def test_unexpected_errors_tell_nothing_but_an_id_that_stands_in_the_log(
    one: Build,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    environment: str,
    error: str,
):
    monkeypatch.setenv("ENVIRONMENT", environment)
    reply = raising(one, f"{error}({SECRET!r})")
    assert reply.status_code == 500
    metadata = reply.json["metadata"]
    assert reply.json == {"error": "Internal server error", "data": {}, "metadata": metadata, "status_code": 500}
    assert metadata.keys() == {"timestamp", "environment", "error_id"}
    assert metadata["environment"] == environment

    (record,) = [record for record in caplog.records if record.name == "stacksync.errors"]
    assert (record.levelno, vars(record)["error_id"]) == (logging.ERROR, metadata["error_id"])
    assert record.exc_info is not None
    assert error in str(record.exc_info[0])


def test_an_error_that_has_no_json_form_is_still_answered(one: Build):
    reply = raising(one, "ManagedError('x', data={'s': {1}})")
    assert (reply.status_code, reply.json["error"], reply.json["data"]) == (500, "Internal server error", {})


def test_a_status_that_is_none_is_still_answered(one: Build):
    reply = raising(one, "ManagedError('x', status_code='bad status')")
    assert (reply.status_code, reply.json["error"]) == (500, "Internal server error")


@pytest.mark.parametrize(
    "call,status,error,name",
    [
        ("404", 404, "The requested URL was not found on the server.", "Not Found"),
        ("429, 'slow down'", 429, "slow down", "Too Many Requests"),
        ("503", 503, "The server is temporarily unable to service your request", "Service Unavailable"),
    ],
)
def test_http_errors(one: Build, call: str, status: int, error: str, name: str):
    code = f"import flask\n@module.execute\ndef execute(request): flask.abort({call})\n"
    reply = one(code).post("/m/v1/execute", json={})
    assert (reply.status_code, reply.json["data"]) == (status, {"code": status, "name": name})
    assert reply.json["error"].startswith(error)


def test_an_aborted_response_passes_through(one: Build):
    code = "import flask\n@module.execute\ndef execute(request): flask.abort(flask.jsonify({'raw': 1}))\n"
    assert one(code).post("/m/v1/execute", json={}).json == {"raw": 1}


def test_a_wrong_method_is_told_the_right_ones(one: Build):
    code = "@module.execute\ndef execute(request): return 1\n"
    reply = one(code).put("/m/v1/execute")
    assert (reply.status_code, reply.json["data"]) == (405, {"code": 405, "name": "Method Not Allowed"})
    assert set(reply.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize(
    "expression,status",
    [("ManagedError('m', status_code=404)", 400), ("KeyError('k')", 400), ("ValueError('v')", 400)],
)
def test_the_status_of_the_sdk_can_be_had_back(build: Build, expression: str, status: int):
    config = "app_settings: {app_type: shop}\nruntime_settings: {errors_always_400: true}\n"
    code = f"{MODULE}@module.execute\ndef execute(request): raise {expression}\n"
    client = build({"/app_config.yaml": config, "m/v1/route.py": code})
    assert client.post("/m/v1/execute", json={}).status_code == status
    assert client.get("/nowhere").status_code == 404


def test_texts_of_managed_errors_are_not_logged(one: Build, caplog: pytest.LogCaptureFixture):
    reply = raising(one, "ManagedError.not_found('User', 'ada@example.com')")
    (record,) = [record for record in caplog.records if record.name == "stacksync.errors"]
    assert record.getMessage() == "ManagedError answered with 404"
    assert vars(record)["error_id"] == reply.json["metadata"]["error_id"]
    assert record.exc_info is None


@pytest.mark.parametrize(
    "environment,told", [("dev", ["No choices for a: It is closed"]), ("prod", []), ("testing", [])]
)
def test_a_developer_is_told_why_a_list_is_empty(
    one: Build, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, environment: str, told: list[str]
):
    monkeypatch.setenv("ENVIRONMENT", environment)
    code = "@module.content('a')\ndef content(request): raise ManagedError('It is closed')\n"
    reply = one(code).post("/m/v1/content", json={"data": {"content_object_names": ["a"]}})
    assert reply.json["data"]["content_objects"][0]["data"] == []
    logged = [record.getMessage() for record in caplog.records if record.name == "stacksync.errors"]
    assert logged == ["ManagedError answered with 400", *told]


@pytest.mark.parametrize(
    "code,endpoint",
    [
        ("@module.execute\ndef execute(request): sys.exit()\n", "execute"),
        ("@module.execute\ndef execute(request): sys.exit('planted')\n", "execute"),
        ("@module.content('a')\ndef content(request): sys.exit(1)\n", "content"),
        ("@module.schema\ndef schema(request): raise SystemExit\n", "schema"),
        ("@module.route('/own', methods=['POST'])\ndef own(): sys.exit(3)\n", "own"),
    ],
)
def test_a_handler_that_wants_to_end_the_process_is_an_error(
    one: Build, caplog: pytest.LogCaptureFixture, code: str, endpoint: str
):
    reply = one(f"import sys\n{code}").post(f"/m/v1/{endpoint}", json={"data": {"content_object_names": ["a"]}})
    assert (reply.status_code, reply.json["error"]) == (500, "Internal server error")

    (record,) = [record for record in caplog.records if record.name == "stacksync.errors"]
    assert (record.levelno, vars(record)["error_id"]) == (logging.ERROR, reply.json["metadata"]["error_id"])
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], RuntimeError)
    assert isinstance(record.exc_info[1].__cause__, SystemExit)
