"""The panel of the calls to APIs: what it shows while a run goes on, afterwards, and when nothing can be seen."""

import re
from collections.abc import Mapping
from typing import Any

from stacksync.dev.calls.log import RunCalls
from tests.dev.called_api import called_api
from tests.studio.browsing import page
from tests.studio.conftest import Studio

SENT: dict[str, Any] = {
    "method": "POST",
    "url": "https://api.test/contacts?api_key=key-in-the-query",
    "headers": [["Authorization", "Bearer of-a-connection-1"], ["Content-Type", "application/json"]],
    "body": {"size": 2, "kept": "e30="},
    "place": ["src/modules/greet/v1/route.py", 7],
    "waited": 0,
    "repeats": None,
    "redirected_by": None,
}
ANSWERED: dict[str, Any] = {
    "status": 200,
    "reason": "OK",
    "answer_headers": [["Content-Type", "application/json"]],
    "sent": 1,
    "retried": [],
    "ms": 12.0,
}
READ: dict[str, Any] = {"answer": {"size": 2, "kept": "W10=", "whole": True}, "total_ms": 14.0}


def begun(studio: Studio, number: int, endpoint: str = "execute") -> RunCalls:
    secrets = {"of-a-connection-1": "token"}
    return studio.connector.session.calls.begin(f"studio-{number}", ("greet/v1", endpoint), secrets)


def tell(studio: Studio, number: int, *told: Mapping[str, Any], call: int = 1) -> None:
    for data in told:
        studio.connector.session.calls.take("call", {"run": f"studio-{number}", "number": call, **data})


def test_calls_are_shown_while_a_run_goes_on(studio: Studio) -> None:
    calls = begun(studio, 901)
    assert "No calls</strong>" in studio.get("/runs/901/calls").text

    tell(studio, 901, SENT)
    waiting = studio.get("/runs/901/calls").text
    assert "waiting" in waiting
    assert "src/modules/greet/v1/route.py:7" in waiting
    tell(studio, 901, ANSWERED, READ)
    done = page(studio.get("/runs/901/calls").text)

    (row,) = done.find("li", id="api-call-901-1")
    assert re.sub(r"\s+", " ", row.text).strip() == (
        "200 POST https://api.test/contacts?api_key=•••••• 14 ms 2 B src/modules/greet/v1/route.py:7"
    )
    assert calls.count == 1


def test_a_call_is_shown_whole_and_copied_without_secrets(studio: Studio) -> None:
    held = begun(studio, 902)
    tell(studio, 902, SENT, ANSWERED, READ)

    text = studio.get("/runs/902/calls/1").text

    shown = page(text)
    (button,) = [each for each in shown.find("button") if "cURL" in each.text]
    assert (
        button["data-copy"].splitlines()[0]
        == ': "${TOKEN:?export it first, the secret in the header Authorization}" &&'
    )
    assert [each.text for each in shown.find("pre", class_="json")] == ["{}", "[]"]
    assert [each for each in ("of-a-connection-1", "key-in-the-query") if each in text] == []
    assert held.get(1)


def test_what_is_not_kept_is_said(studio: Studio) -> None:
    held = begun(studio, 903)
    for number in range(1, 1001):
        tell(
            studio, 903, *([SENT, ANSWERED] if number <= 200 else [{"status": 200 if number % 2 else 429}]), call=number
        )

    shown = page(studio.get("/runs/903/calls").text)

    assert len(shown.find("li")) == 200
    (beyond,) = shown.find("p", id="calls-beyond")
    assert beyond.text.endswith("Of the 800 after them: 200 ×400, 429 ×400.")
    assert held.count == 1000
    assert studio.get("/runs/903/calls/201").status_code == 404
    gone = studio.get("/runs/904/calls")
    assert (gone.status_code, "The calls of run 904 are not kept any more" in gone.text) == (200, True)


def test_a_run_in_docker_says_that_nothing_is_seen(studio: Studio) -> None:
    log = studio.connector.session.calls
    log.is_followed = False
    try:
        held = begun(studio, 905)
        assert "not seen in Docker" in studio.get("/runs/905/calls").text
    finally:
        log.is_followed = True
    assert held.count == 0


def test_a_run_keeps_its_calls_and_says_what_it_used_besides(studio: Studio) -> None:
    with called_api() as api:
        answer = studio.post("/m/calling/v1/run", url=f"{api.url}/echo").get_json()

    number = answer["run"].rpartition("-")[2]
    assert "calls not seen" in answer["response"]
    panel = studio.get("/m/calling/v1/calls").text
    assert panel == studio.get(f"/runs/{number}/calls").text
    assert "<strong>1 call</strong>" in panel
    place = "src/modules/calling/v1/route.py:13"
    assert f"A connection to {api.url.removeprefix('http://')} was used by {place}, and not through requests." in panel
    history = studio.get("/m/calling/v1/history").text
    assert "1 call</span>" in history
    assert "calls not seen" in history
