"""A run that fails, in the browser: why, where, and how to get there."""

import re

from playwright.sync_api import expect

from tests.studio.browser.audit import faults
from tests.studio.browser.studio_page import StudioPage

ROUTE = """\
from src.runtime import ManagedError, Module, Request, Response

module = Module(__name__)


def owner_of(record):
    return record["owner"]


@module.execute
def execute(request: Request) -> Response:
    try:
        return Response(data=owner_of(dict(request.data)))
    except KeyError as error:
        raise ManagedError("The record has no owner.", status_code=500) from error
"""
FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [{"id": "owner", "type": "string", "label": "Owner"}],
}


def test_why_a_run_failed_is_shown_and_leads_to_the_line(studio: StudioPage) -> None:
    studio.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with studio.module("failing", ROUTE, FORM) as folder:
        answer = studio.run()
        card = answer.get_by_role("region", name="Why the run failed")

        expect(card.locator("h3")).to_have_text(["ManagedError", "raised from KeyError"])
        expect(card.locator(".message")).to_have_text(["The record has no owner.", "'owner'"])
        expect(card.locator(".frames").nth(0).locator(".source")).to_contain_text("raise ManagedError")
        inner = card.locator("[data-innermost]").last
        expect(inner).to_contain_text(f"{folder}/route.py:7 in owner_of innermost")
        expect(inner.locator(".source")).to_have_text('return record["owner"]')
        card_ends, answer_begins = card.bounding_box(), answer.locator("value-view > pre").bounding_box()
        assert card_ends
        assert answer_begins
        assert card_ends["y"] + card_ends["height"] <= answer_begins["y"]

        # No editor is known here: the place is copied.
        inner.get_by_role("button", name=f"Copy {folder}/route.py:7").click()
        assert studio.page.evaluate("() => navigator.clipboard.readText()") == f"{folder}/route.py:7"
        card.get_by_role("button", name="Copy the request id").click()
        expect(card.locator(".request-id code")).to_have_text(
            studio.page.evaluate("() => navigator.clipboard.readText()")
        )
        for scheme in ("light", "dark"):
            studio.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            assert faults(studio.page) == []

        card.get_by_text(re.compile("lines? of the runtime and libraries")).first.click()
        expect(card.get_by_text(re.compile("src/runtime/module.py:")).first).to_be_visible()
        assert faults(studio.page) == []

        card.get_by_label("Open files in").select_option("VS Code")
        place = inner.get_by_role("link", name=f"{folder}/route.py:7")
        expect(place).to_have_attribute("href", f"vscode://file{studio.served.root}/{folder}/route.py:7:1")
        assert faults(studio.page) == []

        # What does not load, and what check says, lead there as well.
        studio.served.edit(f"{folder}/route.py", "def owner_of", "def owner of")
        expect(studio.page.locator("#errors a.place")).to_have_attribute(
            "href", f"vscode://file{studio.served.root}/{folder}/route.py:6:1"
        )
        expect(studio.tab("Problems").locator("a.place").first).to_have_attribute("href", re.compile("^vscode://file/"))
        assert faults(studio.page) == []
        studio.served.edit(f"{folder}/route.py", "def owner of", "def owner_of")
        expect(studio.page.locator("#errors")).to_be_hidden()

        studio.control("Owner").fill("Ada")
        expect(studio.run().get_by_role("region", name="Why the run failed")).to_have_count(0)
