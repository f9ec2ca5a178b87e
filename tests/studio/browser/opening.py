"""Opening Studio: a browser, and `stacksync dev` in a copy of a connector."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.conftest import ROOT, Stacksync, isolated
from tests.dev.running_command import started
from tests.studio.browser.studio_page import Served

# The first has no window, and takes a quarter less of everything.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
CAMPAIGN = Path(__file__).with_name("campaign")
# As root, as in a container, Chromium has no sandbox; the rest keeps it from looking for the internet.
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--renderer-process-limit=1"]  # to start a process for every tab takes longer than what the tab then does


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser while the block runs."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def serving(made: Path, folder: Path) -> Iterator[Served]:
    """Run `stacksync dev` in a copy of a connector, which has one rich module more where it can be."""
    root = folder / made.name
    shutil.copytree(made, root, ignore=shutil.ignore_patterns(".git"))
    if not (root / "workflows_cdk").exists():
        shutil.copytree(CAMPAIGN, root / "src/modules/send_campaign/v1")
    settings = {"PYTHONPATH": str(ROOT / "cli"), "VIRTUAL_ENV": sys.prefix}
    command = Stacksync(root, isolated(folder / "home") | settings)
    with started(command, "--port", "0", "--studio-port", "0") as run:
        address = run.wait_for(r"Studio +(http://127\.0\.0\.1:\d+)\b")[1]
        run.wait_for(r"ready in")
        yield Served(root, address, run.address)
