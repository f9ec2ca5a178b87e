"""Two versions of a module side by side, by day and by night, in a wide window and in a narrow one."""

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import FloatRect, expect

from tests.polling import poll
from tests.studio.browser.audit import contrast, faults, sideways
from tests.studio.browser.studio_page import Served, StudioPage


@pytest.fixture
def second(served: Served) -> Iterator[str]:
    """Return the page of a module whose second version breaks, changes and adds something."""
    folder = served.root / "src/modules/send_campaign/v2"
    shutil.copytree(folder.with_name("v1"), folder)
    form = json.loads((folder / "schema.json").read_text("utf-8"))
    by_id = {field["id"]: field for field in form["fields"]}
    by_id["name"]["validation"]["max_length"] = 10
    by_id["schedule"]["fields"][1]["default"] = 12
    form["fields"].remove(by_id["subject"])
    form["fields"].append({"id": "footer", "type": "string", "label": "Footer"})
    (folder / "schema.json").write_text(json.dumps(form, indent=2), "utf-8")
    poll(lambda: "/send_campaign/v2/" in served.routes())
    yield f"{served.studio}/m/send_campaign/v1/beside/v2"
    shutil.rmtree(folder)
    poll(lambda: "/send_campaign/v2/" not in served.routes())


def test_two_forms_are_compared_at_a_glance(studio: StudioPage, second: str) -> None:
    page = studio.page
    page.set_viewport_size({"width": 1280, "height": 4000})
    page.goto(second)
    assert page.locator(".counts").inner_text().split() == ["breaking", "2", "to", "look", "at", "1", "fine", "1"]

    def pair(name: str) -> list[FloatRect]:
        drawn = page.get_by_role("group", name=name, exact=True).locator("> .drawn")
        return [box for each in drawn.all() if (box := each.bounding_box())]

    for name in ("name", "subject", "schedule", "footer", "body"):
        left, right = pair(name)
        assert (left["y"], left["height"], left["width"]) == (right["y"], right["height"], right["width"])
        assert left["x"] + left["width"] < right["x"]
        assert left["width"] > 500
    assert page.locator(".drawn :is(input, select, textarea):not([type=hidden]):enabled").count() == 0
    remark = page.get_by_role("group", name="name", exact=True).locator(".remarks")
    expect(remark).to_have_text("breaking: max_length changed")
    inner = page.locator('.drawn [data-pointer="/v2/schedule/hour"]')
    assert inner.get_attribute("data-severity") == "look"

    page.get_by_label("Only what differs").check()
    shown = [each.get_attribute("aria-label") for each in page.locator(".pair").all() if each.is_visible()]
    assert shown == ["name", "subject", "schedule", "footer"]
    page.get_by_label("Only what differs").uncheck()

    found = {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 5000})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            found[scheme, width] = [*faults(page), *contrast(page), *sideways(page)]
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    old, new = pair("name")
    assert old["x"] == new["x"]
    assert old["y"] + old["height"] < new["y"]
    page.goto("about:blank")


def test_all_tabs_are_in_view_with_their_badges(studio: StudioPage) -> None:
    page = studio.page
    page.set_viewport_size({"width": 1280, "height": 800})
    studio.open("send_campaign/v1")
    page.locator("[role=tab] .count").evaluate_all("(marks) => { for (const mark of marks) mark.textContent = '12' }")
    pane = page.locator("[role=tablist]").bounding_box()
    assert pane
    for tab in page.get_by_role("tab").all():
        box = tab.bounding_box()
        assert box
        assert box["height"] >= 24
        assert pane["x"] <= box["x"] <= box["x"] + box["width"] <= pane["x"] + pane["width"]
        assert pane["y"] <= box["y"] <= box["y"] + box["height"] <= pane["y"] + pane["height"]
