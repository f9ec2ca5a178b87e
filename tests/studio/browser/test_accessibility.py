"""The page for everybody, in each of its states, by day and by night: axe-core and audit.py find nothing."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.studio.browser.audit import contrast, faults, least_contrast, sideways
from tests.studio.browser.studio_page import StudioPage


def refused(studio: StudioPage) -> None:
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_contain_text("Not sent")


def through_every_state(studio: StudioPage) -> Iterator[str]:
    """Go through what Studio shows, as somebody does who tries everything, and return what each is called."""
    page = studio.page
    studio.first_screen()
    yield "first screen"
    studio.open("send_campaign/v1")
    expect(studio.control("Audience").locator("option")).to_have_count(3)
    yield "module"
    page.locator("#search").fill("no such module")
    yield "no module found"
    page.locator("#search").fill("")
    page.get_by_text("1 hidden field", exact=True).click()
    page.get_by_text("Why is this hidden?").click()
    refused(studio)
    yield "refused, hidden fields"
    studio.send_anyway()
    yield "answered"
    for title in ("Request", "Content calls", "Logs", "Problems", "History"):
        studio.tab(title)
        yield title
    studio.button("New connection for Account").click()
    yield "connection dialog"
    page.keyboard.press("Escape")
    studio.button("Examples").click()
    yield "examples"
    studio.button("Save the input as an example…").click()
    yield "example dialog"
    page.keyboard.press("Escape")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.button("Copy the connector's address").click()
    expect(page.locator(".toast")).to_be_visible()
    yield "toast"


def test_every_state_can_be_used_by_everybody(studio: StudioPage) -> None:
    page = studio.page
    page.emulate_media(reduced_motion="reduce")  # a colour on its way to another one is neither
    page.set_viewport_size({"width": 1440, "height": 2600})  # all is seen: axe cannot tell what lies below the bar
    found = {}
    for state in through_every_state(studio):
        found[state] = faults(page)
        page.emulate_media(color_scheme="dark")  # changes colours and nothing else
        found[f"{state}, by night"] = contrast(page)
        page.emulate_media(color_scheme="light")

    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    assert least_contrast(page) >= 4.5


def test_a_night_in_a_narrow_window_can_be_used_by_everybody(studio: StudioPage) -> None:
    studio.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    studio.page.set_viewport_size({"width": 390, "height": 2600})
    studio.open("create_contacts/v1")
    refused(studio)
    found = {"form": faults(studio.page)}
    studio.button("Modules").click()
    found["modules"] = faults(studio.page)
    studio.first_screen()
    found["first screen"] = [*faults(studio.page), *sideways(studio.page)]

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_create_contacts_can_be_used_by_everybody(studio: StudioPage) -> None:
    studio.open("create_contacts/v1")
    refused(studio)
    expect(studio.page.locator("#doing")).to_have_text("Not sent: 3 fields need attention.")

    assert faults(studio.page) == []


def test_what_does_not_load_is_told_to_everybody(studio: StudioPage) -> None:
    studio.open()
    expect(studio.page.locator("#errors")).to_be_hidden()
    with studio.served.module("untold", "def broken(:\n", {"fields": []}, loads=False):
        expect(studio.page.locator("#errors")).to_be_visible()
        expect(studio.page.locator("[role=alert]:has(#errors)")).to_contain_text("src/modules/untold/v1/route.py:1")
        assert faults(studio.page) == []
    expect(studio.page.locator("#errors")).to_be_hidden()


@pytest.mark.parametrize("width", [700, 320])
def test_a_narrow_window_is_enough(studio: StudioPage, width: int) -> None:
    studio.page.set_viewport_size({"width": width, "height": 900})
    for module in ("send_campaign/v1", "create_contacts/v1"):
        studio.open(module)
        assert sideways(studio.page) == []
        refused(studio)
        assert sideways(studio.page) == []

    toggle = studio.button("Modules")
    expect(studio.page.locator("#search")).to_be_hidden()
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(studio.page.locator("#search")).to_be_focused()
    studio.page.locator("#modules a", has_text="new_empty_action").click()
    studio.page.wait_for_url("**/m/new_empty_action/v1")  # and for its scripts

    studio.control("Name").fill("Ada")
    studio.control("Language").select_option(label="English")
    answer = studio.run()
    expect(answer.locator(".summary")).to_be_in_viewport()
    expect(answer.locator("pre")).to_be_in_viewport(ratio=1)
    studio.page.get_by_role("link", name="Form", exact=True).click()
    expect(studio.control("Name")).to_be_in_viewport()


def test_colours_that_the_system_forces_leave_the_edges(studio: StudioPage) -> None:
    studio.page.emulate_media(forced_colors="active")
    studio.open("send_campaign/v1")
    for control in ("Campaign name", "Channel", "Body"):
        style = studio.control(control).evaluate(
            """(e) => {
              const style = getComputedStyle(e.closest(".code-editor") ?? e);
              return [style.borderTopStyle, style.borderTopWidth];
            }"""
        )
        assert style == ["solid", "1px"]
    assert re.match("[1-9]", studio.page.locator("#run").evaluate("(e) => getComputedStyle(e).borderTopWidth"))
