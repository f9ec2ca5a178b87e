"""Studio in a browser: `stacksync dev` as users run it, and Chromium. Skipped where there is no Chromium."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.studio.browser.opening import CHROMIUM, launched, serving
from tests.studio.browser.studio_page import Served, StudioPage

HERE = Path(__file__).parent
PATIENCE = 15_000  # ms


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="needs Chromium, as by `apt install chromium-headless-shell`")
    for item in items:
        if HERE in item.path.parents and not CHROMIUM:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser that all tests share; each has its own context: cookies, storage, tabs."""
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Served]]:
    """Return what runs `stacksync dev` in a copy of a connector until all tests are done."""
    with ExitStack() as stack:
        yield lambda made: stack.enter_context(serving(made, tmp_path_factory.mktemp("browsed")))


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
