"""The page for everybody: names, contrast, structure, sizes, in each of its states, by day and by night."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.studio.browser.audit import faults, least_contrast, sideways
from tests.studio.browser.studio_page import StudioPage


def refused(studio: StudioPage) -> None:
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_contain_text("Not sent")


def answered(studio: StudioPage) -> None:
    studio.send_anyway()


def tab(title: str) -> Callable[[StudioPage], None]:
    def show(studio: StudioPage) -> None:
        studio.send_anyway()
        studio.tab(title)

    return show


def dialog(studio: StudioPage) -> None:
    studio.button("New connection for Account").click()


def menu(studio: StudioPage) -> None:
    studio.button("Examples").click()


def example(studio: StudioPage) -> None:
    menu(studio)
    studio.button("Save the input as an example…").click()


def hidden_fields(studio: StudioPage) -> None:
    studio.page.get_by_text("1 hidden field", exact=True).click()
    studio.page.get_by_text("Why is this hidden?").click()


STATES = {
    "at first": lambda studio: None,
    "refused": refused,
    "answered": answered,
    "request": tab("Request"),
    "content calls": tab("Content calls"),
    "logs": tab("Logs"),
    "history": tab("History"),
    "problems": tab("Problems"),
    "connection dialog": dialog,
    "examples": menu,
    "example dialog": example,
    "hidden fields": hidden_fields,
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_can_be_used_by_everybody(studio: StudioPage, scheme: str) -> None:
    studio.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found = {}
    for name, reach in STATES.items():
        studio.open("send_campaign/v1")
        reach(studio)
        found[name] = faults(studio.page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert least_contrast(studio.page) >= 4.5


def test_create_contacts_can_be_used_by_everybody(studio: StudioPage) -> None:
    studio.open("create_contacts/v1")
    refused(studio)

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
    expect(studio.run().locator(".summary")).to_be_in_viewport()


def test_colours_that_the_system_forces_leave_the_edges(studio: StudioPage) -> None:
    studio.page.emulate_media(forced_colors="active")
    studio.open("send_campaign/v1")
    for control in ("Campaign name", "Channel", "Body"):
        style = studio.control(control).evaluate(
            "(e) => [getComputedStyle(e).borderTopStyle, getComputedStyle(e).borderTopWidth]"
        )
        assert style == ["solid", "1px"]
    assert re.match("[1-9]", studio.page.locator("#run").evaluate("(e) => getComputedStyle(e).borderTopWidth"))
