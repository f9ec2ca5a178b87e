"""Studio in a browser: `stacksync dev` as users run it, and Debian's Chromium. Skipped where there is no Chromium."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.conftest import Stacksync, isolated
from tests.dev.running_command import started
from tests.studio.browser.studio_page import Served, StudioPage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HERE = Path(__file__).parent
# As root, as in a container, Chromium has no sandbox; the rest keeps it from looking for the internet.
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 15_000  # ms


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="needs Chromium, as by `apt install chromium`")
    for item in items:
        if HERE in item.path.parents and not CHROMIUM:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser that all tests share; each has its own context: cookies, storage, tabs."""
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Served]]:
    """Return what runs `stacksync dev` in a copy of a connector until all tests are done."""
    with ExitStack() as stack:

        def begin(made: Path) -> Served:
            folder = tmp_path_factory.mktemp("browsed")
            root = folder / made.name
            shutil.copytree(made, root, ignore=shutil.ignore_patterns(".git"))
            if not (root / "workflows_cdk").exists():
                shutil.copytree(HERE / "campaign", root / "src/modules/send_campaign/v1")
            environment = isolated(folder / "home") | {
                "PYTHONPATH": str(HERE.parents[2] / "cli"),
                "VIRTUAL_ENV": sys.prefix,
            }
            run = stack.enter_context(started(Stacksync(root, environment), "--port", "0", "--studio-port", "0"))
            address = run.wait_for(r"Studio +(http://127\.0\.0\.1:\d+)\b")[1]
            run.wait_for(r"ready in")
            return Served(root, address, run.address)

        yield begin


@pytest.fixture(scope="session")
def served(serve: Callable[[Path], Served], made_connector: Path) -> Served:
    """Return a new connector with one rich module more, and Studio beside it."""
    return serve(made_connector)


@pytest.fixture(scope="session")
def served_sdk(serve: Callable[[Path], Served], made_sdk_connector: Path) -> Served:
    """Return a connector in the style of Stacksync's own SDK, and Studio beside it."""
    return serve(made_sdk_connector)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser of somebody who was never here."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def studio(context: BrowserContext, served: Served) -> Iterator[StudioPage]:
    """Return Studio in a tab. Nothing may be complained of in the console, and no other host asked."""
    page = StudioPage(context.new_page(), served)
    yield page
    page.check()


@pytest.fixture
def sdk_studio(context: BrowserContext, served_sdk: Served) -> Iterator[StudioPage]:
    """Return the same for the connector in the SDK's style."""
    page = StudioPage(context.new_page(), served_sdk)
    yield page
    page.check()
