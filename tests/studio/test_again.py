"""The last run, sent again for code that was saved: only where it may be, and once for each save."""

from typing import Any

import pytest

from stacksync.runtime import STAND_IN_SWITCH
from stacksync.studio.runs.again import Again
from tests.studio.conftest import Studio

AGAIN = "/m/greet/v1/again"


def send_again(studio: Studio) -> dict[str, Any]:
    return dict(studio.post(f"{AGAIN}/run").get_json())


def test_a_real_api_is_called_again_only_when_the_switch_is_on(studio: Studio) -> None:
    def is_on(module: str) -> bool:
        return 'id="again" autocomplete="off" checked>' in studio.get(f"/m/{module}/v1/history").text

    first = studio.post("/m/greet/v1/run", name="Ada").get_json()["number"]
    assert not is_on("greet")
    assert send_again(studio) == {}

    assert studio.post(f"{AGAIN}/switch", _on="1").get_json() == {"on": True}
    assert is_on("greet")
    studio.post("/m/wrong/v1/run", name="Ada")
    assert not is_on("wrong")  # each module has its own
    again = send_again(studio)

    assert (again["before"], again["number"]) == (first, first + 2)
    assert ">200<" in again["response"]
    assert send_again(studio) == {}  # for another tab: it was sent for this save
    assert "nothing changed" in studio.get(f"/history/{first}/changed/{again['number']}").text


def test_what_was_never_run_is_not_sent(studio: Studio) -> None:
    studio.post(f"{AGAIN}/switch", _on="1")
    assert send_again(studio) == {}


def test_an_input_that_the_form_refuses_now_is_not_sent(studio: Studio) -> None:
    studio.post(f"{AGAIN}/switch", _on="1")
    studio.post("/m/greet/v1/run", anyway="1")
    assert "Name is required" in send_again(studio)["refused"]


def test_with_a_stand_in_it_is_on_until_it_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STAND_IN_SWITCH, raising=False)
    assert not Again().is_on("greet/v1")
    monkeypatch.setenv(STAND_IN_SWITCH, "tests/stand_in.py")
    again = Again()
    assert again.is_on("greet/v1")
    again.switch("greet/v1", on=False)
    assert not again.is_on("greet/v1")


def test_one_state_is_one_save() -> None:
    again, ready = Again(), {"state": "ready"}
    again.switch("greet/v1", on=True)
    assert [again.take("greet/v1", ready) for _ in range(2)] == [True, False]
    assert again.take("greet/v1", dict(ready))
    assert not again.take("greet/v1", {"state": "failed"})


def test_choices_that_changed_are_told(studio: Studio) -> None:
    calls = "/m/greet/v1/content-calls"
    studio.post("/m/greet/v1/content", name="Ada")
    assert "data-changed" not in studio.get(calls).text
    studio.post("/m/greet/v1/form", name="Ada", operation="refresh:/greeting")
    assert "data-changed" not in studio.get(calls).text  # the same answer

    file = studio.root / "src/modules/greet/v1/route.py"
    text = file.read_text()
    with studio.connector.next_state("ready"):
        file.write_text(text.replace('"Moin")', '"Moin, moin")'))
    try:
        studio.post("/m/greet/v1/content", name="Ada")
        shown = studio.get(calls).text
        assert shown.count("data-changed") == 1
        assert '<code class="place">data.content_objects[0].data[1].label</code>' in shown
    finally:
        with studio.connector.next_state("ready"):
            file.write_text(text)
