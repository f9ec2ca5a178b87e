"""What a run calls is seen, whoever's session it is, and what cannot be seen is said."""

import importlib
import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from stacksync.dev.calls.call import ApiCall
from stacksync.dev.calls.hiding import shown
from stacksync.dev.calls.log import RunCalls
from stacksync.dev.runner.imports import when_imported
from tests.dev.called_api import BIG, CalledApi, called_api
from tests.dev.conftest import copy_with_probe
from tests.dev.developed import ROUTE, Developed, developed

CALLING = '''\
import gc
import hashlib
import os
import socket
import subprocess
import time
import urllib.request
import weakref
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from src.runtime import Choice, Module, Request, Response
from src.runtime.http import Retries, session

module = Module(__name__)
API = os.environ["CALLED_API"]
SOCKETS, SENDS = [], []
KEPT = HTTPConnection(urlsplit(API).netloc)


class Client:
    """As vendors write them: a session of its own, which repeats by itself."""

    def __init__(self):
        self.session = requests.Session()
        self.session.mount("http://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[500], raise_on_status=False)))
        self.session.headers["X-API-Key"] = "vendor-key-of-ours"

    def get(self, path, **options):
        return self.session.get(API + path, **options)  # the client's line


def ours():
    api = session(API, retries=Retries(backoff=0.01))
    api.headers["Authorization"] = "Bearer token-of-ours-1"
    api.get("/echo?page=1&api_key=in-the-query-1")
    api.get("/echo", params={"cursor": "2"})
    api.get("/busy")
    api.get("/moved")
    api.get("/missing")


def plain():
    token = requests.post(API + "/token", json={"client_secret": "secret-in-the-body", "name": "Ada"}).json()
    requests.get(API + "/echo", headers={"X-Other": token["access_token"]})
    requests.post(API + "/echo", data={"password": "secret-in-a-form", "user": "Ada"}, auth=("ada", "basic-secret-1"))
    requests.put(API + "/echo", data=iter([b"in ", b"parts"]), headers={"Content-Length": "8"})


def vendor():
    Client().get("/broken")


def bodies():
    client = Client()
    digests = [hashlib.sha256(client.get("/packed").content).hexdigest()]
    with client.get("/packed", stream=True) as answer:
        digests.append(hashlib.sha256(b"".join(answer.iter_content(777))).hexdigest())
    with client.get("/packed", stream=True) as answer:
        digests.append(hashlib.sha256(answer.raw.read(decode_content=True)).hexdigest())
    chunks = sum(map(len, client.get("/chunks", stream=True).iter_content(300)))
    begun = client.get("/packed", stream=True)
    begun.raw.read(100)
    begun.close()
    binary = len(client.get("/binary").content)
    client.session.head(API + "/echo")
    return {"digests": digests, "chunks": chunks, "binary": binary}


class Patient(HTTPAdapter):
    def send(self, *args, **options):
        time.sleep(0.2)
        return super().send(*args, **options)


def patient():
    with requests.Session() as api:
        api.mount("http://", Patient())
        api.get(API + "/echo")


def replaced():
    SENDS.append(HTTPAdapter.send)

    def send(adapter, request, **options):
        answer = requests.Response()
        answer.status_code, answer.raw = 299, ("of no kind that anybody knows",)
        return answer

    HTTPAdapter.send = send


def from_replaced():
    return requests.get(API + "/echo", stream=True).status_code


def put_back():
    HTTPAdapter.send = SENDS.pop()


def dropped():
    answer = requests.get(API + "/packed", stream=True)
    answer.raw.read(10)
    link = weakref.ref(answer.raw)
    gc.disable()
    try:
        del answer
        return link() is None
    finally:
        gc.enable()


def eight():
    with ThreadPoolExecutor(8) as pool:
        return sorted(pool.map(lambda n: requests.get(f"{API}/echo?n={n}").json()["path"], range(40)))


def refused():
    requests.get("http://127.0.0.1:1/nobody?token=in-a-refused-address")


def many():
    with requests.Session() as api:
        for number in range(300):
            api.get(f"{API}/echo?n={number}")


def by_urllib():
    with urllib.request.urlopen(API + "/echo") as answer:
        return answer.status


def pooled():
    KEPT.request("GET", "/echo")
    return KEPT.getresponse().read().decode()


def program():
    subprocess.run(["true"], check=True)


def socket_kept():
    host, port = urlsplit(API).netloc.split(":")
    SOCKETS.append(socket.create_connection((host, int(port))))


def socket_closed():
    SOCKETS.pop().close()


def nothing():
    return "nothing"


@module.execute
def execute(request: Request) -> Response:
    return Response(data={"result": globals()[request.data["name"]]()})


@module.content("choices")
def choices(request: Request) -> list[Choice]:
    requests.get(API + "/echo?for=choices")
    return [Choice("a", "A")]
'''


def test_what_is_imported_later_is_acted_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imported_late_1.py").write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    acted: list[ModuleType] = []

    when_imported("imported_late_1", acted.append)
    assert acted == []
    module = importlib.import_module("imported_late_1")

    assert (acted, module.VALUE, sys.meta_path) == ([module], 1, finders)


@pytest.fixture(scope="module")
def api() -> Iterator[CalledApi]:
    with called_api() as serving:
        yield serving


@pytest.fixture(scope="module")
def calling(api: CalledApi, compiled_connector: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developed]:
    root = copy_with_probe(compiled_connector, tmp_path_factory.mktemp("calls") / "crm", CALLING)
    (root / ".env").write_text(f"CALLED_API={api.url}\n")
    with developed(root) as connector:
        yield connector


RUNS = count(1)


def run(calling: Developed, what: str, endpoint: str = "execute") -> tuple[RunCalls, Any]:
    """Return what a run called, and what it answered."""
    name = f"studio-{next(RUNS)}"
    calls = calling.session.calls.begin(name, ("probe/v1", endpoint), {"in-a-path-of-ours": "path"})
    data = {"name": what}
    if endpoint == "content":
        data = {"form_data": {}, "content_object_names": [{"id": "choices"}]}  # type: ignore[dict-item]
    _, body = calling.call(f"/probe/v1/{endpoint}", data, name)
    calls.settle(wait=True)
    return calls, body["data"]


def line_of(text: str) -> str:
    number = next(n for n, line in enumerate(CALLING.splitlines(), 1) if text in line)
    return f"{ROUTE}:{number}"


def told(call: ApiCall) -> tuple[str, str, int | None, str]:
    return call.method, call.url.partition("127.0.0.1")[2].partition("/")[2], call.status, call.history


def test_a_session_of_ours_is_seen_with_every_attempt(calling: Developed) -> None:
    calls, _ = run(calling, "ours")

    found = calls.calls
    assert [told(each) for each in found if "waited" not in each.history] == [
        ("GET", "echo?page=1&api_key=••••••", 200, ""),
        ("GET", "echo?cursor=2", 200, ""),
        ("GET", "busy", 429, ""),
        ("GET", "moved", 302, ""),
        ("GET", "echo?from=moved", 200, "redirected by 5"),
        ("GET", "missing", 404, ""),
    ]
    (again,) = [each for each in found if "waited" in each.history]
    assert told(again)[:3] == ("GET", "busy", 200)
    assert again.repeats == 3
    assert 1 <= again.waited < 10
    assert found[0].place == line_of("page=1")
    assert dict(found[0].headers)["Authorization"][0] == "Bearer "
    assert (calls.number_bad, calls.other_ways, calls.beyond) == (2, [], {})


def test_sessions_of_others_are_seen(calling: Developed, api: CalledApi) -> None:
    calls, _ = run(calling, "plain")

    token, echo, form, streamed = calls.calls
    assert [told(each)[:3] for each in (token, echo)] == [("POST", "token", 200), ("GET", "echo", 200)]
    assert token.body is not None
    assert shown(token.body.text or ()) == '{"client_secret": "••••••", "name": "Ada"}'
    assert form.body is not None
    assert shown(form.body.text or ()) == "password=••••••&user=Ada"
    assert streamed.body is not None
    assert streamed.body.note == "It was streamed, and is not kept."
    assert api.asked[-1].body == b"in parts"
    secrets = ("secret-in-the-body", "secret-in-a-form", "learned-on-the-way-1", "kept-secret-cookie", "basic-secret-1")
    text = json.dumps(calls.as_json(), ensure_ascii=False)
    assert [each for each in (*secrets, "YWRhOmJhc2ljLXNlY3JldC0x") if each in text] == []


def test_what_urllib3_repeats_is_told(calling: Developed) -> None:
    calls, _ = run(calling, "vendor")

    assert [told(each) for each in calls.calls] == [("GET", "broken", 500, "sent 3 times: 500, 500")]
    assert calls.calls[0].place == line_of("the client's line")


def test_who_replaces_the_sending_is_seen_through_and_a_fault_of_ours_fails_no_run(calling: Developed) -> None:
    run(calling, "replaced")
    calls, data = run(calling, "from_replaced")
    run(calling, "put_back")
    after, _ = run(calling, "from_replaced")

    assert data == {"result": 299}
    assert [told(each) for each in calls.calls] == [("GET", "echo", 299, "")]
    (fault,) = calls.other_ways
    assert (fault.kind, fault.where) == ("fault", "TypeError")
    assert [told(each) for each in after.calls] == [("GET", "echo", 200, "")]


def test_a_wait_before_a_call_is_told(calling: Developed) -> None:
    calls, _ = run(calling, "patient")

    (call,) = calls.calls
    assert 0.2 <= call.waited < 10
    assert call.history == f"waited {call.waited:.1f} s"


def test_an_answer_that_is_dropped_is_closed_at_once_as_without_us(calling: Developed) -> None:
    _, data = run(calling, "dropped")

    assert data["result"] is True


def test_bodies_are_what_the_connector_reads_and_nothing_else(calling: Developed) -> None:
    import hashlib

    calls, data = run(calling, "bodies")

    result = data["result"]
    assert result["digests"] == [hashlib.sha256(BIG).hexdigest()] * 3
    assert (result["chunks"], result["binary"]) == (5000, 256)
    whole, parts, raw, chunks, begun, binary, head = [each.answer for each in calls.calls]
    assert whole and parts and raw and chunks and begun and binary and head  # noqa: PT018 - for the type checker
    assert [each.size for each in (whole, parts, raw, chunks, begun, binary, head)] == [
        *[len(BIG)] * 3,
        5000,
        100,
        256,
        0,
    ]
    assert [each.is_whole for each in (whole, parts, raw, chunks, begun)] == [True, True, True, True, False]
    assert whole.is_cut
    assert len(shown(whole.text or ())) == 65_536
    assert binary.note == "256 bytes that are no text (image/png)."


def test_eight_threads_lose_no_call(calling: Developed) -> None:
    calls, data = run(calling, "eight")

    assert data["result"] == sorted(f"/echo?n={number}" for number in range(40))
    assert sorted(each.url.partition("/echo")[2] for each in calls.calls) == sorted(f"?n={n}" for n in range(40))
    assert {each.place for each in calls.calls} == {line_of("pool.map")}
    assert {each.answer.is_whole for each in calls.calls if each.answer} == {True}


def test_a_call_without_an_answer_says_why(calling: Developed) -> None:
    calls, _ = run(calling, "refused")

    (call,) = calls.calls
    assert told(call) == ("GET", "nobody?token=••••••", None, "")
    assert call.error.startswith("ConnectionError: ")
    assert call.error.endswith("Connection refused")


def test_of_many_calls_the_first_are_kept_and_the_others_counted(calling: Developed) -> None:
    calls, _ = run(calling, "many")

    assert (len(calls.calls), calls.beyond, calls.count) == (200, {"200": 100}, 300)


@pytest.mark.parametrize(
    "what, kind, place",
    [
        ("by_urllib", "connection", "urlopen"),
        ("pooled", "connection", "KEPT.request"),
        ("program", "program", "subprocess.run"),
    ],
)
def test_another_way_is_marked(calling: Developed, api: CalledApi, what: str, kind: str, place: str) -> None:
    run(calling, what)
    calls, _ = run(calling, what)  # what was opened before may be used again

    (way,) = calls.other_ways
    where = {"connection": api.url.removeprefix("http://"), "program": "true"}[kind]
    assert (way.kind, way.where, way.place) == (kind, where, line_of(place))
    assert calls.has_other_ways
    assert calls.calls == []


def test_a_run_that_calls_nobody_is_not_marked(calling: Developed) -> None:
    calls, _ = run(calling, "nothing")

    assert (calls.calls, calls.other_ways, calls.count) == ([], [], 0)


def test_a_connection_that_was_left_open_may_be_used_by_a_later_run(calling: Developed, api: CalledApi) -> None:
    run(calling, "socket_kept")
    later, _ = run(calling, "nothing")
    run(calling, "socket_closed")
    closed, _ = run(calling, "nothing")

    (way,) = later.other_ways
    assert (way.kind, way.where, way.place) == ("kept", api.url.removeprefix("http://"), line_of("socket.create_conn"))
    assert not later.has_other_ways
    assert closed.other_ways == []


SDK_ROUTE = """\
import os

from workflows_cdk import Request, Response

from main import router


@router.route("/execute", methods=["POST"])
def execute():
    import requests

    answer = requests.get(os.environ["CALLED_API"] + "/echo", headers={"Authorization": "Bearer of-the-sdk-1"})
    return Response(data={"status": answer.status_code})
"""


def test_a_module_in_the_style_of_the_sdk_is_seen(sdk_root: Path, api: CalledApi) -> None:
    (sdk_root / ROUTE).write_text(SDK_ROUTE)
    (sdk_root / ".env").write_text(f"CALLED_API={api.url}\n")
    with developed(sdk_root) as connector:
        calls, data = run(connector, "anything")

    assert data == {"status": 200}
    assert [(*told(each), each.place) for each in calls.calls] == [("GET", "echo", 200, "", f"{ROUTE}:12")]
    assert "of-the-sdk-1" not in json.dumps(calls.as_json())


def test_calls_for_choices_are_seen(calling: Developed) -> None:
    calls, _ = run(calling, "", "content")

    assert [told(each) for each in calls.calls] == [("GET", "echo?for=choices", 200, "")]


def test_requests_outside_of_runs_are_not_followed(calling: Developed) -> None:
    before = calling.last
    held, _ = run(calling, "nothing")
    calling.call("/probe/v1/execute", {"name": "plain"})
    later, _ = run(calling, "nothing")

    news = [event.data for event in calling.session.events.since(before) if event.kind == "calls"]
    assert {data["count"] for data in news if data["run"] in (held.run, later.run)} == {0}
    assert (held.count, later.count) == (0, 0)


def test_news_of_a_run_is_told_now_and_then_however_many_calls(calling: Developed) -> None:
    before = calling.last
    calls, _ = run(calling, "many")
    calling.event_after(before, "calls", lambda data: data["run"] == calls.run and data["count"] == 300)

    news = [event.data for event in calling.session.events.since(before) if event.kind == "calls"]
    assert len(news) < 100  # of 600 things that the runner told
    assert dict(news[0]) == {"run": calls.run, "module": "probe/v1", "endpoint": "execute", "count": 0, "unseen": False}
