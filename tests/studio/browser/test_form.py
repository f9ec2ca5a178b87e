"""The form, as somebody fills it in."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.studio.browser.studio_page import StudioPage

COUNTING = """\
from itertools import count

from src.runtime import Choice, Module, Request, Response

module = Module(__name__)
calls = count(1)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.data))


@module.content("lists")
def lists(request: Request) -> list[Choice]:
    number = next(calls)
    return [Choice(f"l{number}", f"List of call {number}")]
"""
COUNTED = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "list",
            "type": "string",
            "label": "List",
            "choices": {"values": []},
            "content": {"type": ["managed"], "content_objects": [{"id": "lists"}]},
            "ui_options": {"ui_widget": "SelectWidget"},
        }
    ],
}
GROWING = """\
import json
from typing import Any

from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.data))


@module.schema
def schema(request: Request) -> dict[str, Any]:
    form: dict[str, Any] = json.loads((module.folder / "schema.json").read_text("utf-8"))
    if request.form_data.get("kind"):
        form["fields"].append({"id": "breed", "type": "string", "label": f"Breed of {request.form_data['kind']}"})
    return form
"""
GROWN: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "kind",
            "type": "string",
            "label": "Kind",
            "choices": {"values": [{"value": "dog", "label": "Dog"}, {"value": "cat", "label": "Cat"}]},
            "ui_options": {"ui_widget": "SelectWidget"},
            "on_action": {"load_schema": True},
        },
        {"id": "age", "type": "integer", "label": "Age", "ui_options": {"ui_widget": "slider"}},
    ],
}


def test_what_is_missing_is_said_at_its_field_and_gets_the_focus(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    name = studio.control("Campaign name")
    expect(name).to_have_attribute("aria-required", "true")

    studio.page.locator("#run").click()

    expect(studio.page.locator("#doing")).to_have_text("Not sent: 5 fields need attention.")
    expect(studio.page.locator("#said")).to_have_text("Not sent: 5 fields need attention.")
    expect(studio.control("Account")).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description(re.compile("Campaign name is required"))
    expect(studio.panel("response")).to_contain_text("Not sent")

    name.fill("Spring")
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_have_text("Not sent: 4 fields need attention.")
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_choices_are_loaded_and_follow_what_they_depend_on(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    audience = studio.control("Audience")
    expect(audience.locator("option")).to_have_text(["Choose…", "Customers", "Newsletter"])
    calls = studio.tab("Content calls").locator(".call")
    expect(calls.first).to_contain_text("audiences")
    before = calls.count()  # with those of pages that were opened before, under other code
    audience.select_option(label="Newsletter")

    studio.control("Channel").select_option(label="Text message")

    # The choice of the other channel is none of this one's: it is kept, and marked.
    kept = audience.locator("option", has_text="not among the choices")
    expect(kept).to_have_count(1)
    expect(audience.locator("option:checked")).to_contain_text("Newsletter (not among the choices)")
    audience.select_option(label="Customers")
    assert "sms-customers" in audience.input_value()
    studio.tab("Content calls")
    expect(calls).to_have_count(before + 1)


def test_refresh_asks_the_connector_again(studio: StudioPage) -> None:
    with studio.module("counted", COUNTING, COUNTED):
        options = studio.control("List").locator("option")
        expect(options).to_have_text(["Choose…", "List of call 1"])

        studio.button("Refresh List").click()

        expect(options).to_have_text(["Choose…", "List of call 2"])
        expect(studio.page.locator("#said")).to_have_text("Refreshed List")
        expect(studio.button("Refresh List")).to_be_focused()


def test_an_object_is_chosen_whole(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    studio.control("Audience").select_option(label="Customers")

    sent = studio.send_anyway()

    assert sent["data"]["audience"] == {"id": "email-customers", "label": "Customers"}


def test_items_are_added_moved_and_removed(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    items = studio.field("/variables").locator("> fieldset > .items > .field")
    expect(items).to_have_count(1)

    studio.button("Add to Variables").click()
    expect(items).to_have_count(2)
    expect(studio.page.locator("#said")).to_have_text("Added to Variables. 2 items now.")
    second = studio.page.locator('[name="/variables/1/name"]')
    expect(second).to_be_focused()
    second.fill("city")

    items.nth(1).get_by_role("button", name=re.compile("^Move .* up")).click()
    expect(studio.page.locator('[name="/variables/0/name"]')).to_have_value("city")
    expect(studio.page.locator('[name="/variables/1/name"]')).to_have_value("first_name")

    items.nth(1).get_by_role("button", name=re.compile("^Remove ")).click()
    expect(items).to_have_count(1)
    assert studio.send_anyway()["data"]["variables"] == [{"name": "city"}]


def test_rules_act_as_one_types_and_say_why(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    subject, number = studio.control("Subject"), studio.control("Sender's number")
    subject.fill("Spring is here")
    expect(number).to_have_count(0)

    channel = studio.control("Channel")
    channel.focus()
    channel.select_option(label="Text message")

    expect(subject).to_have_count(0)
    expect(number).to_be_visible()
    expect(channel).to_be_focused()
    studio.page.get_by_text("1 hidden field", exact=True).click()
    studio.page.get_by_text("Why is this hidden?").click()
    why, rule = studio.page.locator(".hidden-fields dd p").all()
    expect(why).to_contain_text("`channel` equals `sms`.")
    expect(rule).to_have_text(re.compile(r"^src/modules/send_campaign/v1/schema\.json:\d+: rule 1$"))
    assert studio.send_anyway()["data"]["subject"] == "Spring is here", "what is hidden keeps and sends its value"

    channel.select_option(label="E-mail")
    expect(subject).to_have_value("Spring is here")


def test_code_is_read_while_it_is_written(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    headers, state = studio.control("Headers"), studio.field("/headers").locator(".syntax")
    expect(state).to_have_text("json: can be read")

    headers.fill('{"Reply-To": \n  oops}')
    expect(state).to_contain_text("line 2")
    expect(headers).to_have_value('{"Reply-To": \n  oops}')

    headers.fill('{"Reply-To": "a@example.com"}')
    expect(state).to_have_text("json: can be read")
    assert studio.send_anyway()["data"]["headers"] == {"Reply-To": "a@example.com"}


def test_a_form_that_the_module_makes_of_its_data(studio: StudioPage) -> None:
    with studio.module("growing", GROWING, GROWN):
        expect(studio.field("/age")).to_contain_text("slider")
        expect(studio.control("Age")).to_have_attribute("inputmode", "numeric")

        studio.control("Kind").select_option(label="Dog")
        breed = studio.control("Breed of dog")
        breed.fill("Spaniel")

        assert studio.send_anyway()["data"] == {"kind": "dog", "breed": "Spaniel"}
        studio.control("Kind").select_option(label="Cat")
        expect(studio.control("Breed of cat")).to_have_value("Spaniel")
        expect(studio.tab("Content calls").locator(".call code").first).to_have_text("schema")


def test_reset_brings_the_defaults_back(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    hour = studio.control("Hour")
    hour.fill("17")
    studio.page.get_by_label("Offers").check()

    studio.button("Reset").click()

    expect(hour).to_have_value("9")
    expect(studio.page.get_by_label("Offers")).not_to_be_checked()
    expect(studio.page.get_by_label("News", exact=True)).to_be_checked()
