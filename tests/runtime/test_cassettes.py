"""Cassettes: what is recorded of a run's calls, what of it is never written, and how it is played back."""

import base64
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, quote_plus

import flask
import pytest
import requests

from src.runtime import create_app
from src.runtime.cassettes.content import CassetteError, calls_of, fields_of, hosts_of, read, replaced, text_of
from src.runtime.cassettes.installing import load_mask, using
from src.runtime.cassettes.tapes import Player, Recorder, UnknownCallError
from src.runtime.http import ApiError, BearerAuth, HTTPBasicAuth, OAuth2, Retries, session
from src.runtime.testing import StandIn
from src.runtime.testing.leading import sessions_led_to
from tests.runtime.conftest import Write
from tests.runtime.test_start import MAIN, environment

Json = dict[str, Any]
Run = Callable[[Json], Any]
TOKEN = "tok-5f3a9c1e77d2"


@pytest.fixture
def api() -> Iterator[StandIn]:
    api = StandIn()
    with api.running():
        yield api


class Taped:
    """Records runs against an API on this machine, and plays them back when it is gone."""

    def __init__(self, api: StandIn, folder: Path) -> None:
        self.api, self.file = api, folder / "run.json"
        self.mask_body: Any = None

    def record(self, run: Run, **connection: Any) -> str:
        """Record a run, and return the text of its cassette."""
        tape, values = Recorder(self.mask_body), {"token": TOKEN, "url": self.api.url, **connection}
        tape.take({"credentials": {"connection_data": {"value": values}}})
        with using(tape):
            run(values)
        self.file.write_text(text_of(tape.content()), "utf-8")
        return self.file.read_text("utf-8")

    def play(self, run: Run) -> tuple[Any, list[str]]:
        """Play the cassette back, the API being led to nowhere; return what the run returns, and what was not so."""
        calls, tape = len(self.api.calls), Player(read(self.file), "run.json", self.mask_body)
        with using(tape):
            answer = run(tape.take({"data": {}})["credentials"]["connection_data"]["value"])
        assert len(self.api.calls) == calls
        return answer, tape.faults()


@pytest.fixture
def taped(api: StandIn, tmp_path: Path) -> Taped:
    return Taped(api, tmp_path)


def client(values: Json, **options: Any) -> Any:
    return session(values["url"], BearerAuth(values["token"]), **options)


# --- what is recorded, and played back -----------------------------------------------------------


def test_a_cassette_is_one_file_without_the_connection(taped: Taped, api: StandIn) -> None:
    api.answer("GET /people", {"b": [1, 2.5, None, True], "a": "é", "at": f"{api.url}/people"})

    text = taped.record(lambda values: client(values).get("people", params={"n": 1}).json())

    assert json.loads(text) == {
        "calls": [
            {
                "request": {
                    "method": "GET",
                    "url": "${connection.url}/people?n=1",
                    "headers": {"Accept": "*/*", "Authorization": "Bearer ${connection.token}"},
                },
                "response": {
                    "status": 200,
                    "reason": "OK",
                    "headers": {"Content-Type": "application/json"},
                    "json": {"b": [1, 2.5, None, True], "a": "é", "at": "${connection.url}/people"},
                },
            }
        ],
        "connections": {"connection": {"token": "made-up-token", "url": "http://127.0.0.1"}},
    }
    assert list(json.loads(text)["calls"][0]["response"]["json"]) == ["b", "a", "at"]  # as the API has them
    played, faults = taped.play(lambda values: client(values).get("people", params={"n": 1}).json())
    assert (played, faults) == ({"b": [1, 2.5, None, True], "a": "é", "at": "http://127.0.0.1/people"}, [])


def test_forty_calls_of_eight_threads_are_kept_and_played_back_by_eight(taped: Taped, api: StandIn) -> None:
    api.add_url_rule("/n/<int:n>", "n", lambda n: {"n": n, "token": f"secret-{n}-{n:08}"}, methods=["GET"])

    def run(values: Json) -> list[int]:
        calls = client(values)
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(lambda n: calls.get(f"n/{n % 20}").json()["n"], range(40)))

    first = taped.record(run)
    again = taped.record(run)

    assert len(json.loads(first)["calls"]) == 40
    assert first == again
    assert taped.play(run) == ([n % 20 for n in range(40)], [])


def test_equal_calls_are_answered_in_the_order_in_which_they_were_recorded(taped: Taped, api: StandIn) -> None:
    numbers = iter(range(100))
    api.add_url_rule("/next", "next", lambda: {"n": next(numbers)}, methods=["POST"])

    def run(values: Json) -> list[int]:
        return [client(values).post("next", json=body).json()["n"] for body in ({"a": 1, "b": 2}, {}, {"b": 2, "a": 1})]

    taped.record(run)

    assert taped.play(run) == ([0, 1, 2], [])


STREAM = [b"one\n", b"two\n", b"three\n"]
PNG = b"\x89PNG\r\n\x1a\n\x00\xff" + bytes(range(256))


def declare_bodies(api: StandIn) -> None:
    packed = gzip.compress(b'{"packed": true}')
    kinds = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    latin = {"Content-Type": "text/plain; charset=iso-8859-1"}
    views: dict[str, Any] = {
        "gzip": lambda: (packed, 200, kinds),
        "image": lambda: (PNG, 200, {"Content-Type": "image/png"}),
        "latin": lambda: ("Zoë".encode("latin-1"), 200, latin),
        "stream": lambda: flask.Response(iter(STREAM), mimetype="text/plain"),
        "number": lambda: ('{"n": 1.10, "big": 12345678901234567890}', 200, kinds | {"Content-Encoding": "identity"}),
        "empty": lambda: ("", 204),
        "there": lambda: flask.redirect("/here", 307),
        "here": lambda: {"is": "here"},
        "broken": lambda: ("nope", 500),
    }
    for name, view in views.items():
        api.add_url_rule(f"/{name}", name, view, methods=["GET", "POST"])


def test_all_kinds_of_answers(taped: Taped, api: StandIn) -> None:
    declare_bodies(api)

    def run(values: Json) -> list[Any]:
        calls, plain = client(values), requests.Session()
        with closing(calls.get("stream", stream=True)) as answer:
            some = list(answer.iter_lines())
        with closing(plain.get(f"{values['url']}/gzip", stream=True, timeout=9)) as answer:
            unread = answer.raw.read()[:2]  # as it came: packed
        there = calls.get("there")
        with pytest.raises(ApiError) as refused:
            calls.get("broken")
        return [
            some,
            unread,
            calls.get("gzip").json(),
            calls.get("image").content,
            calls.get("latin").text,
            calls.get("number").text,
            (calls.get("empty").status_code, calls.get("empty").content),
            (there.json(), [each.status_code for each in there.history]),
            refused.value.status,
        ]

    expected = [
        [line.strip() for line in STREAM],
        b"\x1f\x8b",
        {"packed": True},
        PNG,
        "Zoë",
        '{"n": 1.10, "big": 12345678901234567890}',
        (204, b""),
        ({"is": "here"}, [307]),
        500,
    ]
    text = taped.record(lambda values: live.append(run(values))) if (live := []) is not None else ""

    assert live == [expected]
    assert taped.play(run) == (expected, [])
    kept = {call["request"]["url"].rpartition("/")[2]: call["response"] for call in json.loads(text)["calls"]}
    assert kept["image"]["base64"] == base64.b64encode(PNG).decode()
    assert kept["latin"]["text"] == "Zoë"
    assert "Content-Encoding" not in next(
        call["response"]["headers"]
        for call in json.loads(text)["calls"]
        if call["request"]["url"].endswith("/gzip") and "json" in call["response"]
    )


def test_of_a_stream_is_kept_what_the_connector_read(taped: Taped, api: StandIn) -> None:
    declare_bodies(api)

    def run(values: Json) -> bytes:
        with closing(client(values).get("stream", stream=True)) as answer:
            first: bytes = next(answer.iter_content(4))
            return first

    text = taped.record(run)

    assert json.loads(text)["calls"][0]["response"]["text"] == "one\n"
    assert taped.play(run) == (b"one\n", [])


def test_all_kinds_of_requests(taped: Taped, api: StandIn) -> None:
    def echo() -> Any:
        return {"length": len(flask.request.get_data()), "kind": flask.request.content_type or ""}

    api.add_url_rule("/echo", "echo", echo, methods=["POST"])

    def run(values: Json) -> list[int]:
        bodies: list[Json] = [
            {"data": {"a": "1 ä"}},
            {"data": b"\x00\xff"},
            {"files": {"file": ("a.txt", io.BytesIO(b"hello"))}},
            {"data": io.BytesIO(b"from a file")},
            {"data": iter([b"in", b"parts"])},
        ]
        return [client(values).post("echo", **body).json()["length"] for body in bodies]

    live: list[Any] = []
    taped.record(lambda values: live.append(run(values)))

    assert live[0][1] == 2
    assert live[0][3:] == [11, 7]
    assert taped.play(run) == (live[0], [])


def test_a_refused_token_is_fetched_again(taped: Taped, api: StandIn) -> None:
    issued = iter(["first-token-123456", "second-token-654321"])

    @api.post("/token")
    def token() -> Any:
        return {"access_token": next(issued), "expires_in": 3600}

    @api.get("/me")
    def me() -> Any:
        is_second = flask.request.headers["Authorization"] == "Bearer second-token-654321"
        return {"name": "Ada"} if is_second else ({"error": "expired"}, 401)

    def run(values: Json) -> Any:
        auth = OAuth2(token_url=f"{values['url']}/token", client_id="our-client-id", client_secret=values["token"])
        return session(values["url"], auth).get("me").json()

    text = taped.record(run)

    assert "first-token" not in text
    assert "second-token" not in text
    headers = [call["request"]["headers"].get("Authorization") for call in json.loads(text)["calls"]]
    assert headers == [
        "Bearer ${access_token}",
        "Bearer ${access_token.2}",
        "Basic ${basic.user}:${connection.token}",
        "Basic ${basic.user}:${connection.token}",
    ]
    assert taped.play(run) == ({"name": "Ada"}, [])


def test_nobody_waits_while_a_run_is_played_back(taped: Taped, api: StandIn) -> None:
    api.answer("GET /busy", {"ok": True})
    api.fail(429, headers={"Retry-After": "1"})
    api.fail(503, after=0, times=1)

    def run(values: Json) -> Any:
        return client(values, retries=Retries(backoff=1.0)).get("busy").json()

    taped.record(run)
    started = monotonic()

    assert taped.play(run) == ({"ok": True}, [])
    assert monotonic() - started < 0.9  # the run itself waited for two seconds


def test_a_call_that_found_nobody_finds_nobody_again(taped: Taped, api: StandIn) -> None:
    def run(values: Json) -> str:
        with pytest.raises(requests.ConnectionError) as fault:
            requests.get("http://127.0.0.1:9/", timeout=5)
        return type(fault.value).__name__

    taped.record(run)

    assert taped.play(run) == ("ConnectionError", [])


# --- what does not fit -----------------------------------------------------------------------------


def test_an_unknown_call_fails_and_both_kinds_are_named(taped: Taped, api: StandIn) -> None:
    api.answer("GET /a", {})
    api.answer("GET /b", {})
    taped.record(lambda values: [client(values).get(path) for path in ("a", "a", "b")])

    def run(values: Json) -> None:
        client(values).get("a")
        for path in ("c", "c"):
            with pytest.raises(UnknownCallError) as fault:
                client(values).get(path, params={"q": values["token"]})
            told.append(str(fault.value))

    told: list[str] = []
    _, faults = taped.play(run)

    assert told[0] == "run.json has no such call, or not so often: GET ${connection.url}/c?q=${connection.token}"
    assert faults == [
        "run.json has no call GET ${connection.url}/c?q=${connection.token} (2 times)",
        "run.json: not called: GET ${connection.url}/a",
        "run.json: not called: GET ${connection.url}/b",
    ]


def test_no_session_reaches_the_network_while_a_run_is_played_back(taped: Taped, api: StandIn) -> None:
    api.answer("GET /a", {})
    taped.record(lambda _: None)

    def run(_: Json) -> None:
        for ask in (requests.get, requests.Session().get):
            with pytest.raises(UnknownCallError):
                ask(f"{api.url}/a", timeout=5)

    _, faults = taped.play(run) if "connections" in taped.file.read_text() else (None, [])

    assert faults == [f"run.json has no call GET {api.url}/a (2 times)"]


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "run.json is no cassette (JSONDecodeError)."),
        ("[]", "run.json is no cassette (TypeError)."),
        ('{"calls": [{}]}', "run.json is no cassette (KeyError)."),
        (None, "There is no cassette run.json: record it first."),
    ],
)
def test_a_file_that_is_no_cassette(tmp_path: Path, text: str | None, told: str) -> None:
    file = tmp_path / "run.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(CassetteError) as fault:
        read(file)

    assert str(fault.value) == told


# --- what is never written -------------------------------------------------------------------------

PLANTED = {
    "key": "k-9d1f0b7a55e34c",
    "secret": 'Pa55+wörd/with "quotes" & ${dollars}',
    "user": "ada.lovelace@corp.example",
    "tenant": "acme-3391",
    "pin": 48151623,
}
LEARNED = {
    "access": "at-77aa88bb99cc0011",
    "refresh": "rt-ff00ee11dd22cc33",
    "session": "00Dxx0000001gPz!AQEAQFk",
    "cookie": "s%3Aabcdef0123456789",
    "environment": "env-key-31415926",
}


def test_secrets_in_nine_places_of_a_recording_are_not_in_it(
    taped: Taped, api: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_API_KEY", LEARNED["environment"])
    secret = PLANTED["secret"]

    @api.post("/token")
    def token() -> Any:
        return {"access_token": LEARNED["access"], "refresh_token": LEARNED["refresh"], "expires_in": 60}

    @api.route("/<path:_>", methods=["GET", "POST"])
    def anything(_: str) -> Any:
        told = {
            "you_sent": flask.request.headers.get("X-API-Key"),
            "echo": flask.request.get_data(as_text=True),
            "link": f"/next?sig=1&access_token={LEARNED['access']}",
            "nested": {"sessionId": LEARNED["session"], "note": f"session {LEARNED['session']} is open"},
            "basic": base64.b64encode(f"{PLANTED['user']}:{secret}".encode()).decode(),
            "pin": PLANTED["pin"],
        }
        headers = {
            "Set-Cookie": f"sid={LEARNED['cookie']}",
            "X-Auth-Token": LEARNED["session"],
            "X-Key": PLANTED["key"],
        }
        return told, 200, headers

    def run(values: Json) -> Any:
        calls = session(values["url"], HTTPBasicAuth(values["user"], values["secret"]))
        found = calls.post("token", data={"client_secret": values["secret"], "pin": values["pin"]}).json()
        api_key = {"X-API-Key": values["key"], "X-Env": LEARNED["environment"]}
        bearer = session(values["url"], BearerAuth(found["access_token"]))
        return [
            calls.get(f"tenants/{values['tenant']}/{quote(values['secret'], safe='')}").status_code,
            calls.get("query", params={"key": values["key"], "p": values["secret"], "sig": "1"}).status_code,
            calls.get("headers", headers=api_key).status_code,
            calls.post("json", json={"deep": [{"password": values["secret"], "who": values["user"]}]}).status_code,
            bearer.post("refresh", json={"refresh_token": found["refresh_token"], "n": values["pin"]}).status_code,
        ]

    text = taped.record(run, **PLANTED)

    everything = {**PLANTED, **LEARNED}
    spelled = {name: spellings(str(value)) for name, value in everything.items()}
    found = {name: each for name, all_of in spelled.items() for each in all_of if each.lower() in text.lower()}
    assert found == {}
    assert "Set-Cookie" not in text
    assert "Date" not in text
    assert taped.play(run) == ([200] * 5, [])


def spellings(value: str) -> list[str]:
    escaped = json.dumps(value)[1:-1]
    encoded = [base64.b64encode(b"x" * shift + value.encode()).decode()[4:-4] for shift in range(3)]
    return [value, escaped, json.dumps(escaped)[1:-1], quote(value), quote(value, safe=""), quote_plus(value), *encoded]


def test_connections_in_several_fields_have_names_of_their_own(api: StandIn, tmp_path: Path) -> None:
    api.answer("GET /a", {})

    def body(source: str, target: str) -> Json:
        of = {"source": source, "target": target}
        return {"data": {name: {"id": "1", "connection_data": {"value": {"token": each}}} for name, each in of.items()}}

    def run(taken: Json) -> None:
        for name in ("source", "target"):
            session(api.url).get("a", params={"t": taken["data"][name]["connection_data"]["value"]["token"]})

    tape = Recorder()
    with using(tape):
        run(tape.take(body("first-secret-1", "second-secret-2")))
    content = tape.content()

    assert sorted(call["request"]["url"].rpartition("=")[2] for call in content["calls"]) == [
        "${connection.source.token}",
        "${connection.target.token}",
    ]
    player = Player(content, "two.json")
    with using(player):
        run(player.take(body("", "")))
    assert player.faults() == []


def test_text_that_looks_like_a_placeholder_stays_what_it_is(taped: Taped, api: StandIn) -> None:
    api.answer("GET /a", {"text": "${connection.token} and $${x} and $5"})

    taped.record(lambda values: client(values).get("a").json())

    played, _ = taped.play(lambda values: client(values).get("a").json())
    assert played == {"text": "${connection.token} and $${x} and $5"}


def test_the_connectors_hook_masks_bodies_and_what_follows_from_them(taped: Taped, api: StandIn) -> None:
    taped.mask_body = lambda body, _url: json.loads(json.dumps(body).replace("Ada Lovelace", "Person One"))
    api.answer("GET /people", [{"name": "Ada Lovelace"}])
    api.answer("GET /people/<name>", {"ok": True})

    def run(values: Json) -> Any:
        name = client(values).get("people").json()[0]["name"]
        return name, client(values).get(f"people/{quote(name)}").json()

    text = taped.record(run)

    assert "Lovelace" not in text
    assert taped.play(run) == (("Person One", {"ok": True}), [])


def test_a_hook_is_a_function_of_the_connector(tmp_path: Path) -> None:
    assert load_mask(tmp_path) is None
    file = tmp_path / "tests/cassettes.py"
    file.parent.mkdir()
    file.write_text("def mask_body(body, url):\n    return url\n")
    hook = load_mask(tmp_path)
    assert hook is not None
    assert hook({}, "u") == "u"

    file.write_text("1 / 0\n")
    with pytest.raises(CassetteError) as fault:
        load_mask(tmp_path)
    assert str(fault.value) == "tests/cassettes.py: ZeroDivisionError: division by zero"


# --- what is looked at before it is written ----------------------------------------------------------


def test_values_are_shown_by_path_and_replaced_wherever_they_stand(taped: Taped, api: StandIn) -> None:
    people = [{"email": f"{name}@corp.test", "age": age} for name, age in (("ada", 36), ("grace", 40))]
    api.answer("GET /people", {"results": people, "total": 2})
    api.answer("GET /by/<email>", {"ok": True})

    def run(values: Json) -> Any:
        found = client(values).get("people").json()["results"]
        return [client(values).get(f"by/{quote(each['email'])}", params={"e": each["email"]}).json() for each in found]

    taped.record(run)
    content = read(taped.file)

    assert hosts_of(content) == ["${connection.url}"]
    assert calls_of(content)[2] == "GET ${connection.url}/people 200"
    assert fields_of(content)["response.results[].email"] == ["ada@corp.test", "grace@corp.test"]
    changed = replaced(content, "response.results[].email", "person{n}@example.com")
    changed = replaced(changed, "response.results[].age", "5{n}")
    assert "corp.test" not in text_of(changed)
    assert "corp.test" not in text_of(changed).replace("%40", "@")
    assert fields_of(changed)["response.results[].age"] == ["51", "52"]
    taped.file.write_text(text_of(changed), "utf-8")
    assert taped.play(run) == ([{"ok": True}] * 2, [])
    with pytest.raises(CassetteError) as fault:
        replaced(content, "response.nothing", "x")
    assert str(fault.value) == "The cassette has no field response.nothing."


# --- with a stand-in, and in the process of the command --------------------------------------------


def test_what_a_stand_in_answered_is_recorded_as_of_the_api(api: StandIn, tmp_path: Path) -> None:
    api.answer("GET /v2/people", {"next": "https://api.example.com/v2/people", "here": f"{api.url}/v2/x"})
    tape = Recorder()
    with using(tape), sessions_led_to(api.url):
        made = __import__("src.runtime.http.session", fromlist=["session"]).session("https://api.example.com/v2")
        made.get("people")

    (call,) = tape.content()["calls"]
    assert call["request"]["url"] == "https://api.example.com/v2/people"
    assert call["response"]["json"]["here"] == "https://api.example.com/v2/x"


ROUTE = """\
from src.runtime import Module
from src.runtime.http import BearerAuth, session

module = Module(__name__)

@module.execute
def execute(request):
    return session("https://api.example.com", BearerAuth(request.connection()["token"])).get("me").json()
"""
ASK = f"""{MAIN}
import sys
print(app.test_client().post("/m/v1/execute", json={{"data": {{}}}}).get_json()["data"], file=sys.stderr)
from src.runtime.cassettes.installing import outcome
print(outcome(), file=sys.stderr)
"""
CASSETTE = {
    "calls": [
        {
            "request": {"method": "GET", "url": "https://api.example.com/me", "headers": {}},
            "response": {"status": 200, "reason": "OK", "headers": {}, "json": {"name": "Ada"}},
        }
    ],
    "connections": {"connection": {"token": "made-up-token"}},
}


@pytest.fixture
def connector(write: Write) -> Path:
    files = {"/main.py": MAIN, "/ask.py": ASK, "/me.json": json.dumps(CASSETTE), "m/v1/route.py": ROUTE}
    return write(files)


def start(connector: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "ask.py"]
    return subprocess.run(
        command, cwd=connector, env=environment() | variables, capture_output=True, text=True, timeout=60, check=False
    )


def test_in_development_the_variable_plays_a_cassette_back(connector: Path) -> None:
    done = start(connector, STACKSYNC_CASSETTE="me.json", ENVIRONMENT="dev")

    assert done.stderr == "{'name': 'Ada'}\n{'faults': []}\n"


@pytest.mark.parametrize(
    "variables, told",
    [
        (
            {"STACKSYNC_CASSETTE": "me.json", "ENVIRONMENT": "prod"},
            "STACKSYNC_CASSETTE is for development only, and this is started with ENVIRONMENT=prod. Unset it.\n",
        ),
        (
            {"STACKSYNC_CASSETTE": "record", "ENVIRONMENT": "staging"},
            "STACKSYNC_CASSETTE is for development only, and this is started with ENVIRONMENT=staging. Unset it.\n",
        ),
        (
            {"STACKSYNC_CASSETTE": "gone.json"},
            "STACKSYNC_CASSETTE: There is no cassette gone.json: record it first.\n",
        ),
    ],
)
def test_elsewhere_the_runtime_refuses_to_start(
    connector: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    told: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        create_app(connector)

    assert (ended.value.code, capsys.readouterr().err) == (3, told)


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork")
def test_under_gunicorn_it_refuses_in_development_too(connector: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "main:app"]
    variables = {"STACKSYNC_CASSETTE": "me.json", "ENVIRONMENT": "dev"}

    done = subprocess.run(
        command, cwd=connector, env=environment() | variables, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 3
    assert "STACKSYNC_CASSETTE is for development only, and this is started under gunicorn. Unset it." in done.stderr


def test_without_the_variable_nothing_of_it_is_loaded(connector: Path) -> None:
    (connector / "ask.py").write_text(f"{MAIN}import sys\nprint([n for n in sys.modules if 'cassettes' in n])\n")

    assert start(connector).stdout.splitlines()[-1] == "[]"
