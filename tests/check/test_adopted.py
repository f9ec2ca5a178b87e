"""What hurts in connectors that were written for Stacksync's SDK, and what only looks like it."""

from pathlib import Path

import pytest

from tests.check.sample import APP, APP_CONFIG, FORM, ROUTE, SCHEMA, SDK_CODE, form, found, write

TOP = (
    "from flask import jsonify, request as flask_request\nfrom main import router\n"
    "from workflows_cdk import ManagedError, Request, Response\n"
)
EXECUTE = f'{TOP}@router.route("/execute", methods=["POST"])\ndef execute():\n'
FAILURE = "raise ManagedError(…, status_code=400), or return Response.error(…)"
LEAVE_OUT = "leave it out; say that something happened, not with which secret"
SLEEPS = "return the job's id and poll it from another module; for retries, use src.runtime.http"


def told(root: Path, code: str, text: str, name: str = ROUTE) -> list[str]:
    """Return what a rule finds in a file of this text, without the file's name."""
    return [line.removeprefix(f"{name}:") for line in found(write(root, {name: text}), code)]


@pytest.mark.parametrize(
    "answer",
    [
        'Response(data={"error": str(error)})',
        'Response({"error": str(error)}, {"status": "failed"})',
        'Response(data={"error": "no key", "details": x}, metadata={})',
        'Response.success(data={"success": False, "error": f"no {x}"})',
        'jsonify({"error": "no key"})',
        '{"error": "no key", "status": "failed"}',
    ],
)
def test_a_failure_that_is_answered_with_200(tmp_path: Path, answer: str) -> None:
    found = told(tmp_path, "PY018", f"{EXECUTE}    return {answer}\n")

    assert found == [f"6:12 warning PY018 this failure is answered with status 200 -> {FAILURE}"]


@pytest.mark.parametrize(
    "answer",
    [
        'Response(data={"error": "no key"}, status_code=400)',
        'Response({"error": "no key"}, {}, 400)',
        'Response({"error": "no key"}, **more)',
        'Response.error({"error": "no key"})',
        'Response(data={"error": None, "status": "done"})',
        'Response(data={"error": error, "success": True})',
        'Response(data={"results": [], "error": error})',
        'Response(data={"content_objects": [], "error": error})',
        'Response(data={"errors": errors})',
        'Response(data={**result, "error": error})',
        'Response(data=[{"error": str(error)}])',
        'jsonify({"error": "no key"}), 400',
        '({"error": "no key"}, 400)',
        'log(jsonify({"error": "no key"}))',
        '[one({"error": "x"}) for one in [lambda row: {"error": row}]]',
    ],
)
def test_what_is_no_failure_or_has_a_status(tmp_path: Path, answer: str) -> None:
    assert told(tmp_path, "PY018", f"{EXECUTE}    return {answer}\n") == []


def test_another_response_is_not_ours(tmp_path: Path) -> None:
    text = 'from flask import Response\n\ndef f():\n    return Response(data={"error": "x"})\n'

    assert told(tmp_path, "PY018", text, "src/other.py") == []


def test_a_row_of_a_function_within_is_no_answer(tmp_path: Path) -> None:
    text = f'{EXECUTE}    def row(each):\n        return {{"error": each}}\n    return Response(data=[row(1)])\n'

    assert told(tmp_path, "PY018", text) == []


@pytest.mark.parametrize(
    "call,column,name,argument,tip",
    [
        ("Response.success(body=1)", 29, "Response.success", "body", "it has data, metadata, status_code"),
        ("Response(datas=1)", 21, "Response", "datas", "write data="),
        ("Response(1, statuscode=1)", 24, "Response", "statuscode", "write status_code="),
        ("ManagedError('x', code=4)", 30, "ManagedError", "code", "it has error, data, metadata, status_code"),
        ("ManagedError.forbidden(to=4)", 35, "ManagedError.forbidden", "to", "it has message, metadata"),
    ],
)
def test_arguments_that_do_not_exist(
    tmp_path: Path, call: str, column: int, name: str, argument: str, tip: str
) -> None:
    expected = f'6:{column} error PY019 {name} has no argument "{argument}" -> {tip}'

    assert told(tmp_path, "PY019", f"{EXECUTE}    return {call}\n") == [expected]


@pytest.mark.parametrize(
    "call",
    [
        "Response(data=1, metadata={}, status_code=200, data_type='x')",
        "Response.error(error='x', data={}, metadata={}, status_code=500)",
        "ManagedError.service_error(error='x', service='y', data=1)",
        "Response(**given)",
        "Response.unknown(body=1)",
        "other.Response(body=1)",
    ],
)
def test_arguments_that_there_are(tmp_path: Path, call: str) -> None:
    assert told(tmp_path, "PY019", f"{EXECUTE}    return {call}\n") == []


@pytest.mark.parametrize(
    "host",
    [
        "a1b2-10-0.ngrok-free.app",
        "crm.ngrok.io",
        "x.eu.ngrok.io",
        "calm-sea.trycloudflare.com",
        "ours.loca.lt",
        "x.lhr.life",
    ],
)
def test_addresses_of_tunnels(tmp_path: Path, host: str) -> None:
    tip = "read the connector's public address from an environment variable"

    assert told(tmp_path, "PY020", f'HOOK = "https://{host}/crm/v1/webhook"\n') == [
        f"1:8 warning PY020 {host} is a tunnel -> {tip}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://ngrok.com/docs",
        "https://dashboard.ngrok.com",
        "ngrok.io",
        "https://a.ngrok.io.example.com",
        "x.loca.lty",
    ],
)
def test_addresses_that_are_none_of_a_tunnel(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, "PY020", f'"""https://a.ngrok.io"""\nSITE = "{text}"\n') == []


@pytest.mark.parametrize(
    "path,rest", [("/usr/src/app/key.json", "key.json"), ("/srv/crm/data/key.json", "data/key.json")]
)
def test_paths_of_a_container(tmp_path: Path, path: str, rest: str) -> None:
    write(tmp_path, {"config/Dockerfile.dev": "FROM python:3.12\nWORKDIR /srv/crm\n", "data/key.json": "{}"})
    tip = f'Path(__file__).parents[4] / "{rest}"'

    assert told(tmp_path, "PY021", f'KEY = "{path}"\n') == [
        f"1:7 warning PY021 this path exists in the container only -> {tip}"
    ]


@pytest.mark.parametrize(
    "path",
    ["/usr/src/application", "/srv/crm/x", "/app/x", "/app/users.json", "usr/src/app/x", "https://a.io/usr/src/app/"],
)
def test_paths_that_are_no_containers(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"Dockerfile": "FROM python:3.12\nWORKDIR /app\n", "key.json": "{}"})

    assert told(tmp_path, "PY021", f'KEY = "{path}"\n') == []


@pytest.mark.parametrize(
    "imported,call",
    [
        ("import time", "time.sleep(5)"),
        ("from time import sleep as wait", "wait(seconds)"),
        ("import time as t", "t.sleep(1.5)"),
    ],
)
@pytest.mark.parametrize("name", [ROUTE, "main.py"])
def test_a_handler_that_sleeps(tmp_path: Path, imported: str, call: str, name: str) -> None:
    text = f"{imported}\n{EXECUTE}    return ask()\n\n\ndef ask():\n    {call}\n\n\ndef unused():\n    {call}\n"

    assert told(tmp_path, "PY022", text, name) == [
        f"11:5 warning PY022 {call.partition('(')[0]} holds a thread -> {SLEEPS}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"import time\n{EXECUTE}    time.sleep(0.1)\n",
        f"import asyncio\n{EXECUTE}    asyncio.sleep(5)\n",
        "import time\n\ndef job():\n    time.sleep(5)\n",
        f"from pause import sleep\n{EXECUTE}    sleep(5)\n",
    ],
)
def test_pauses_that_hold_no_handler(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, "PY022", text) == []


@pytest.mark.parametrize(
    "lines,written,said",
    [
        ('headers = {"Authorization": f"Bearer {key}"}', "headers", 'headers holds "Authorization", and'),
        ('headers = {}\n    headers["x-api-key"] = key', 'f"{headers}"', 'headers holds "x-api-key", and'),
        ('body: dict = {"auth": {"password": key}}', "json.dumps(body, indent=2)", 'body holds "password", and'),
        ("", 'os.getenv("CRM_API_KEY")', "os.getenv(…) may hold credentials, and"),
        ("", 'os.environ["CRM_API_KEY"]', '"CRM_API_KEY" may hold credentials, and'),
        ("", "flask_request.headers", "flask_request.headers may hold credentials, and"),
    ],
)
def test_keys_in_headers_and_bodies_that_are_printed(tmp_path: Path, lines: str, written: str, said: str) -> None:
    text = f'import json, os\n{EXECUTE}    {lines or "pass"}\n    print("sent", {written})\n'
    line = [each.partition("error PY010 ")[2] for each in told(tmp_path, "PY010", text)]

    assert line == [f"{said} is written to the log -> {LEAVE_OUT}"]


@pytest.mark.parametrize(
    "lines",
    [
        'headers = {"Content-Type": "x", "page_token": key}\n    print(headers)',
        'headers = {"Authorization": "***"}\n    print(headers)',
        'headers = {"Authorization": key}\n    print(headers["Content-Type"], list(headers), len(headers))',
        'headers = {"Authorization": key}\n    reply = call(headers)\n    print(reply.headers)',
        'print(os.getenv("CRM_URL"), os.environ.get("PORT"))',
        # The form asks for no connection: nothing of what was sent is a secret.
        "data = Request(flask_request).data\n    print(data)",
        'print("sent", flask_request.get_json())',
    ],
)
def test_what_is_printed_without_keys(tmp_path: Path, lines: str) -> None:
    assert told(tmp_path, "PY010", f"import os\n{EXECUTE}    {lines}\n") == []


WHOLE = "    payload = flask_request.get_json()\n    print(payload)\n"


@pytest.mark.parametrize(
    "fields,path,name,is_found",
    [
        ([], "/execute", ROUTE, False),
        ([{"id": "crm", "type": "connection"}], "/execute", ROUTE, True),
        ([{"id": "api_key", "type": "string"}], "/content", ROUTE, True),
        ([{"id": "crm", "type": "connection"}], "/webhook", ROUTE, False),
        ([{"id": "crm", "type": "connection"}], "/get_contacts/v1/execute", "main.py", True),
        ([], "/get_contacts/v1/execute", "main.py", False),
        ([{"id": "crm", "type": "connection"}], "/hooks/crm", "main.py", False),
        ([{"id": "crm", "type": "connection"}], None, "src/shared.py", True),
        ([], None, "src/shared.py", False),
    ],
)
def test_what_was_sent_is_printed(
    tmp_path: Path, fields: list[dict[str, str]], path: str | None, name: str, is_found: bool
) -> None:
    write(tmp_path, {SCHEMA: form(*FORM["fields"], *fields)})
    decorator = f'@router.route("{path}", methods=["POST"])\n' if path else ""
    root = write(tmp_path, {name: f"{TOP}{decorator}def answer():\n{WHOLE}"}, {})

    assert bool(found(root, "PY010")) is is_found


@pytest.mark.parametrize(
    "read,said",
    [
        ('form = data.get("form_data", data)\n    return form["kind"]', []),
        ('form = data.get("form_data", data)\n    return form.get("kinds")', ['"kinds" -> write "kind"']),
        ('return data.get("form_data", {})', ['"form_data" -> add the field to schema.json, or do not read it']),
        ('return data.get("confirm_kind")', ['"confirm_kind" -> add the field to schema.json, or do not read it']),
        ('return data.get("Li_mit")', ['"Li_mit" -> write "limit"']),
        ('return data.get("limits")', ['"limits" -> write "limit"']),
        ('return data.get("lmt")', ['"lmt" -> add the field to schema.json, or do not read it']),
    ],
)
def test_fields_that_the_form_does_not_have(tmp_path: Path, read: str, said: list[str]) -> None:
    text = f"{EXECUTE}    data = Request(flask_request).data\n    {read}\n"

    assert [line.partition("no field ")[2] for line in told(tmp_path, "PY005", text)] == said


def test_an_app_type_that_the_first_template_came_with(tmp_path: Path) -> None:
    root = write(tmp_path, {APP: APP_CONFIG.replace("crm", "connector")})
    tip = "name it after the API, before workflows use it: every module's id changes with it"

    assert found(root, "CFG012") == [f'app_config.yaml:2:13 warning CFG012 app_type is still "connector" -> {tip}']
    for text in (
        APP_CONFIG.replace("crm", "my_connector"),
        APP_CONFIG.replace("crm", "connector").replace("CRM", "Connector"),
    ):
        assert found(write(tmp_path, {APP: text}), "CFG012") == []


@pytest.mark.parametrize(
    "text,places",
    [
        ("flask\nFlask>=3\n", ["requirements.txt:2:1 requirements.txt:1 already requires flask"]),
        ("a_b[x]\n-r more.txt\n", ["more.txt:2:1 requirements.txt:1 already requires a-b"]),
        ("-r more.txt\na.b==1\n", ["more.txt:2:1 requirements.txt:2 already requires a-b"]),
        ("flask; python_version<'3.12'\nflask>=3; python_version>='3.12'\n", []),
        ("flask\nflask-cors\n-c limits.txt\n-r requirements.txt\n", []),
    ],
)
def test_a_package_that_is_required_twice(tmp_path: Path, text: str, places: list[str]) -> None:
    root = write(tmp_path, {"requirements.txt": text, "more.txt": "x\nA-B\n", "limits.txt": "flask==3.1\n"})
    lines = [line.replace("warning REP009 ", "") for line in found(root, "REP009")]

    assert lines == [f"{place} -> keep one of them" for place in places]


def test_a_sound_connector_of_the_sdk_has_none_of_it(tmp_path: Path) -> None:
    codes = ["CFG012", *(f"PY0{number}" for number in (10, 18, 19, 20, 21, 22)), "REP009"]

    assert found(write(tmp_path, {ROUTE: SDK_CODE}), *codes) == []
