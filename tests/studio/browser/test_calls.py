"""The calls to APIs of a run, in the browser: live, opened, copied, run, and there again after leaving."""

import re
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from tests.dev.called_api import called_api
from tests.studio.browser.audit import faults
from tests.studio.browser.studio_page import StudioPage

ROUTE = """\
import subprocess

import requests

from src.runtime import Choice, Module, Request, Response
from src.runtime.http import session

module = Module(__name__)
API = "{url}"


@module.execute
def execute(request: Request) -> Response:
    api = session(API)
    api.headers["Authorization"] = "Bearer of-ours-in-a-browser"
    api.post("/echo", json={{"name": "Ada's"}})
    requests.get(API + "/held")
    requests.get(API + "/missing")
    subprocess.run(["true"], check=True)
    return Response(data={{}})


@module.content("names")
def names(request: Request) -> list[Choice]:
    return [Choice("a", requests.get(API + "/echo?for=choices").reason)]
"""
FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "fields": [
        {
            "id": "name",
            "type": "string",
            "label": "Name",
            "choices": {"values": []},
            "content": {"type": ["managed"], "content_objects": [{"id": "names"}]},
            "validation": {"pattern": ".*"},
            "ui_options": {"ui_widget": "SelectWidget"},
        }
    ],
    "ui_options": {"ui_order": ["name"]},
}


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_calls_are_seen_live_opened_copied_and_there_again(studio: StudioPage) -> None:
    page = studio.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with called_api() as api, studio.module("calling", ROUTE.format(url=api.url), FORM):
        page.locator("#run").click()
        expect(page.locator("#doing")).to_contain_text("Running…")
        calls = studio.tab("Calls")
        rows = calls.locator("#calls-list > li")
        expect(rows).to_have_count(2)
        expect(rows.nth(1)).to_contain_text("waiting")
        rows.nth(0).locator("summary").click()
        expect(rows.nth(0).locator("pre").first).to_contain_text("Authorization: Bearer ••••••")
        assert faults(page) == []

        api.held.set()
        expect(studio.panel("response").locator(".summary")).to_have_text(re.compile("200"))
        studio.tab("Calls")
        expect(rows).to_have_count(3)
        expect(rows.nth(2)).to_contain_text(re.compile(r"404\s+GET http://127.0.0.1:\d+/missing"))
        expect(rows.nth(2).locator(".place")).to_have_text("src/modules/calling/v1/route.py:18")
        expect(calls.locator(".unseen")).to_contain_text("The program true was started")
        expect(page.locator("#tab-calls .count")).to_have_text("3+")
        expect(rows.nth(0).locator("pre").first).to_be_visible()  # it stayed open

        rows.nth(0).get_by_role("button", name="Copy as cURL").click()
        expect(page.locator("#said")).to_have_text("Copied.")
        command = page.evaluate("navigator.clipboard.readText()")
        settings = {"TOKEN": "typed-in-a-shell", "PATH": "/usr/bin:/bin"}
        subprocess.run(["sh", "-c", command], env=settings, check=True, capture_output=True)
        asked = api.asked[-1]
        assert (asked.method, asked.path, asked.body) == ("POST", "/echo", b'{"name": "Ada\'s"}')
        assert asked.headers["Authorization"] == "Bearer typed-in-a-shell"

        assert faults(page) == []

        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        studio.open("calling/v1")
        expect(page.locator("#tab-calls .count")).to_have_text("3+")
        expect(studio.tab("Calls").locator("#calls-list > li")).to_have_count(3)
        rows.nth(2).locator("summary").click()
        expect(rows.nth(2).locator("pre.json")).to_have_text('{\n  "message": "no such thing"\n}')
        assert faults(page) == []
        studio.tab("Content calls").locator("summary").first.click()
        studio.panel("content").get_by_role("button", name=re.compile("^1 call to APIs")).click()
        expect(calls.locator("#calls-list > li")).to_have_count(1)
        expect(calls).to_contain_text("/echo?for=choices")
    studio.check()
