"""A whole session without a mouse."""

import re
from itertools import pairwise

from playwright.sync_api import Page, expect

from tests.studio.browser.studio_page import StudioPage
from tests.studio.browser.test_live import FORM, ROUTE

# What has the focus, where it is in what it scrolls in, and whether one can see that it has it.
_FOCUS = """() => {
  const e = document.activeElement;
  const pane = e.closest(".pane") ?? document.documentElement;
  const box = e.getBoundingClientRect();
  const style = getComputedStyle(e.closest(".code-editor") ?? e);
  const [across, down] = [Math.min(box.width / 2, 12), Math.min(box.height / 2, 12)];
  const hit = document.elementFromPoint(box.left + across, box.top + down);
  return {
    id: e.id || e.textContent.trim(),
    pane: pane.id || "top",
    top: box.top + pane.scrollTop,
    bottom: box.bottom + pane.scrollTop,
    left: box.left,
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    isSeen: hit !== null && (e.contains(hit) || hit.contains(e) || [...(e.labels ?? [])].includes(hit)),
  };
}"""


def tab_through(page: Page) -> "list[dict[str, object]]":
    """Press Tab until the focus leaves the page, and return every place that it was at."""
    places: list[dict[str, object]] = []
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement !== document.body") and len(places) < 200:
        places.append(page.evaluate(_FOCUS))
        page.keyboard.press("Tab")
    return places


def test_the_focus_goes_in_the_order_that_one_reads_and_is_seen(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    expect(studio.control("Audience").locator("option")).to_have_count(3)

    places = tab_through(studio.page)

    assert [place["id"] for place in places[:2]] == ["Skip to the form", "Skip to the results"]
    panes = list(dict.fromkeys(str(place["pane"]) for place in places[2:]))
    assert panes == ["top", "modules-pane", "main", "results"]
    assert [place["id"] for place in places if not place["isMarked"]] == []
    assert [place["id"] for place in places if not place["isSeen"]] == []
    form = [place for place in places if place["pane"] == "main"]
    assert len(form) > 25
    upwards = [
        (one["id"], other["id"])
        for one, other in pairwise(form)
        if float(str(other["bottom"])) <= float(str(one["top"]))
    ]
    assert upwards == []


def test_a_session_by_keys_alone(studio: StudioPage) -> None:
    page, press, write = studio.page, studio.page.keyboard.press, studio.page.keyboard.type
    studio.open("create_contacts/v1")

    press("/")
    expect(page.locator("#search")).to_be_focused()
    write("empty")
    press("ArrowDown")
    press("Enter")
    page.wait_for_url("**/m/new_empty_action/v1")
    press("Tab")
    press("Enter")  # the skip link
    expect(page.locator("#main")).to_be_focused()

    press("Tab")
    expect(studio.control("Name")).to_be_focused()
    write("Ada")
    press("Tab")
    press("Tab")
    expect(studio.button("Refresh Language")).to_be_focused()
    press("Enter")
    expect(page.locator("#said")).to_have_text("Refreshed Language")
    press("Shift+Tab")
    write("Fr")
    expect(studio.control("Language")).to_have_value("fr")
    press("Control+Enter")
    expect(studio.panel("response")).to_contain_text("Bonjour Ada")
    expect(studio.control("Language")).to_be_focused()

    page.get_by_role("tab", name="Response").focus()
    press("ArrowRight")
    press("ArrowRight")
    expect(page.get_by_role("tab", name="Request")).to_be_focused()
    expect(studio.panel("request")).to_contain_text('"name": "Ada"')
    press("End")
    expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    press("Home")
    press("ArrowLeft")
    expect(page.get_by_role("tab", name="History")).to_be_focused()
    press("Tab")
    expect(studio.panel("history")).to_be_focused()


def test_the_list_of_modules_keeps_the_focus_when_it_is_drawn_anew(studio: StudioPage) -> None:
    page, links = studio.page, studio.page.locator("#modules a")
    page.goto("about:blank")
    with studio.served.module("broken_soon", ROUTE, FORM):
        studio.open()
        link = links.filter(has_text="new_empty_action")
        page.keyboard.press("/")
        page.keyboard.type("empty")
        page.keyboard.press("ArrowDown")
        expect(link).to_be_focused()

        # Modules come and go above the one that has the focus.
        with studio.served.module("added_above", ROUTE, FORM):
            expect(links.filter(has_text="added_above")).to_have_count(1)
            expect(link).to_be_focused()
            studio.served.edit("src/modules/broken_soon/v1/route.py", "module = ", "module == ")
            expect(links.filter(has_text="broken_soon").locator(".count")).to_have_text("fault, old version serves")
            expect(link).to_be_focused()
            studio.served.edit("src/modules/broken_soon/v1/route.py", "module == ", "module = ")
        expect(links.filter(has_text="added_above")).to_have_count(0)
        expect(link).to_be_focused()

        # One that goes itself leaves it to the search.
        links.filter(has_text="new_empty_action").press("Shift+Tab")
        page.locator("#search").fill("broken_soon")
        page.keyboard.press("ArrowDown")
        expect(links.filter(has_text="broken_soon")).to_be_focused()
    expect(page.locator("#search")).to_be_focused()


def test_the_history_keeps_the_focus_when_it_grows(studio: StudioPage) -> None:
    with studio.module("sent_again", ROUTE, FORM):
        studio.run()
        again = studio.tab("History").get_by_role("button", name=re.compile("^Send again"))
        expect(again).to_have_count(1)
        run = str(again.get_attribute("data-replay"))
        again.press("Enter")
        expect(studio.page.locator("#said")).to_have_text("Sent again.")
        shown = studio.panel("response").get_by_role("button", name="Send again")
        shown.press("Enter")
        expect(studio.panel("history").locator("li")).to_have_count(3)
        expect(shown).to_be_focused()

        studio.tab("History").locator(f'[data-show="{run}"]').focus()
        studio.page.keyboard.press("Control+Enter")
        expect(studio.panel("history").locator("li")).to_have_count(4)
        studio.page.get_by_role("tab", name="History").click()
        expect(studio.panel("history").locator(f"#run-{run}")).to_be_visible()


def test_items_of_a_list_by_keys(studio: StudioPage) -> None:
    press, write = studio.page.keyboard.press, studio.page.keyboard.type
    studio.open("send_campaign/v1")
    names = studio.page.locator('[name^="/variables/"][name$="/name"]')

    studio.button("Add to Variables").focus()
    press("Enter")
    expect(names.nth(1)).to_be_focused()
    write("city")
    studio.page.locator('button[value="up:/variables/1"]').focus()
    press("Space")
    expect(names.first).to_have_value("city")
    expect(studio.page.locator('button[value="down:/variables/0"]')).to_be_focused()
    studio.page.locator('button[value="remove:/variables/0"]').focus()
    press("Enter")
    expect(names).to_have_count(1)
    expect(studio.page.locator('button[value="remove:/variables/0"]')).to_be_focused()
    press("Enter")
    expect(names).to_have_count(0)
    expect(studio.button("Add to Variables")).to_be_focused()


def test_dialogs_keep_the_focus_and_give_it_back(studio: StudioPage) -> None:
    page, press = studio.page, studio.page.keyboard.press
    studio.open("send_campaign/v1")
    opener = studio.button("New connection for Account")
    opener.focus()
    press("Enter")
    dialog = page.get_by_role("dialog", name="New connection")
    expect(dialog.get_by_label("Name")).to_be_focused()
    for _ in range(12):
        press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()

    examples = studio.button("Examples")
    examples.focus()
    press("Enter")
    expect(page.locator("#examples-menu")).to_be_visible()
    press("Tab")
    expect(studio.button("Save the input as an example…")).to_be_focused()
    press("Escape")
    expect(page.locator("#examples-menu")).to_be_hidden()
    expect(examples).to_be_focused()


def test_choices_by_keys(studio: StudioPage) -> None:
    studio.open("send_campaign/v1")
    studio.page.get_by_label("Offers").focus()
    studio.page.keyboard.press("Space")
    yes = studio.page.get_by_role("radio", name="Yes")
    yes.focus()
    studio.page.keyboard.press("Space")
    studio.page.keyboard.press("ArrowDown")
    expect(studio.page.get_by_role("radio", name="No")).to_be_checked()

    sent = studio.send_anyway()["data"]

    assert (sent["tags"], sent["confirmed"]) == (["news", "offers"], False)
    assert re.fullmatch(r"\d+", str(sent["schedule"]["hour"]))
