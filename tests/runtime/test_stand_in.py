"""A stand-in for an API: what it answers, and that only development is ever served by it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from src.runtime.declaration import DeclarationError
from src.runtime.http import (
    ApiError,
    ApiKeyAuth,
    CursorPages,
    LinkPages,
    NumberedPages,
    OAuth2,
    OffsetPages,
    paginate,
    session,
)
from src.runtime.stand_in import with_connection
from src.runtime.testing import StandIn
from src.runtime.testing.stand_in import load, serving
from tests.operations.conftest import PATIENCE
from tests.polling import poll
from tests.ports import free_port
from tests.runtime.conftest import MODULE, Write
from tests.runtime.test_start import MAIN, environment

PEOPLE = [{"name": name} for name in ("Ada", "Grace", "Edsger", "Barbara", "Donald")]


@pytest.fixture
def api() -> Iterator[StandIn]:
    api = StandIn({"key": "made-up", "place": "${url}/v2"}, {"X-Key": "made-up"})
    with api.running():
        yield api


def ask(api: StandIn, asked: str, **options: Any) -> requests.Response:
    method, _, path = asked.partition(" ")
    headers = {"X-Key": "made-up", **options.pop("headers", {})}
    return requests.request(method, api.url + path, headers=headers, timeout=PATIENCE, **options)


# --- what it answers -----------------------------------------------------------------------------


def test_it_listens_on_this_machine_and_says_where_in_the_connection(api: StandIn) -> None:
    assert api.url.startswith("http://127.0.0.1:")
    assert api.connection == {"key": "made-up", "place": f"{api.url}/v2"}


def test_routes_are_those_of_any_flask_application(api: StandIn) -> None:
    api.answer("GET /users/<id>", {"b": 1, "a": 2}, 203)

    @api.post("/search")
    def search() -> dict[str, str]:
        return {"found": "nothing"}

    assert (ask(api, "GET /users/1").text.strip(), ask(api, "GET /users/1").status_code) == ('{"b":1,"a":2}', 203)
    assert ask(api, "POST /search").json() == {"found": "nothing"}


def test_what_is_not_declared_is_told(api: StandIn) -> None:
    answer = ask(api, "GET /nowhere")

    assert (answer.status_code, answer.json()) == (404, {"message": "The stand-in declares no GET /nowhere."})


def test_calls_are_kept_as_they_were_sent(api: StandIn) -> None:
    ask(api, "POST /a%2Fb", params={"q": "1"}, json={"x": None}, headers={"X-More": "yes"})
    ask(api, "GET /plain")

    first, second = api.calls
    assert (first.asked, first.query, first.body, first.headers["X-More"]) == (
        "POST /a%2Fb",
        {"q": "1"},
        {"x": None},
        "yes",
    )
    assert (second.body, api.asked) == (None, ["POST /a%2Fb", "GET /plain"])


def test_a_call_without_the_credentials_is_refused(api: StandIn) -> None:
    api.answer("GET /status", {})

    answer = ask(api, "GET /status", headers={"X-Key": "another"})

    assert (answer.status_code, answer.json()) == (401, {"message": "The credentials are wrong."})


def test_calls_fail_where_and_when_they_are_told_to(api: StandIn) -> None:
    api.collection("/people", PEOPLE)
    api.fail(503, "POST /people", after=1, times=2, headers={"Retry-After": "0"}, body=["later"])

    answers = [ask(api, "POST /people", json={}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 503, 503, 201]
    assert (answers[1].json(), answers[1].headers["Retry-After"]) == (["later"], "0")
    assert ask(api, "GET /people").status_code == 200


def test_more_calls_than_the_rate_limit_are_refused_until_it_is_over() -> None:
    api = StandIn(rate_limit=(2, 0.3))
    api.answer("GET /status", {})
    with api.running():
        answers = [ask(api, "GET /status") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "1"
        poll(lambda: ask(api, "GET /status").status_code == 200)


@pytest.mark.parametrize(
    "pages",
    [
        CursorPages("data"),
        CursorPages("results", cursor="paging.next.after", parameter="after"),
        CursorPages("data.rows", cursor="data.rows.-1.id", parameter="starting_after", more="has_more"),
        NumberedPages("data", size=2),
        NumberedPages("", parameter="p", size_parameter="n", start=0, size=1),
        OffsetPages("data", more="more"),
        LinkPages(),
        LinkPages("value", link="links.next"),
    ],
    ids=repr,
)
def test_a_list_comes_in_pages_as_paginate_reads_them(api: StandIn, pages: Any) -> None:
    api.collection("/people", PEOPLE, pages=pages, page_size=2)
    client = session(api.url, ApiKeyAuth("made-up", "X-Key"))

    assert [each["name"] for each in paginate(client, "people", pages, limit=99)] == [each["name"] for each in PEOPLE]
    assert len(api.calls) >= 3

    api.calls.clear()
    assert [each["name"] for each in paginate(client, "people", pages, limit=1)] == ["Ada"]
    assert len(api.calls) == 1


def test_a_list_is_filtered_by_the_fields_in_the_query(api: StandIn) -> None:
    api.collection("/people", PEOPLE)

    found = ask(api, "GET /people", params={"name": "ADA", "unknown": "x"}).json()["data"]

    assert found == [{"id": "1", "name": "Ada"}]


def test_records_are_created_read_changed_and_deleted(api: StandIn) -> None:
    people = api.collection("/people", [{"id": "a", "name": "Ada"}], required=["name"])

    def said(asked: str, **options: Any) -> tuple[int, Any]:
        answer = ask(api, asked, **options)
        return answer.status_code, answer.json() if answer.content else None

    assert said("POST /people", json={"name": "Bo"}) == (201, {"id": "1", "name": "Bo"})
    assert said("POST /people", json={"name": ""}) == (422, {"message": "name is required"})
    assert said("GET /people/1") == (200, {"id": "1", "name": "Bo"})
    assert said("PATCH /people/1", json={"age": 3, "id": "other"}) == (200, {"id": "1", "name": "Bo", "age": 3})
    assert said("PATCH /people/1", json={"name": None})[0] == 422
    assert said("PUT /people/a", json={"name": "Eve"}) == (200, {"id": "a", "name": "Eve"})
    assert said("PUT /people/b", json={"name": "New"}) == (201, {"id": "b", "name": "New"})
    assert said("DELETE /people/b") == (204, None)
    for asked in ("GET", "PATCH", "DELETE"):
        assert said(f"{asked} /people/b", json={}) == (404, {"message": "There is no record b."})
    assert list(people.records) == ["a", "1"]


@pytest.mark.parametrize(
    "text, fault",
    [
        ("answers = 1", "declares no stand-in. Write `api = StandIn(…)`."),
        ("api = 1", "declares no stand-in. Write `api = StandIn(…)`."),
        ("api = nothing", "NameError: name 'nothing' is not defined"),
        ("api = (", "SyntaxError: '(' was never closed (stand_in.py, line 1)"),
    ],
)
def test_a_file_that_declares_none_is_told(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "stand_in.py"
    file.write_text(text)

    with pytest.raises(DeclarationError) as caught:
        load(file)

    assert str(caught.value) == f"{file}: {fault}"


# --- the connections of a request ----------------------------------------------------------------

REAL = {"connection_data": {"value": {"key": "real"}, "connection_app_type": "x"}, "connection_management_type": "m"}


def test_every_connection_of_a_request_is_replaced() -> None:
    body = {
        "data": {"picked": {"id": "c", **REAL}, "name": "Ada", "form_data": {"picked": REAL}},
        "credentials": REAL,
        "workspace_id": "w",
    }

    changed = with_connection(body, {"key": "made-up"})

    assert "real" not in json.dumps(changed)
    assert json.loads(json.dumps(changed).replace("made-up", "real")) == body


@pytest.mark.parametrize("body", [{}, {"credentials": None}, {"credentials": {}, "data": None}, {"data": []}])
def test_a_request_without_a_connection_gets_one(body: dict[str, Any]) -> None:
    changed = with_connection(body, {"key": "made-up"})

    assert changed["credentials"] == {"connection_data": {"value": {"key": "made-up"}}}
    assert changed.get("data") == body.get("data")


# --- the switch ----------------------------------------------------------------------------------

DECLARATION = "from src.runtime.testing import StandIn\napi = StandIn({'key': 'made-up'})\n"
ROUTE = (
    f"from src.runtime.http import session\n{MODULE}\n"
    "PLACES = 'https://api.example.com:8443/v2/', 'http://127.0.0.1:9/x', 'http://api.example.com'\n"
    "@module.execute\ndef execute(request):\n"
    "    return [[session(place).base_url for place in PLACES], dict(request.connection())]\n"
)
ASKED = {"data": {}, "credentials": {"connection_data": {"value": {"key": "real"}}}}
ASK = f"{MAIN}import sys\nprint(app.test_client().post('/m/v1/execute', json={ASKED}).text, file=sys.stderr)\n"
UNTOUCHED: list[Any] = [
    ["https://api.example.com:8443/v2", "http://127.0.0.1:9/x", "http://api.example.com"],
    {"key": "real"},
]


@pytest.fixture
def connector(write: Write) -> Path:
    files = {"/main.py": MAIN, "/ask.py": ASK, "/tests/stand_in.py": DECLARATION}
    return write({**files, "m/v1/route.py": ROUTE})


def start(connector: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    variables = {"STACKSYNC_STAND_IN": "tests/stand_in.py", **variables}
    command = [sys.executable, "ask.py"]
    return subprocess.run(
        command, cwd=connector, env=environment() | variables, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", ["", "dev", "Development"])
def test_in_development_sessions_and_connections_are_those_of_the_stand_in(connector: Path, name: str) -> None:
    done = start(connector, ENVIRONMENT=name)

    (place, *others), connection = json.loads(done.stderr)["data"]
    url = place.removesuffix("/v2")
    assert url.startswith("http://127.0.0.1:")
    assert (others, connection) == (UNTOUCHED[0][1:], {"key": "made-up"})
    assert f"The API is a stand-in: tests/stand_in.py at {url}\n" in done.stdout


@pytest.mark.parametrize("name", ["prod", "staging", "stage", "production", "qa"])
def test_elsewhere_the_switch_is_ignored(connector: Path, name: str) -> None:
    done = start(connector, ENVIRONMENT=name)

    assert json.loads(done.stderr)["data"] == UNTOUCHED
    assert "STACKSYNC_STAND_IN is ignored: a stand-in serves development only" in done.stdout


def test_without_the_switch_there_is_none(connector: Path) -> None:
    done = start(connector, STACKSYNC_STAND_IN=" ")

    assert json.loads(done.stderr)["data"] == UNTOUCHED
    assert "stand-in" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork")
@pytest.mark.parametrize("option", [(), ("--preload",), ("--worker-class", "gthread")])
def test_under_gunicorn_the_switch_is_ignored_in_development_too(connector: Path, option: tuple[str, ...]) -> None:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *option, "main:app"]
    asked = {"STACKSYNC_STAND_IN": "tests/stand_in.py", "ENVIRONMENT": "dev"}
    with (connector / "log.txt").open("w") as log:
        process = subprocess.Popen(
            command, cwd=connector, env=environment() | asked, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            answer = poll(lambda: answer_of(port))
        finally:
            process.terminate()
            process.wait(60)

    assert answer == UNTOUCHED
    assert "STACKSYNC_STAND_IN is ignored" in (connector / "log.txt").read_text()


def answer_of(port: int) -> Any:
    try:
        return requests.post(f"http://127.0.0.1:{port}/m/v1/execute", json=ASKED, timeout=PATIENCE).json()["data"]
    except requests.ConnectionError:
        return None


@pytest.mark.parametrize(
    "files, fault",
    [
        ({}, "{root}/tests/gone.py: not found. STACKSYNC_STAND_IN must name a file such as tests/stand_in.py.\n"),
        ({"/tests/gone.py": "api = 1"}, "{root}/tests/gone.py: declares no stand-in. Write `api = StandIn(…)`.\n"),
    ],
)
def test_a_stand_in_that_cannot_serve_ends_the_start_with_one_message(
    connector: Path, write: Write, files: dict[str, str], fault: str
) -> None:
    write(files)

    done = start(connector, STACKSYNC_STAND_IN="tests/gone.py")

    assert (done.returncode, done.stderr) == (3, fault.format(root=connector))


# --- sessions ------------------------------------------------------------------------------------


def test_whatever_is_called_over_https_is_the_stand_in(tmp_path: Path) -> None:
    file = tmp_path / "stand_in.py"
    file.write_text(
        "from src.runtime.testing import StandIn\napi = StandIn()\n"
        "api.answer('GET /v2/status', {'fine': True})\napi.answer('POST /token', {'access_token': 't'})\n"
    )

    with serving(file) as api:
        auth = OAuth2(token_url="https://login.example.com/token", client_id="c", client_secret="s")
        client = session("https://api.example.com/v2", auth)
        assert (
            client.get("status").json() == client.get("https://api.example.com/v2/status?x=1").json() == {"fine": True}
        )

        assert api.asked == ["POST /token", "GET /v2/status", "GET /v2/status"]
        assert [call.headers.get("Authorization") for call in api.calls[1:]] == ["Bearer t"] * 2
        assert api.calls[2].query == {"x": "1"}
    assert session("https://api.example.com").base_url == "https://api.example.com"


def test_without_https_only_this_machine_can_be_called(api: StandIn, tmp_path: Path) -> None:
    api.answer("GET /status", {})
    file = tmp_path / "stand_in.py"
    file.write_text(DECLARATION)

    with serving(file):
        assert session(api.url, ApiKeyAuth("made-up", "X-Key")).get("status").json() == {}
        with pytest.raises(ApiError, match=r"api\.example\.com must be called over https"):
            session("http://api.example.com").get("status")
