"""Take the pictures of Studio that the documentation shows: python -m tests.studio.browser.screenshots."""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.conftest import ROOT
from tests.platform.sample import MODULE, SampleApi, sample_api, write_sample
from tests.studio.browser.opening import launched, serving
from tests.studio.browser.studio_page import Served, StudioPage
from tests.studio.browser.test_platform import connect, fill_in

IMAGES = ROOT / "documentation/images"


def main() -> None:
    """Take each of them of a connector that is made for it."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "crm"
        command = [sys.executable, "-m", "stacksync", "new", str(root), "--defaults", "--quiet", "--no-git"]
        subprocess.run(command, check=True)
        module = write_sample(root)
        with sample_api(module) as api, serving(root, Path(folder) / "copy") as served, launched() as browser:
            create_contacts(opened(browser, served, "light"))
            create_records(opened(browser, served, "light"), api)
            send_campaign(opened(browser, served, "dark"))


def opened(browser: Browser, served: Served, scheme: str) -> StudioPage:
    """Open Studio by day or by night, sharp enough for a page of documentation."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, device_scale_factor=1.5)
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    return StudioPage(page, served)


def create_contacts(studio: StudioPage) -> None:
    """Show what a refused input looks like."""
    studio.open("create_contacts/v1")
    studio.control("Skip duplicates by").fill("email")
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_contain_text("Not sent")
    studio.page.screenshot(path=IMAGES / "studio-create-contacts.png")


def create_records(studio: StudioPage, api: SampleApi) -> None:
    """Show a form that the module makes, with a template that a run replaces."""
    studio.open(MODULE)
    connect(studio, api)
    fill_in(studio)
    studio.page.get_by_label("{{ tier }}").fill("paid")
    expect(studio.run().locator(".status")).to_have_text("200")
    studio.tab("Request")
    studio.page.screenshot(path=IMAGES / "studio-create-records.png")


def send_campaign(studio: StudioPage) -> None:
    """Show a rich form and its answer."""
    studio.open("send_campaign/v1")
    studio.button("New connection for Account").click()
    dialog = studio.page.get_by_role("dialog", name="New connection")
    dialog.get_by_label("Name").fill("Newsletters")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    studio.control("Campaign name").fill("Spring")
    studio.control("Audience").select_option(label="Newsletter")
    studio.control("Subject").fill("Spring is here")
    studio.page.get_by_role("radio", name="Yes").check()
    expect(studio.run().locator(".status")).to_have_text("200")
    studio.page.locator("#main").evaluate("(pane) => pane.scrollTo(0, 420)")
    studio.page.screenshot(path=IMAGES / "studio-send-campaign.png")


if __name__ == "__main__":
    main()
