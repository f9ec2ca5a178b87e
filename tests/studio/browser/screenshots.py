"""Take the pictures of Studio that the documentation shows.

PYTHONPATH=template python -m tests.studio.browser.screenshots
"""

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
            first_screen(opened(browser, served, "light"))
            narrow(opened(browser, served, "dark", width=390))


def opened(browser: Browser, served: Served, scheme: str, width: int = 1280) -> StudioPage:
    """Open Studio by day or by night, in a size in which all pictures together take less than 600 kB."""
    context = browser.new_context(viewport={"width": width, "height": 800}, device_scale_factor=1)
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    return StudioPage(page, served)


def take(studio: StudioPage, name: str) -> None:
    """Take a picture once nothing lies above the page any more."""
    expect(studio.page.locator(".toast")).to_have_count(0, timeout=10_000)
    studio.page.screenshot(path=IMAGES / f"studio-{name}.png")


def create_contacts(studio: StudioPage) -> None:
    """Show what a refused input looks like."""
    studio.open("create_contacts/v1")
    studio.control("Skip duplicates by").fill("email")
    studio.page.locator("#run").click()
    expect(studio.page.locator("#doing")).to_contain_text("Not sent")
    take(studio, "create-contacts")


def create_records(studio: StudioPage, api: SampleApi) -> None:
    """Show a form that the module makes, with a template that a run replaces."""
    studio.open(MODULE)
    connect(studio, api)
    fill_in(studio)
    studio.page.get_by_label("{{ tier }}").fill("paid")
    expect(studio.run().locator(".status")).to_have_text("200")
    studio.tab("Request")
    take(studio, "create-records")


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
    take(studio, "send-campaign")


def first_screen(studio: StudioPage) -> None:
    """Show what Studio begins with, after a few runs."""
    studio.first_screen()
    take(studio, "first-screen")


def narrow(studio: StudioPage) -> None:
    """Show where a run leads to in a window as narrow as a telephone."""
    studio.open()
    studio.control("Name").fill("Ada")
    studio.control("Language").select_option(label="Français")
    expect(studio.run().locator(".status")).to_have_text("200")
    take(studio, "narrow")


if __name__ == "__main__":
    main()
