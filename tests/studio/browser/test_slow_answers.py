"""What somebody does while an answer is on its way is not lost when it comes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Route, expect

from tests.studio.browser.studio_page import StudioPage
from tests.studio.browser.test_form import GROWING, GROWN


@contextmanager
def held(studio: StudioPage, path: str) -> Iterator[list[Route]]:
    """Keep the first request to a path from Studio's server until the end of the block. Yield those that came."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        if waiting:
            route.continue_()
        waiting.append(route)

    studio.page.route(f"**/{path}", hold)
    yield waiting
    studio.page.wait_for_function("() => true")
    assert waiting, f"nothing was asked of {path}"
    waiting[0].continue_()
    studio.page.unroute(f"**/{path}")


def test_a_connection_stays_chosen_though_a_rule_acts_at_the_same_time(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    expect(studio.control("Audience").locator("option")).to_have_count(3)
    studio.button("New connection for Account").click()
    dialog = studio.page.get_by_role("dialog", name="New connection")
    dialog.get_by_label("Name").fill("Slow")

    with held(studio, "form"):
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_be_hidden()
        studio.control("Channel").select_option(label="Text message")

    expect(studio.control("Sender's number")).to_be_visible()
    expect(studio.control("Account").locator("option:checked")).to_have_text("Slow (mailer)")
    expect(studio.control("Channel")).to_have_value("sms")


def test_an_item_added_while_the_module_runs_stays(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    studio.page.get_by_label("Send anyway").check()
    items = studio.field("/variables").locator("> fieldset > .items > .field")

    with held(studio, "run"):
        studio.page.locator("#run").click()
        expect(studio.page.locator("#doing")).to_have_text("Sending…")
        studio.button("Add to Variables").click()
        expect(items).to_have_count(2)
        studio.page.locator('[name="/variables/1/name"]').fill("city")

    expect(studio.panel("response").locator(".status")).to_be_visible()
    expect(items).to_have_count(2)
    expect(studio.page.locator('[name="/variables/1/name"]')).to_have_value("city")


def test_two_items_added_at_once_are_two(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    items = studio.field("/variables").locator("> fieldset > .items > .field")

    with held(studio, "form"):
        studio.button("Add to Variables").click()
        studio.button("Add to Variables").click()

    expect(items).to_have_count(3)


def test_a_form_that_the_module_makes_comes_though_the_list_grew_meanwhile(studio: StudioPage) -> None:
    tags = {"id": "tags", "type": "array", "label": "Tags", "items": {"type": "string", "label": "Tag"}}
    with studio.module("growing_slowly", GROWING, {**GROWN, "fields": [*GROWN["fields"], tags]}):
        with held(studio, "load"):
            studio.control("Kind").select_option(label="Dog")
            studio.button("Add to Tags").click()
            expect(studio.page.locator('[name="/tags/0"]')).to_be_visible()

        expect(studio.control("Breed of dog")).to_be_visible()
        expect(studio.page.locator('[name="/tags/0"]')).to_be_visible()


def test_what_is_missing_is_said_though_the_form_is_drawn_again_and_again(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    channel = studio.control("Channel")
    with ExitStack() as stack:
        with held(studio, "run"):
            studio.page.locator("#run").click()
            channel.select_option(label="Text message")
            expect(studio.control("Sender's number")).to_be_visible()
            drawn = stack.enter_context(held(studio, "form"))
        while not drawn:  # the form with what is missing, asked for when the run was refused
            studio.page.wait_for_function("() => true")
        channel.select_option(label="E-mail")
        expect(studio.control("Sender's number")).to_be_hidden()

    expect(studio.page.locator("#doing")).to_have_text("Not sent: 5 fields need attention.")
    expect(studio.control("Account")).to_be_focused()  # the first of them
