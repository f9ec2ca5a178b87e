"""Examples replayed and recorded in the page: what is said, what is shown before anything is written, for everybody."""

import json
import shutil

from playwright.sync_api import expect

from src.runtime.testing.stand_in import load
from stacksync.studio.connections.saved import Connections, Saved
from tests.polling import poll
from tests.studio.browser.audit import faults, least_contrast
from tests.studio.browser.studio_page import StudioPage
from tests.studio.test_cassettes import CRMS

FOLDER = "src/modules/create_contacts/v1/cassettes"
LONG = 60_000  # ms: the connector is loaded in a process of its own each time


def test_an_example_is_replayed_recorded_and_looked_at(studio: StudioPage) -> None:
    page, api = studio.page, load(CRMS)
    file = studio.served.root / FOLDER / "hubspot.json"
    with api.running():
        saved = Saved("HubSpot here", "hubspot", "managed", api.connection)
        Connections(studio.served.root).save(saved)
        try:
            studio.open("create_contacts/v1")
            studio.button("Examples").click()
            assert faults(page) == []
            studio.button("Replay hubspot").click()
            expect(studio.panel("response")).to_contain_text("The answer is what the example expects.", timeout=LONG)
            expect(page.locator("#said")).to_have_text("hubspot was played back, as expected.")
            assert faults(page) == []

            page.locator("[name=connection], [name='/connection']").first.select_option(saved.id)
            studio.button("Examples").click()
            studio.button("Record… hubspot").click()
            dialog = page.get_by_role("dialog", name="Look at what was recorded")
            expect(dialog).to_be_visible(timeout=LONG)
            expect(dialog).to_contain_text("record test accounts")
            expect(dialog).to_contain_text("${connection.api_url}")
            assert api.connection["access_token"] not in page.content()
            assert not file.exists()
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
                poll(lambda: not faults(page))  # colours change over some frames
            assert least_contrast(page) >= 4.5

            dialog.get_by_label("Write instead of response.results[].description").fill("Said {n}.")
            dialog.get_by_role("button", name="Write the cassette").press("Enter")
            expect(dialog).to_be_hidden()
            expect(page.locator("#doing")).to_have_text(f"Wrote {FOLDER}/hubspot.json")
            assert "Said 1." in json.dumps(json.loads(file.read_text("utf-8")))
        finally:
            Connections(studio.served.root).remove(saved.id)
            shutil.rmtree(file.parent, ignore_errors=True)
