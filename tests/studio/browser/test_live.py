"""The page while the connector is edited: forms, code and what it says follow what is saved."""

import json
import re

from playwright.sync_api import BrowserContext, expect

from tests.studio.browser.studio_page import Served, StudioPage

ROUTE = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    print("answering once")
    return Response(data={"answer": "one"})
"""
FIRST = {"id": "first", "type": "string", "label": "First name"}
LAST = {"id": "last", "type": "string", "label": "Last name"}
FORM = {"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": [FIRST, LAST]}


def test_an_edited_form_keeps_focus_caret_and_what_was_typed(studio: StudioPage) -> None:
    with studio.module("edited_form", ROUTE, FORM) as folder:
        studio.control("Last name").fill("Lovelace")
        first = studio.control("First name")
        first.fill("Augusta Ada")
        first.press("Home")
        for _ in range(3):
            first.press("ArrowRight")
        first.press("Shift+ArrowRight")
        assert studio.caret() == ("/first", 3, 4)

        new = {"id": "middle", "type": "string", "label": "Middle name"}
        fields = [new, {**FIRST, "description": "As in the passport."}, LAST]
        (studio.served.root / folder / "schema.json").write_text(json.dumps({**FORM, "fields": fields}, indent=2))

        expect(studio.control("Middle name")).to_be_visible()
        expect(studio.field("/first")).to_contain_text("As in the passport.")
        assert studio.caret() == ("/first", 3, 4)
        expect(first).to_have_value("Augusta Ada")
        expect(studio.control("Last name")).to_have_value("Lovelace")


def test_a_form_that_cannot_be_read_stays_until_it_is_mended(studio: StudioPage) -> None:
    with studio.module("broken_form", ROUTE, FORM) as folder:
        studio.control("First name").fill("Ada")
        problem = studio.page.locator("#form-problem")
        expect(problem).to_be_hidden()

        studio.served.edit(f"{folder}/schema.json", '"fields": [', '"fields": [,')

        expect(problem).to_be_visible()
        expect(problem.locator(".place")).to_have_text(re.compile(rf"^{folder}/schema\.json:\d+$"))
        expect(studio.control("First name")).to_have_value("Ada")

        studio.served.edit(f"{folder}/schema.json", '"fields": [,', '"fields": [')
        expect(problem).to_be_hidden()
        expect(studio.control("First name")).to_have_value("Ada")


def test_an_edited_route_is_served(studio: StudioPage) -> None:
    with studio.module("edited_route", ROUTE, FORM) as folder:
        expect(studio.run().locator("pre")).to_contain_text('"answer": "one"')

        studio.served.edit(f"{folder}/route.py", '"one"', '"two"')

        expect(studio.page.locator("#said")).to_have_text("The connector is ready.")
        expect(studio.run().locator("pre")).to_contain_text('"answer": "two"')


def test_an_error_of_syntax_is_shown_where_it_is_until_it_is_mended(studio: StudioPage) -> None:
    with studio.module("mistaken", ROUTE, FORM) as folder:
        banner, pill = studio.page.locator("#errors"), studio.page.locator("#state")

        studio.served.edit(f"{folder}/route.py", '{"answer": "one"}', '{"answer": "one"')

        expect(banner).to_contain_text(re.compile(rf"{folder}/route\.py:\d+"))
        expect(banner).to_contain_text("The last good version still serves.")
        expect(pill).to_have_text(re.compile("1 module fails"))  # the others are served as before
        expect(pill).to_have_attribute("data-state", "partly")
        expect(studio.page.locator("#modules a[aria-current=page]")).to_contain_text("fault, old version serves")
        expect(studio.run().locator("pre")).to_contain_text('"answer": "one"')

        studio.served.edit(f"{folder}/route.py", '{"answer": "one"', '{"answer": "mended"}')

        expect(banner).to_be_hidden()
        expect(pill).to_have_attribute("data-state", "ready")
        expect(studio.run().locator("pre")).to_contain_text('"answer": "mended"')


def test_ten_tabs_hear_everything(context: BrowserContext, served: Served) -> None:
    with served.module("heard", ROUTE.replace("answering", "telling"), FORM) as folder:
        tabs = [StudioPage(context.new_page(), served) for _ in range(10)]
        for tab in tabs:
            tab.open("heard/v1")

        tabs[-1].run()
        for tab in tabs:
            expect(tab.panel("logs").locator("li", has_text="telling once")).to_have_count(1)

        # The tab that listens for all of them is closed: another one takes over, and nothing is heard twice.
        tabs.pop(0).page.close()
        served.edit(f"{folder}/route.py", "telling once", "telling again")
        expect(tabs[-1].page.locator("#said")).to_have_text("The connector is ready.")
        tabs[-1].run()
        for tab in tabs:
            expect(tab.panel("logs").locator("li", has_text="telling again")).to_have_count(1)
            expect(tab.panel("logs").locator("li", has_text="telling once")).to_have_count(1)
        for tab in tabs:
            tab.check()
            tab.page.close()


def test_a_new_module_is_listed_and_found(studio: StudioPage) -> None:
    studio.open()
    with studio.served.module("get_orders", ROUTE, FORM):
        links = studio.page.locator("#modules a")
        expect(links.filter(has_text="get_orders")).to_be_visible()

        studio.page.keyboard.press("/")
        studio.page.keyboard.type("orders")
        expect(links.filter(visible=True)).to_have_text([re.compile("get_orders")])
        studio.page.keyboard.press("Enter")
        studio.page.wait_for_url("**/m/get_orders/v1")
        studio.open()
    expect(studio.page.locator("#modules a").filter(has_text="get_orders")).to_have_count(0)


def test_a_page_that_outlives_stacksync_dev_says_so(served: Served, context: BrowserContext) -> None:
    studio = StudioPage(context.new_page(), served).open()
    context.set_offline(True)
    try:
        studio.page.locator("#run").click()
        expect(studio.page.locator("#doing")).to_have_text("Studio does not answer: is stacksync dev still running?")
    finally:
        context.set_offline(False)
