"""Answers of every size and kind: looked through, searched and copied without the page waiting for them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Request, expect

from tests.polling import poll
from tests.studio.browser.audit import contrast, faults
from tests.studio.browser.sizes import CHOICES, CHOOSING, SCHEMA, WAITING, WAITS, route
from tests.studio.browser.studio_page import Served, StudioPage


@pytest.fixture(scope="module")
def sized(served: Served) -> Iterator[Served]:
    """Return the connector with a module that answers whatever it is asked for."""
    with served.module("sized", route(), SCHEMA):
        yield served


@pytest.fixture
def sizes(context: BrowserContext, sized: Served) -> Iterator[StudioPage]:
    """Return a tab with that module."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = StudioPage(context.new_page(), sized)
    page.page.emulate_media(reduced_motion="reduce")
    yield page.open("sized/v1")
    page.check()


def answer(studio: StudioPage, kind: str) -> Locator:
    studio.control("Kind").fill(kind)
    return studio.run()


def copied(studio: StudioPage, button: str) -> str:
    studio.page.evaluate("navigator.clipboard.writeText('')")
    studio.button(button).click()
    return str(poll(lambda: studio.page.evaluate("navigator.clipboard.readText()"), "the clipboard"))


def audited(studio: StudioPage) -> list[str]:
    found = faults(studio.page)
    studio.page.emulate_media(color_scheme="dark")
    found += contrast(studio.page)
    studio.page.emulate_media(color_scheme="light")
    return found


def test_five_megabytes_are_looked_through(sizes: StudioPage) -> None:
    page = sizes.page
    shown = answer(sizes, "large")
    tree = shown.get_by_role("tree", name="Answer")
    expect(tree.get_by_role("treeitem", selected=True)).to_contain_text("1 field")
    assert page.evaluate("document.querySelector('#panel-response').textContent.length") < 20_000
    assert tree.get_by_role("treeitem").count() < 100  # of 160 000

    # By keys alone, as the pattern of trees has it.
    tree.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "End", "ArrowUp"):
        page.keyboard.press(key)
    current = page.locator(f"[id='{tree.get_attribute('aria-activedescendant')}']")
    expect(current).to_be_in_viewport()
    page.keyboard.press("ArrowLeft")
    assert audited(sizes) == []

    search = shown.get_by_role("searchbox", name="Search Answer")
    search.fill("PERSON 19999")
    expect(shown.locator(".matches")).to_have_text("1 of 1")
    expect(shown.locator(".path")).to_have_text("data.contacts[19999].name")
    assert copied(sizes, "Copy path, Answer") == "data.contacts[19999].name"
    assert copied(sizes, "Copy value, Answer") == "Person 19999 é"
    search.fill("9007199254740993")  # a number that no double holds
    expect(shown.locator(".path")).to_have_text("data.contacts[0].id")
    assert copied(sizes, "Copy value, Answer") == "9007199254740993"

    sizes.button("Table").click()
    table = shown.get_by_role("table", name="data.contacts")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["#", "id", "name", "email", "tags", "active", "address", "note"]
    )
    assert table.get_by_role("row").count() < 60
    shown.locator(".value-table").evaluate("(e) => e.scrollTo(0, e.scrollHeight)")
    expect(table.get_by_role("row", name="19999 9007199254760992")).to_be_visible()
    assert audited(sizes) == []

    with page.expect_download() as saved:
        shown.get_by_role("link", name="Download").click()
    content = json.loads(Path(saved.value.path()).read_text("utf-8"))
    assert len(content["data"]["contacts"]) == 20_000

    # Coming back is seeing it again: it is not drawn, nor asked for.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sizes.tab("Logs")
    sizes.tab("Response")
    expect(table.get_by_role("row", name="19999 9007199254760992")).to_be_visible()
    assert [url for url in asked if "answered" in url] == []
    sizes.tab("Request")
    assert copied(sizes, "Copy as cURL").startswith("curl http://127.0.0.1:")


def test_what_is_no_json_is_shown_as_what_it_is(sizes: StudioPage) -> None:
    page = sizes.page
    picture = answer(sizes, "picture").get_by_role("img", name="Answer")
    expect(picture).to_be_visible()
    assert picture.evaluate("(e) => [e.complete, e.naturalWidth]") == [True, 2]
    expect(sizes.panel("response")).to_contain_text("image/png")
    assert audited(sizes) == []

    shown = answer(sizes, "page")
    expect(shown.locator("pre")).to_contain_text("<script>parent.document.title")
    shown.get_by_text("Preview, without scripts").click()
    frame = shown.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Of the API")).to_be_visible()
    assert page.title() != "taken"
    assert "Blocked script execution" in sizes.complaints.pop()
    assert audited(sizes) == []

    shown = answer(sizes, "binary")
    expect(shown.locator(".binary")).to_contain_text("application/pdf, 1.0 kB")
    assert shown.locator("pre").count() == 0
    with page.expect_download() as saved:
        shown.get_by_role("link", name="Download").click()
    assert Path(saved.value.path()).read_bytes() == b"%PDF\x00\xff" + b"x" * 1018
    assert audited(sizes) == []

    expect(answer(sizes, "text").locator("pre")).to_have_text("plain")


def test_ten_thousand_choices_are_one_list_that_is_sent_once(studio: StudioPage) -> None:
    page = studio.page
    page.emulate_media(reduced_motion="reduce")
    sent: dict[str, list[int]] = {}

    def weigh(request: Request) -> None:
        sent.setdefault(request.url.partition("/v1/")[2].partition("/")[0], []).append(
            request.sizes()["responseBodySize"]
        )

    page.on("requestfinished", weigh)
    with studio.module("choosing", CHOOSING, CHOICES):
        thing = studio.page.get_by_role("combobox", name="Thing")
        expect(page.locator("choice-list[name='/thing']")).to_be_visible()
        thing.click()
        options = page.get_by_role("listbox").get_by_role("option")
        expect(options.first).to_have_text("Thing 0 0")
        assert options.count() < 40
        assert audited(studio) == []
        page.keyboard.type("thing 9999")
        expect(options).to_have_count(1)
        page.keyboard.press("Enter")
        expect(thing).to_have_value("Thing 9999")
        expect(thing).to_be_focused()

        several = page.get_by_role("combobox", name="Search Several")
        several.click()
        for text in ("thing 77", "thing 4242"):
            several.fill(text)
            expect(options.first).to_contain_text(text.capitalize())
            page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        chosen = studio.field("/several").locator(".chosen li")
        expect(chosen).to_have_text(["Thing 77", "Thing 4242"])
        studio.button("Remove Thing 77").click()
        expect(chosen).to_have_text(["Thing 4242"])

        # Types stay: the text is another choice than the number.
        mixed = page.get_by_role("combobox", name="Mixed")
        mixed.click()
        expect(options.nth(1)).to_have_text('1 "1"')
        options.nth(1).click()

        pattern = page.get_by_role("combobox", name="Pattern")
        pattern.click()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        studio.control("Pattern, as text").fill("{{ steps.one }}")

        # A rule is applied: the form comes without the choices, which are all there still.
        sent.clear()
        studio.control("Detailed").select_option("no")
        expect(studio.field("/detail")).to_have_count(0)
        expect(thing).to_have_value("Thing 9999")
        expect(chosen).to_have_text(["Thing 4242"])
        thing.click()
        expect(options.first).to_be_visible()
        page.keyboard.press("Escape")
        assert "choices" not in sent
        assert max(sent["form"]) < 30_000
        assert audited(studio) == []

        request = studio.send_anyway()["data"]
        found = {name: request[name] for name in ("thing", "several", "mixed", "pattern")}
        assert found == {"thing": 9999, "several": [4242], "mixed": "1", "pattern": "{{ steps.one }}"}

        # A box that is emptied holds nothing; one that is left half typed what it held.
        thing.fill("thing 12")
        page.keyboard.press("Tab")
        expect(thing).to_have_value("Thing 9999")
        thing.fill("")
        page.keyboard.press("Tab")
        assert "thing" not in studio.send_anyway()["data"]


def test_content_objects_load_beside_each_other(studio: StudioPage, tmp_path: Path) -> None:
    page = studio.page
    page.emulate_media(reduced_motion="reduce")
    with studio.module("waiting", WAITING.replace("SIGNS", str(tmp_path)), WAITS):
        expect(studio.control("Quick").locator("option", has_text="Quick one")).to_have_count(1)
        expect(studio.field("/broken").locator(".error")).to_have_text("ManagedError: The API is down.")
        expect(studio.field("/slow").locator(".loading")).to_have_text("Loading the choices…")
        studio.control("Quick").select_option(label="Quick one")
        assert audited(studio) == []

        (tmp_path / "mended").touch()
        studio.button("Try again to load Broken").click()
        expect(studio.control("Broken").locator("option", has_text="Mended one")).to_have_count(1)
        expect(studio.field("/broken").locator(".error")).to_have_count(0)
        expect(studio.field("/slow").locator(".loading")).to_be_visible()

        (tmp_path / "go").touch()
        expect(studio.control("Slow").locator("option", has_text="Slow one")).to_have_count(1)
        expect(page.locator(".loading")).to_have_count(0)
        expect(studio.control("Quick")).to_have_value("q")
