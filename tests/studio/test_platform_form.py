"""The form as the platform shows it: its connection, what is loaded for it, templates, and what is sent."""

import json
from html import unescape
from typing import Any

import pytest

from tests.studio.browsing import Element, page
from tests.studio.conftest import Studio

TOKEN = "t0ken-of-the-connection"


def control(html: str, name: str) -> Element:
    found: list[Element] = [each for each in page(html).walk() if each.get("name") == name]
    return next(each for each in found if each.get("type") != "hidden")


def options(html: str, name: str) -> list[str]:
    return [each.text for each in control(html, name).find("option")]


def request_of(studio: Studio, run: str) -> dict[str, Any]:
    text = page(studio.get(f"/history/{run.split('-')[1]}").text).find("pre")[0].text
    return dict(json.loads(text))


def reply_of(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(page(answer["response"]).find("pre")[0].text)["data"])


def connect(studio: Studio) -> str:
    return studio.connect("Mine", token=TOKEN)


# --- the connection above the form -----------------------------------------------------------------


def test_dropdowns_wait_for_the_connection_that_a_form_requires(studio: Studio) -> None:
    opened = studio.get("/m/connected/v1").text

    assert options(opened, "connection") == ["Choose a connection…"]
    assert "disabled" in control(opened, "/owner").attributes
    assert options(opened, "/owner")[0] == "Choose a connection first"
    assert "data-wants-content" not in opened
    assert "X-Stacksync-Wants-Content" not in studio.post("/m/connected/v1/form").headers


def test_a_connection_fills_the_dropdowns_and_is_never_shown(studio: Studio) -> None:
    chosen = connect(studio)

    changed = studio.post("/m/connected/v1/load", changed="connection", connection=chosen)
    assert changed.headers["X-Stacksync-Wants-Content"] == "1"
    loaded = studio.post("/m/connected/v1/content", connection=chosen).text

    assert "disabled" not in control(loaded, "/owner").attributes
    assert options(loaded, "/owner") == ["Choose…", f"Ada by {TOKEN}", "Text or a template…"]
    assert "More exist than are listed." in loaded
    shown = studio.get("/m/connected/v1/content-calls").text
    assert TOKEN not in shown


def test_only_connections_that_the_form_allows_are_offered(studio: Studio) -> None:
    connect(studio)
    studio.post("/connections", _name="Other", app_type="mailer")

    assert options(studio.get("/m/connected/v1").text, "connection") == ["Choose a connection…", "Mine (crm)"]


def test_a_required_connection_that_is_not_chosen_is_said_at_its_place(studio: Studio) -> None:
    answer = studio.post("/m/connected/v1/run", **{"/people/0/mail": "a@example.com"}).get_json()

    assert not answer["sent"]
    assert control(answer["form"], "connection")["aria-invalid"] == "true"
    assert "Choose a connection." in answer["response"]


def test_execute_gets_the_envelope_of_the_platform(studio: Studio) -> None:
    chosen = connect(studio)
    typed = {"connection": chosen, "/people/0/mail": "a@example.com"}

    answer = studio.post("/m/connected/v1/run", **typed).get_json()

    body = request_of(studio, answer["run"])
    assert list(body) == ["data", "credentials", "workspace_id", "workflow_id", "workflow_module_instance_id"]
    assert body["credentials"] == {
        "connection_data": {
            "value": {"token": "••••••"},
            "connection_app_type": "crm",
            "connection_id": chosen,
            "rate_limiter": {},
        },
        "connection_management_type": "custom",
    }
    again = request_of(studio, studio.post("/m/connected/v1/run", **typed).get_json()["run"])
    assert again == body, "the ids stay"
    other = request_of(studio, studio.post("/m/guarded/v1/run").get_json()["run"])
    assert other["workflow_id"] == body["workflow_id"]
    assert other["workflow_module_instance_id"] != body["workflow_module_instance_id"]
    assert other["credentials"] == {}


def test_content_gets_the_envelope_of_the_platform(studio: Studio) -> None:
    chosen = connect(studio)
    studio.post("/m/connected/v1/content", connection=chosen, team="red")

    (call,) = [
        each
        for each in page(studio.get("/m/connected/v1/content-calls").text).find("pre")
        if "content_obj" in each.text
    ][:1]
    body = json.loads(call.text)

    assert list(body) == ["data", "credentials"]
    assert body["data"] == {"form_data": {"team": "red"}, "content_object_names": [{"id": "owners"}]}
    assert body["credentials"]["connection_data"]["connection_id"] == chosen


def test_an_example_names_the_values_of_the_connection(studio: Studio) -> None:
    chosen = connect(studio)
    saved = studio.post("/m/connected/v1/examples", connection=chosen, team="$5", _example="named").get_json()["file"]
    file = studio.root / saved
    try:
        request = json.loads(file.read_text())["request"]
        assert request["credentials"]["connection_data"]["value"] == {"token": "${token}"}
        filled = studio.get("/m/connected/v1/examples/named").text
        assert control(filled, "/team")["value"] == "$5"
        assert "selected" in control(filled, "connection").find("option")[1].attributes
    finally:
        file.unlink()


# --- what a change asks for ------------------------------------------------------------------------


def calls(studio: Studio, module: str) -> list[str]:
    found = page(studio.get(f"/m/{module}/v1/content-calls").text).find("summary")
    return [each.find("code")[0].text for each in found]


@pytest.mark.parametrize("field", ["team", "region"])  # which names them, and which names none: all are meant
def test_a_change_asks_again_for_the_content_objects_that_it_names(studio: Studio, field: str) -> None:
    typed = {"connection": connect(studio)}
    studio.post("/m/connected/v1/content", **typed)
    assert calls(studio, "connected") == ["owners"]

    studio.post("/m/connected/v1/content", **typed)
    assert calls(studio, "connected") == ["owners"], "nothing changed"

    for _ in range(2):
        changed = studio.post("/m/connected/v1/load", changed=f"/{field}", **{field: "red"}, **typed)
        assert changed.headers["X-Stacksync-Wants-Content"] == "1"
        studio.post("/m/connected/v1/content", **{field: "red"}, **typed)
    assert calls(studio, "connected") == ["owners"] * 3


def test_a_form_made_by_the_module_is_there_at_once_and_after_each_change(studio: Studio) -> None:
    assert " data-makes-form" in studio.get("/m/growing/v1").text
    assert " data-makes-form" not in studio.get("/m/greet/v1").text

    studio.post("/m/growing/v1/load")
    body = json.loads(page(studio.get("/m/growing/v1/content-calls").text).find("pre")[0].text)
    assert body == {"data": {"form_data": {}}, "credentials": {}}

    grown = studio.post("/m/growing/v1/load", changed="/kind", kind="dog").text
    made = control(grown, "/kind") and page(grown).find("input", name="made")[0]["value"]
    other = studio.post("/m/growing/v1/load", changed="/kind", made=made, kind="cat", dog_name="Rex").text
    assert control(other, "/kind")["value"] == "cat"
    assert "dog_name" not in page(other).find("input", name="data")[0]["value"], "its field is gone"


def test_a_fault_of_the_schema_handler_is_said_at_the_field_that_asked(studio: Studio) -> None:
    grown = studio.post("/m/growing/v1/load", changed="/kind", kind="dragon").text

    found = control(grown, "/kind")
    assert (found["value"], found["aria-invalid"]) == ("dragon", "true")
    assert "The module's form could not be loaded: There are no dragons. (400)" in unescape(grown)


def test_a_new_form_begins_with_its_defaults(studio: Studio) -> None:
    opened = studio.get("/m/connected/v1").text

    assert control(opened, "/people/0/name")["value"] == "Ada"
    names = [each["data-pointer"] for each in page(opened).walk() if "data-pointer" in each.attributes]
    assert names[-3:] == ["/people/0/name", "/people/0/mail", "/secret"], "in the order of ui_order"
    assert "At least 1 and at most 5." in opened
    assert control(opened, "/secret")["value"] == "", "not two quote characters"


# --- templates -------------------------------------------------------------------------------------

X = "{{ MODULE.x.output.id }}"


def test_a_template_is_accepted_asked_for_and_marked(studio: Studio) -> None:
    drawn = studio.post("/m/connected/v1/form", limit=X, team=f"a {X} b", note=X).text

    assert control(drawn, "/limit")["value"] == X
    assert control(drawn, "value:MODULE.x.output.id")["value"] == ""
    assert len(page(drawn).find("fieldset", class_="template-values")[0].find("input")) == 1
    marked = [each["id"] for each in page(drawn).find("ul", class_="templates")]
    assert marked == ["field-team--templates", "field-limit--templates"], "none may stand in the note"

    given = studio.post("/m/connected/v1/form", limit=X, **{"value:MODULE.x.output.id": "7"}).text
    assert f"{X} is replaced with 7 in a run" in page(given).find("ul", class_="templates")[0].text


def test_an_unreplaced_template_in_a_run_is_told(studio: Studio) -> None:
    typed = {"connection": connect(studio), "/people/0/mail": "x", "team": X}

    answer = studio.post("/m/connected/v1/run", **typed).get_json()
    assert not answer["sent"]
    assert f"Team holds {X}, which has no value for this run" in unescape(answer["response"])
    assert control(answer["form"], "/team")["aria-invalid"] == "true"

    anyway = studio.post("/m/connected/v1/run", anyway="1", **typed).get_json()
    assert reply_of(anyway)["data"]["team"] == X


def test_templates_are_replaced_before_a_run_is_sent(studio: Studio) -> None:
    typed = {"connection": connect(studio), "limit": X, "team": f"no. {X}!", "note": X, "/active": ["{ }", "{{ y }}"]}
    typed |= {"/people/0/mail": "{{ y }}", "value:MODULE.x.output.id": "7", "value:y": "true"}

    answer = studio.post("/m/connected/v1/run", **typed).get_json()

    sent = request_of(studio, answer["run"])["data"]
    assert sent["limit"] == 7
    assert sent["team"] == "no. 7!"
    assert sent["note"] == X, "no template may stand there, so it is a text"
    assert sent["active"] is True
    assert reply_of(answer)["data"]["people"] == [{"mail": "true"}]
    panel = page(studio.get(f"/history/{answer['run'].split('-')[1]}").text).find("div", class_="replaced")[0]
    assert [each.text for each in panel.find("li")] == [
        f"/team no. {X}! → no. 7!",
        f"/limit {X} → 7",
        "/active {{ y }} → true",
        "/people/0/mail {{ y }} → true",
    ]


def test_a_value_for_a_password_is_masked_everywhere(studio: Studio) -> None:
    typed = {"connection": connect(studio), "/people/0/mail": "x", "secret": X}
    typed["value:MODULE.x.output.id"] = "value-0f-the-vault"

    answer = studio.post("/m/connected/v1/run", **typed).get_json()

    number = answer["run"].split("-")[1]
    shown = answer["form"] + answer["response"] + studio.get(f"/history/{number}").text
    assert answer["sent"]
    assert "value-0f-the-vault" not in shown
    (box,) = page(answer["form"]).find("input", name="value:MODULE.x.output.id")
    assert (box["type"], "data-kept" in box.attributes) == ("password", True)


@pytest.mark.parametrize("value, sent", [('[{"mail": "a"}]', [{"mail": "a"}]), ('"[]"', "[]")])
def test_a_template_stands_for_a_whole_list(studio: Studio, value: str, sent: Any) -> None:
    drawn = studio.post("/m/connected/v1/form", operation="template:/people", **{"/people/0/mail": "x"}).text
    assert control(drawn, "/people")["value"] == "{{ }}"
    typed = {"_data": json.dumps({"people": X}), "/people": X, "value:MODULE.x.output.id": value, "anyway": "1"}

    answer = studio.post("/m/connected/v1/run", connection=connect(studio), **typed).get_json()

    assert request_of(studio, answer["run"])["data"]["people"] == sent
    back = studio.post(
        "/m/connected/v1/form", operation="value:/people", **{"_data": typed["_data"], "/people": X}
    ).text
    assert control(back, "/people/0/name")["value"] == "Ada"


# --- choices with a text of one's own --------------------------------------------------------------


def test_a_text_of_ones_own_stands_beside_the_choices(studio: Studio) -> None:
    typed = {"connection": connect(studio), "/people/0/mail": "x"}
    studio.post("/m/connected/v1/content", **typed)

    own = studio.post("/m/connected/v1/form", **typed, **{"/owner": ["{ }", "somebody"]}).text
    chosen = studio.post("/m/connected/v1/form", **typed, **{"/owner": ["ada", "somebody"]}).text
    begun = studio.post("/m/connected/v1/form", **typed, **{"/owner": ["{ }", ""]}).text

    for html, option, text in ((own, "{ }", "somebody"), (chosen, "ada", ""), (begun, "{ }", "")):
        select, box = [each for each in page(html).walk() if each.get("name") == "/owner"]
        assert [each["value"] for each in select.find("option") if "selected" in each.attributes] == [option]
        assert box["value"] == text


def test_a_boolean_is_a_value_or_a_template(studio: Studio) -> None:
    opened = studio.get("/m/connected/v1").text

    assert options(opened, "/active") == ["Choose…", "Yes", "No", "A template…"]
    for text, value in (("true", True), ("false", False)):
        form = studio.post("/m/connected/v1/form", **{"/active": [text, ""]}).text
        assert json.loads(page(form).find("input", name="data")[0]["value"])["active"] is value


# --- what is off in an answer ----------------------------------------------------------------------


def test_content_answers_follow_the_present_contract(studio: Studio) -> None:
    studio.post("/m/wrong/v1/form", name="Ada", operation="refresh:/greeting")

    told = page(studio.get("/m/wrong/v1/content-calls").text).find("div", class_="off")[0].text

    for part in ("`greeting` has no `id`.", "does not say whether there are more choices", "Item 1 has no value."):
        assert part in told
    assert "no `content_object_name`" not in told
