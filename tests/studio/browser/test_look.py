"""How the page looks to whoever keeps it open: the first screen, the list of modules, panes, light and dark."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.studio.browser.studio_page import StudioPage
from tests.studio.browser.test_live import FORM, ROUTE

FAILING = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    raise RuntimeError("the API went away")
"""


def width(place: Locator) -> float:
    return float(place.evaluate("(e) => e.getBoundingClientRect().width"))


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_first_screen_leads_to_what_there_is(studio: StudioPage) -> None:
    page = studio.first_screen().page
    expect(page.locator("#overview-steps")).to_contain_text("Run a module")

    page.locator("main").get_by_role("link", name=re.compile("^greet New Empty Action")).click()

    page.wait_for_url("**/m/new_empty_action/v1?example=greet")
    expect(studio.control("Name")).not_to_have_value("")
    expect(studio.run().locator(".status")).to_have_text("200")
    studio.first_screen()
    expect(page.locator("#overview-steps li", has_text="Run a module")).to_contain_text("(done)")
    page.locator("#overview-runs a").first.click()
    expect(studio.panel("response").locator(".status")).to_have_text("200")
    expect(studio.panel("request")).to_contain_text('"data"')


def test_a_module_that_was_not_run_offers_its_examples(studio: StudioPage) -> None:
    waiting = studio.open("create_contacts/v1").panel("response")
    waiting.get_by_role("button", name="Fill in hubspot").click()
    expect(studio.page.locator("#said")).to_have_text("The example hubspot is in the form.")


def test_modules_are_found_by_what_users_see_and_by_their_folder(studio: StudioPage) -> None:
    studio.open()
    search, shown = studio.page.locator("#search"), studio.page.locator("#modules a").filter(visible=True)
    for words in ("Send a camp", "send_camp", "campaign action"):
        search.fill(words)
        expect(shown).to_have_text([re.compile("Send a campaign")])
    search.fill("no such")
    expect(shown).to_have_count(0)
    expect(studio.page.locator("#modules h2").filter(visible=True)).to_have_count(0)


def test_panes_are_dragged_and_moved_by_keys_and_stay(studio: StudioPage) -> None:
    page = studio.open().page
    modules, results = page.locator("#modules-pane"), page.locator("#results")
    edge = page.get_by_role("separator", name="Width of the modules")
    before = width(modules)

    edge.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "20")
    assert width(modules) > before + 30
    page.keyboard.press("Home")
    expect(edge).to_have_attribute("aria-valuenow", str(edge.get_attribute("aria-valuemin")))
    page.keyboard.press("Enter")
    assert width(modules) == before

    wide = width(results)
    box = page.get_by_role("separator", name="Width of the results").bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, 400)
    page.mouse.down()
    page.mouse.move(box["x"] - 150, 400, steps=3)
    page.mouse.up()
    dragged = width(results)
    assert 100 < dragged - wide < 200

    studio.open()
    assert width(results) == dragged


def test_light_and_dark_are_chosen_and_stay(studio: StudioPage) -> None:
    page = studio.open().page
    by_day = background(page)
    page.emulate_media(color_scheme="dark")
    by_night = background(page)
    assert by_night != by_day

    page.get_by_role("radio", name="Light", exact=True).check()
    assert background(page) == by_day
    studio.open()
    expect(page.get_by_role("radio", name="Light", exact=True)).to_be_checked()
    assert background(page) == by_day

    page.get_by_role("radio", name="As the system").check()
    assert background(page) == by_night


def test_a_badge_waits_at_the_log_after_an_error(studio: StudioPage) -> None:
    with studio.module("failing", FAILING, FORM):
        expect(studio.page.locator("#lines li").first).to_be_attached()  # of earlier tests: what is old does not wait
        badge = studio.page.locator("#tab-logs .count")
        expect(studio.run().locator(".status")).to_have_text("500")
        expect(badge).to_have_text("1")
        expect(badge).to_have_attribute("data-kind", "bad")
        studio.tab("Logs")
        expect(badge).to_be_empty()


def test_what_is_asked_for_is_seen_to_wait_and_stands_still_for_those_who_want_that(studio: StudioPage) -> None:
    waiting: list[Route] = []
    held = [True]
    studio.page.route("**/problems", lambda route: waiting.append(route) if held else route.continue_())
    studio.open()
    bar = studio.tab("Problems").locator(".skeleton > i").first
    expect(bar).to_be_visible()
    assert bar.evaluate("(e) => getComputedStyle(e).animationName") == "breathe"
    studio.page.emulate_media(reduced_motion="reduce")
    assert bar.evaluate("(e) => getComputedStyle(e).animationName") == "none"

    held.clear()
    for each in waiting:
        each.continue_()
    expect(bar).to_have_count(0)


def test_what_stands_beside_each_other_does(studio: StudioPage) -> None:
    """Each of these once fell on a line of its own, or was cut off."""
    long_id = "an_identifier_that_somebody_took_from_the_api_without_ever_shortening_it_at_all"
    agreed = {"id": long_id, "type": "boolean", "label": "Agreed", "disable_replacement": True}
    fields = [
        {**agreed, "validation": {"required": True}},
        {"id": "account", "type": "connection", "label": "Account"},
        {
            "id": "rows",
            "type": "array",
            "label": "Rows",
            "default": [{}],
            "items": {"type": "object", "label": "A row of many words", "fields": FORM["fields"]},
        },
    ]
    page = studio.page
    with studio.module("beside", ROUTE, {**FORM, "fields": fields}):
        for size in (1440, 1024, 390):
            page.set_viewport_size({"width": size, "height": 900})
            legend, yes = page.locator("legend", has_text="Agreed"), page.get_by_role("radio", name="Yes")
            assert bottom(legend) <= top(yes)
            ids = page.locator(".field-id", has_text=long_id)
            pane = page.locator("#main").bounding_box()
            box = ids.bounding_box()
            assert pane
            assert box
            assert pane["x"] <= box["x"] < box["x"] + box["width"] <= pane["x"] + pane["width"]
            assert top(page.locator("#field-account")) == top(studio.button("New connection for Account"))
            for verb in ("up", "down", "remove"):
                button = page.locator(f"#field-rows-0--{verb}")
                assert button.evaluate(
                    "(e) => e.getBoundingClientRect().height >= 24 && e.scrollWidth <= e.clientWidth"
                )
    studio.open()
    expect(studio.control("Language").get_by_role("option", name="English")).to_be_attached()  # and drawn no more
    assert top(studio.control("Language")) == top(studio.button("Refresh Language"))
    page.locator("#doing").evaluate("(e) => { e.textContent = 'Not sent: 5 fields need attention.'; }")
    assert width(page.locator("#doing")) > 300


def top(place: Locator) -> float:
    return float(place.evaluate("(e) => e.getBoundingClientRect().top"))


def bottom(place: Locator) -> float:
    return float(place.evaluate("(e) => e.getBoundingClientRect().bottom"))
