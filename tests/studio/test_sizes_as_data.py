"""What was sent and answered as data: what kind it is, what may be had of it, and long lists of choices."""

import json

import pytest

from stacksync.runtime import forms
from stacksync.studio.form.controls import ChoiceLists, FormState, Input, parse, render_form
from stacksync.studio.form.controls.choice_lists import FEW, KEPT, choice_list
from stacksync.studio.runs.history import HistoryEntry
from stacksync.studio.runs.sending import Answer
from stacksync.studio.runs.showing import LONGEST_TEXT, SHORT, answered_value, why_no_bytes
from tests.studio.browsing import page, posted
from tests.studio.conftest import Studio

PICTURE = b"\x89PNG\r\n\x1a\n\xff"


def entry(body: bytes, content_type: str, reply: str | None = None) -> HistoryEntry:
    answer = Answer(200, content_type, body)
    return HistoryEntry(1, "a/v1", "execute", Input({}), {}, answer, answer.text if reply is None else reply)


@pytest.mark.parametrize(
    "body,content_type,kind",
    [
        (b'{"data": 1}', "application/json; charset=utf-8", "json"),
        (b'{"data": 1}', "application/problem+json", "json"),
        (b'{"data": 1}', "text/plain", "text"),
        (b"", "application/json", "text"),
        (b"<p>", "text/html; charset=utf-8", "page"),
        (PICTURE, "image/png", "picture"),
        (b"<svg onload='alert(1)'/>", "image/svg+xml", "text"),
        (b"%PDF", "application/pdf", "binary"),
        (b"\x00\x01", "", "binary"),
        (b"\xff\xfe", "application/x-own", "binary"),
        (b"gr\xfc\xdfe", "text/plain; charset=latin-1", "text"),
    ],
)
def test_an_answer_is_shown_as_what_it_is(body: bytes, content_type: str, kind: str) -> None:
    assert answered_value(entry(body, content_type)).kind == kind


def test_what_is_long_is_no_part_of_the_page() -> None:
    long = json.dumps({"data": "x" * SHORT}).encode()
    assert answered_value(entry(long, "application/json")).text == ""
    assert answered_value(entry(b'{"data":1}', "application/json")).text == '{\n  "data": 1\n}'

    shown = answered_value(entry(b"x" * (LONGEST_TEXT + 1), "text/plain"))
    assert (len(shown.text), shown.cut) == (LONGEST_TEXT, LONGEST_TEXT + 1)


def test_bytes_that_hold_a_secret_or_are_lost_cannot_be_had() -> None:
    assert why_no_bytes(entry(PICTURE, "image/png")) == ""
    assert "holds a secret" in why_no_bytes(entry(b"secret-token\xff", "image/png", "••••••\ufffd"))
    kept = entry(PICTURE, "image/png").reply.encode()
    assert "earlier stacksync dev" in why_no_bytes(entry(kept, "image/png"))


def test_values_are_handed_out_masked_and_as_files(studio: Studio) -> None:
    run = studio.post("/m/greet/v1/run", name="Ada", pin="pin-4711-secret").get_json()["number"]

    answered = studio.get(f"/history/{run}/answered")
    assert answered.content_type == "text/plain; charset=utf-8"
    assert answered.get_json(force=True)["data"]["name"] == "Ada"
    assert "4711" not in answered.text + studio.get(f"/history/{run}/sent").text
    saved = studio.get(f"/history/{run}/answered?download=1").headers["Content-Disposition"]
    assert saved == f"attachment; filename=greet-v1-execute-{run}.json"
    assert studio.get(f"/history/{run}/preview").status_code == 404
    assert studio.get("/history/999/answered").text == "Run 999 is not kept any more.\n"
    assert studio.get(f"/history/{run}/copies/cURL").text.startswith("curl ")
    assert studio.get(f"/history/{run}/copies/nothing").status_code == 404


def test_what_an_api_answered_is_shut_in(studio: Studio) -> None:
    run = studio.post("/m/strange/v1/run", kind="page").get_json()["number"]
    shown = studio.get(f"/history/{run}/preview")
    assert shown.content_type == "text/html; charset=utf-8"
    assert shown.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")

    run = studio.post("/m/strange/v1/run", kind="picture").get_json()["number"]
    shown = studio.get(f"/history/{run}/bytes")
    assert (shown.content_type, shown.data) == ("image/png", PICTURE)
    assert shown.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "attachment" in studio.get(f"/history/{run}/bytes?download=1").headers["Content-Disposition"]


# --- choices -------------------------------------------------------------------------------------------------------

TYPED = [1, "1", True, "true", 1.5, None, "", {"id": 7, "name": "Seven"}, *range(10, 40)]


def form_of(*fields: dict[str, object]) -> forms.Form:
    return forms.read_form({"fields": list(fields)})


def choices(values: list[object]) -> dict[str, object]:
    return {"values": [{"value": each, "label": f"Choice {number}"} for number, each in enumerate(values)]}


@pytest.mark.parametrize("value", [1, "1", True, "true", 1.5, 39, "another"])
def test_a_choice_of_a_long_list_keeps_its_type(value: object) -> None:
    form = form_of({"id": "mixed", "choices": choices(TYPED)})
    drawn = page(render_form(FormState(form, {"mixed": value})))

    assert drawn.find("select") == []
    assert parse(form, posted(drawn)).data == {"mixed": value}


def test_several_of_a_long_list_keep_their_types_and_their_order() -> None:
    form = form_of({"id": "many", "type": "array", "items": {"choices": choices(TYPED)}})
    data = {"many": [30, "1", 1, True]}

    assert parse(form, posted(page(render_form(FormState(form, data))))).data == data


def test_a_long_list_is_in_no_form_and_ready_by_its_name() -> None:
    lists = ChoiceLists()
    form = form_of({"id": "few", "choices": choices(list(range(FEW)))}, {"id": "long", "choices": choices(TYPED)})
    drawn = page(render_form(FormState(form, {"long": "1"}, keep=lists.keep)))

    [control] = drawn.find("choice-list")
    assert (control["value"], control["label"]) == ('"1"', "Choice 1")
    found = lists.get(control["list"] or "")
    assert found
    assert json.loads(found.content)[:3] == [["1", "Choice 0"], ['"1"', "Choice 1"], ["true", "Choice 2"]]
    assert len(drawn.find("option")) == FEW + 1


def test_only_the_newest_lists_are_kept() -> None:
    lists = ChoiceLists()
    made = [choice_list((forms.FieldChoice(number, "One"),), by_key=True) for number in range(KEPT + 1)]
    for each in made:
        lists.keep(each)

    assert [lists.get(each.name) for each in (made[0], made[-1])] == [None, made[-1]]


def test_a_list_that_is_not_kept_says_so(studio: Studio) -> None:
    answer = studio.get("/m/greet/v1/choices/gone")
    assert (answer.status_code, answer.text) == (404, "These choices are not kept any more: refresh them.\n")


def test_choices_are_loaded_one_by_one_where_the_page_names_them(studio: Studio) -> None:
    wanted = studio.post("/m/greet/v1/form", name="Ada").headers["X-Stacksync-Wants-Content"]
    assert "Loading the choices" in studio.post("/m/greet/v1/form", name="Ada").text
    assert studio.post("/m/greet/v1/content", name="Ada", wanted="another").status_code == 204
    assert studio.post("/m/greet/v1/form", name="Ada").headers["X-Stacksync-Wants-Content"] == wanted

    assert studio.post("/m/greet/v1/content", name="Ada", wanted=wanted).status_code == 204

    loaded = studio.post("/m/greet/v1/form", name="Ada")
    assert ">Moin</option>" in loaded.text
    assert "X-Stacksync-Wants-Content" not in loaded.headers
