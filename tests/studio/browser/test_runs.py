"""A run in the browser: its time, its lines, its end by hand; what is left and come back to; the history."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.polling import poll
from tests.studio.browser.audit import faults
from tests.studio.browser.studio_page import StudioPage

SLOW = """\
import time
from pathlib import Path

from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    print("began with", request.data["name"])
    while not Path(request.data["name"]).exists():
        time.sleep(0.01)
    print("found it")
    return Response(data={"name": request.data["name"]})
"""
SLOW_FORM: dict[str, Any] = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {"id": "name", "type": "string", "label": "Name"},
        {"id": "pin", "type": "string", "label": "Pin", "ui_options": {"ui_widget": "password"}},
        {"id": "tags", "type": "array", "label": "Tags", "items": {"type": "string", "label": "Tag"}},
        {"id": "account", "type": "connection", "label": "Account"},
    ],
    "ui_options": {"ui_order": ["name", "pin", "tags", "account"]},
}


def test_a_slow_run_is_watched_left_come_back_to_and_cancelled(studio: StudioPage, tmp_path: Path) -> None:
    page = studio.page
    run, cancel, doing = page.locator("#run"), studio.button("Cancel run"), page.locator("#doing")
    clock, lines = page.locator("#panel-response .clock"), page.locator("#waiting-lines")
    with studio.module("slow", SLOW, SLOW_FORM):
        # F5 keeps what was typed, but for what is secret.
        studio.control("Name").fill(str(tmp_path / "go"))
        studio.control("Pin").fill("4711-secret")
        studio.button("Add to Tags").click()
        page.locator('[name="/tags/0"]').fill("new")
        page.reload()
        expect(studio.control("Name")).to_have_value(str(tmp_path / "go"))
        expect(page.locator('[name="/tags/0"]')).to_have_value("new")
        expect(studio.control("Pin")).to_have_value("")
        assert "4711-secret" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")

        # Its time, its lines as they come, and the button.
        run.click()
        expect(doing).to_have_text(re.compile(r"^Running… \d+\.\d s$"))
        expect(lines).to_contain_text(f"began with {tmp_path / 'go'}")
        expect(cancel).to_be_visible()
        seen = clock.text_content() or ""
        expect(clock).not_to_have_text(seen)
        assert faults(page) == []

        # Left for another module, and come back to: it runs still; its end is seen.
        studio.open()
        expect(cancel).to_be_hidden()
        studio.open("slow/v1")
        expect(lines).to_contain_text("began with")
        expect(run).to_have_attribute("aria-disabled", "true")
        expect(studio.control("Name")).to_have_value(str(tmp_path / "go"))
        (tmp_path / "go").touch()
        expect(studio.panel("response").locator(".status")).to_have_text("200")
        expect(cancel).to_be_hidden()
        expect(run).not_to_have_attribute("aria-disabled", "true")
        expect(studio.tab("Logs").locator(".of-run", has_text="found it")).to_be_visible()

        # Left, and ended meanwhile: the answer is there, and the request.
        page.reload()
        expect(studio.panel("response").locator("pre")).to_contain_text('"name"')
        expect(studio.tab("Request").locator("pre")).to_contain_text('"tags"')

        # The wait ends by hand, and the process that does not return is replaced.
        studio.control("Name").fill(str(tmp_path / "never"))
        run.click()
        expect(lines).to_contain_text("never")
        cancel.focus()
        page.keyboard.press("Enter")
        answer = studio.panel("response")
        expect(answer.locator(".status")).to_have_text("Cancelled")
        expect(answer).to_contain_text(
            re.compile(r"Cancelled after \d+\.\d s\. What it had asked of the API until then")
        )
        expect(run).to_be_focused()
        assert faults(page) == []
        expect(page.locator("#state")).to_have_attribute("title", re.compile("was cancelled and did not return"))
        expect(page.locator("#state")).to_have_attribute("data-state", "ready")

        # The history: what differs by value, and the form as it was.
        history = studio.tab("History")
        history.get_by_role("button", name=re.compile("^Compare")).click()
        difference = page.locator("#difference")
        expect(difference.locator("li", has_text="data.name").locator("ins").first).to_have_text(re.compile("never"))
        expect(difference.locator("li", has_text="status")).to_contain_text("200")
        assert faults(page) == []
        history.locator(".calls li").nth(1).get_by_role("button", name=re.compile("^Show")).click()
        expect(studio.control("Name")).to_have_value(str(tmp_path / "go"))
        expect(studio.panel("response").locator(".status")).to_have_text("200")
        studio.tab("History").get_by_role("button", name=re.compile("^Clear the history")).click()
        expect(studio.panel("history")).to_have_text(re.compile("Nothing was sent yet"))

        # Reset forgets the draft.
        studio.button("Reset").click()
        expect(studio.control("Name")).to_have_value("")
        page.reload()
        expect(studio.control("Name")).to_have_value("")


QUICK = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data={"greeting": "Hello", "to": request.data["name"]})
"""


def test_the_last_run_is_sent_again_on_save_once_it_is_switched_on(studio: StudioPage) -> None:
    form = {**SLOW_FORM, "fields": SLOW_FORM["fields"][:1], "ui_options": {"ui_order": ["name"]}}
    with studio.module("quick", QUICK, form) as folder:
        studio.control("Name").fill("Ada")
        studio.run()
        studio.served.edit(f"{folder}/route.py", '"Hello"', '"Moin"')
        expect(studio.page.locator("#state")).to_have_attribute("title", f"changed: {folder}/route.py")
        expect(studio.page.locator("#state")).to_have_attribute("data-state", "ready")
        expect(studio.tab("History").locator(".calls li")).to_have_count(1)  # the API may be a real one

        studio.page.get_by_label("Send the last run again on save").check()
        expect(studio.page.locator("#said")).to_have_text("The last run is sent again whenever code is saved.")
        studio.tab("Response")
        studio.served.edit(f"{folder}/route.py", '"Moin"', '"Servus"')
        changed = studio.page.locator("#changed")
        expect(changed).to_contain_text("1 value changed")
        expect(changed.locator("li")).to_contain_text("data.greeting")
        expect(changed.locator("del")).to_have_text(re.compile("Hello$"))
        expect(changed.locator("ins")).to_have_text(re.compile("Servus$"))
        expect(studio.page.locator("#said")).to_have_text("Sent again: 1 value changed.")
        assert faults(studio.page) == []
        expect(studio.tab("History").locator(".calls li")).to_have_count(2)

        # Its examples, as its tests run them.
        examples = studio.served.root / folder / "examples"
        examples.mkdir()
        for name, greeting in (("good", "Servus"), ("stale", "Hello")):
            data = {"greeting": greeting, "to": "Ada"}
            content = {"request": {"data": {"name": "Ada"}}, "status": 200, "reply": {"data": data}}
            (examples / f"{name}.json").write_text(json.dumps(content))
        tab = studio.tab("Examples")
        expect(tab.locator(".status")).to_have_text(["not run", "not run"])
        tab.get_by_role("button", name="Run all examples").click()
        expect(tab.locator(".status")).to_have_text(["passed", "failed"], timeout=30_000)  # a connector is loaded
        expect(tab.locator("#replay-stale li")).to_contain_text("data.greeting")
        expect(studio.page.locator("#tab-examples .count")).to_have_text("1")
        expect(studio.page.locator("#said")).to_have_text("Examples: 1 passed, 1 failed.")
        assert faults(studio.page) == []
        box = tab.get_by_label("Run again on save")
        expect(box).not_to_be_checked()
        box.check()
        studio.served.edit(f"{folder}/route.py", '"Servus"', '"Hello"')
        expect(tab.locator(".status")).to_have_text(["failed", "passed"], timeout=30_000)
        expect(tab.locator("#replay-good li")).to_contain_text("data.greeting")
        expect(box).to_be_checked()

        # Its next version beside it.
        v2 = studio.served.root / "src/modules/quick/v2"
        shutil.copytree(v2.parent / "v1", v2)
        studio.served.edit("src/modules/quick/v2/schema.json", '"Name"', '"Full name"')
        poll(lambda: "/quick/v2/" in studio.served.routes())
        studio.open("quick/v2")
        studio.page.get_by_role("link", name=re.compile("compare the forms")).click()
        difference = studio.page.get_by_role("region", name="What differs for stored workflows")
        expect(difference).to_contain_text("Name")
        expect(difference).to_contain_text("Full name")
        studio.page.get_by_role("link", name="Back to quick v2").click()
        expect(studio.control("Full name")).to_be_visible()
