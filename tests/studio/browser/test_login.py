"""A login by the button of the connection dialog, at a real provider, and a call with what it gave."""

import re

from playwright.sync_api import BrowserContext, expect

from tests.oauth.conftest import SECRET, OpenIdProvider, provide, provider, write_api  # noqa: F401 - two are fixtures
from tests.studio.browser.audit import faults
from tests.studio.browser.studio_page import StudioPage

LOADS = 30_000  # ms: a connector is loaded for a call that tries a connection
ROUTE = """\
from src.runtime import Module, Request, Response

module = Module(__name__)


@module.execute
def execute(request: Request) -> Response:
    return Response(data=dict(request.connection()))
"""
FORM = {
    "metadata": {"workflows_module_schema_version": "1.0.0"},
    "connections": {"required": True, "app_types": ["hubspot"], "allowed_connection_management_types": ["custom"]},
    "fields": [],
}


def test_somebody_logs_in_tries_it_and_runs_with_it(
    studio: StudioPage,
    context: BrowserContext,
    provider: OpenIdProvider,  # noqa: F811 - the fixture
) -> None:
    file = studio.served.root / "src/api_client.py"
    kept = file.read_text("utf-8")
    write_api(studio.served.root, provider, "http://localhost:0/callback")
    with studio.module("logged_in", ROUTE, FORM):
        studio.button("New connection for the form").click()
        dialog = studio.page.get_by_role("dialog")
        # The fields are those of the type, which the form names.
        for label in ("Access token", "Token type", "Expiration time"):
            expect(dialog.get_by_label(re.compile(f"^{label}"))).to_be_visible()
        assert faults(studio.page) == []

        dialog.get_by_label("Name").fill("Hub")
        dialog.get_by_label("Client id").fill("basic")
        dialog.get_by_label("Client secret").fill(SECRET)
        studio.button("Log in…").press("Enter")
        link = dialog.get_by_role("link", name=re.compile("^Continue at 127"))
        expect(link).to_be_focused()
        expect(dialog.get_by_role("status")).to_contain_text("The provider sends you back to http://localhost:")
        assert faults(studio.page) == []
        with context.expect_page() as opened:
            studio.page.keyboard.press("Enter")

        tab = opened.value
        tab.get_by_placeholder("Enter any login").fill("ada")
        tab.get_by_placeholder("and password").fill("any")
        tab.get_by_role("button", name="Sign-in").click()
        tab.get_by_role("button", name="Continue").click()
        expect(tab.get_by_text("You are logged in. This page can be closed.")).to_be_visible()
        assert faults(tab) == []
        tab.close()

        expect(dialog.get_by_role("status")).to_have_text("Hub is logged in.")
        expect(dialog.get_by_text("Client id and secret from the last login.")).to_be_visible()
        studio.button("Try it").click()
        expect(dialog.get_by_role("status")).to_have_text("It works: connected as ada", timeout=LOADS)
        assert faults(studio.page) == []
        studio.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(studio.control("Connection").locator("option:checked")).to_have_text("Hub (hubspot)")

        answer = studio.run()
        expect(answer.locator("pre")).to_contain_text('"access_token": "••••••"')
        expect(answer.locator("pre")).to_contain_text('"token_type": "Bearer"')
        expect(answer.locator("pre")).not_to_contain_text("refresh")
        assert SECRET not in studio.page.content()

        # What the API refuses is said with its reason.
        studio.button("Edit the connection Hub (hubspot)").click()
        dialog.get_by_label(re.compile("^Access token")).fill("made-up")
        studio.button("Try it").click()
        refused = "The API does not take it. 127.0.0.1 answered 401: "
        expect(dialog.get_by_role("alert")).to_contain_text(refused, timeout=LOADS)
        assert faults(studio.page) == []
        studio.button("Remove").click()
        expect(dialog).to_be_hidden()
        file.write_text(kept, "utf-8")
