"""Print what Studio weighs and how fast it answers, as somebody sees it: python -m tests.benchmarks.page [ROUNDS].

Times are taken in the page, from a key or a save until the screen has changed. Needs Chromium.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Locator, Page, Request, expect

from tests.studio.browser.opening import launched, serving
from tests.studio.browser.sizes import CHOICES, CHOOSING, SCHEMA, main_thread, route
from tests.studio.browser.studio_page import Served

MODULE = "src/modules/send_campaign/v1"


def main(rounds: int = 10) -> None:
    """Measure one connector's page."""
    with made() as served, launched() as browser:
        page = browser.new_page(bypass_csp=True)  # conditions are texts, which the policy forbids to run
        weigh(page, served)
        print(f"{'':34} {'median':>8} {'fastest':>8} {'slowest':>8}  ms, of {rounds}")
        show("rule seen after a choice", [toggled(page, number) for number in range(rounds)])
        show("form seen after its file was saved", [form_saved(page, served, number) for number in range(rounds)])
        show("reload seen after code was saved", [code_saved(page, served, number) for number in range(rounds)])
        show("run to answer seen", [answered(page) for _ in range(rounds)])
        print(f"{'':34} {'median':>8} {'fastest':>8} {'slowest':>8}  ms of the page's main thread, of {rounds}")
        with served.module("sized", route(), SCHEMA), served.module("choosing", CHOOSING, CHOICES):
            page = browser.new_page()  # without what listens to the requests of the other one
            large_answer(page, served, rounds)
            many_choices(page, served, rounds)


@contextmanager
def made() -> Iterator[Served]:
    """Serve a new connector."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "crm"
        command = [sys.executable, "-m", "stacksync", "new", str(root), "--defaults", "--quiet", "--no-git"]
        subprocess.run(command, check=True)
        with serving(root, Path(folder) / "copy") as served:
            yield served


def weigh(page: Page, served: Served) -> None:
    """Print the bytes of everything that a first visit loads, uncompressed as Studio sends it."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))  # Playwright takes no method of a list
    page.goto(f"{served.studio}/m/send_campaign/v1")
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    drawn = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    sizes = {each.url: each.sizes()["responseBodySize"] for each in finished}
    static = sum(size for url, size in sizes.items() if "/static/" in url)
    html = sizes[f"{served.studio}/m/send_campaign/v1"]
    print(f"page {html / 1024:.1f} KB, scripts and styles {static / 1024:.1f} KB, first painted after {drawn:.0f} ms")


def show(name: str, times: list[float]) -> None:
    """Print a line of figures."""
    print(f"{name:34} {median(times):8.0f} {min(times):8.0f} {max(times):8.0f}")


def seen(page: Page, act: Callable[[], object], condition: str) -> float:
    """Return the milliseconds from an act until a condition of the page holds in a painted frame."""
    started = time.perf_counter()
    act()
    page.wait_for_function(condition, polling="raf")
    return (time.perf_counter() - started) * 1000


def toggled(page: Page, number: int) -> float:
    """Choose another channel, which hides one field and shows another."""
    channel, field = ("sms", "/sender_number") if number % 2 == 0 else ("email", "/subject")
    choose = f"""const s = document.querySelector('[name="/channel"]'); s.value = '{channel}';
        s.dispatchEvent(new Event('change', {{bubbles: true}}))"""
    return seen(page, lambda: page.evaluate(choose), f"document.querySelector('.field[data-pointer=\"{field}\"]')")


def form_saved(page: Page, served: Served, number: int) -> float:
    """Save another label."""
    label = f"Campaign name {number}" if number else "Campaign name"
    new = f"Campaign name {number + 1}"
    edit = lambda: served.edit(f"{MODULE}/schema.json", f'"{label}"', f'"{new}"')  # noqa: E731
    return seen(page, edit, f"document.querySelector('#form').textContent.includes('{new}')")


def code_saved(page: Page, served: Served, number: int) -> float:
    """Save another number; wait until the connector that has it is said to be ready."""
    page.wait_for_timeout(1500)  # as long as it takes to read what came of it, and the next process to warm up
    page.evaluate("document.querySelector('#said').textContent = ''")
    edit = lambda: served.edit(f"{MODULE}/route.py", f'"recipients": {1284 + number}', f'"recipients": {1285 + number}')  # noqa: E731
    return seen(page, edit, "document.querySelector('#said').textContent === 'The connector is ready.'")


def answered(page: Page) -> float:
    """Run the module."""
    page.evaluate(
        "document.querySelector('#anyway').checked = true; document.querySelector('#panel-response').textContent = ''"
    )
    return seen(page, lambda: page.locator("#run").click(), "document.querySelector('#panel-response .status')")


def busy(page: Page, act: Callable[[], object], until: Callable[[], object]) -> float:
    """Return the milliseconds that the page's main thread works from an act until something is seen."""
    with main_thread(page) as seconds:
        act()
        until()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return seconds[0] * 1000


def large_answer(page: Page, served: Served, rounds: int) -> None:
    """Open an answer of five megabytes, search it, and come back to it from another tab."""
    page.goto(f"{served.studio}/m/sized/v1")
    expect(page.locator("#state .seconds")).not_to_be_empty()
    page.get_by_label("Kind").fill("large")
    page.locator("#run").click()
    tree = page.get_by_role("tree", name="Answer")
    expect(tree).to_be_visible()
    history = page.evaluate("fetch(document.querySelector('value-view').getAttribute('src')).then((a) => a.text())")
    src = page.locator("value-view").get_attribute("src")
    assert src
    html = f"fetch('{src.replace('answered', 'response')}').then((a) => a.text())"
    opened = f"{html}.then((text) => {{ const p = document.querySelector('#panel-response'); p.innerHTML = text; }})"
    visible = lambda: expect(tree).to_be_visible()  # noqa: E731
    show(
        f"answer of {len(history) / 1e6:.1f} MB opened",
        [busy(page, lambda: page.evaluate(opened), visible) for _ in range(rounds)],
    )

    def search(number: int) -> float:
        box = page.get_by_role("searchbox", name="Search Answer")
        found = lambda: expect(page.locator("value-view .path")).to_have_text(f"data.contacts[{number}].name")  # noqa: E731
        return busy(page, lambda: box.fill(f"person {number} "), found)

    show("searched", [search(19_000 + number) for number in range(rounds)])
    tab = lambda name: page.get_by_role("tab", name=name).click()  # noqa: E731
    show(
        "come back to from another tab",
        [busy(page, lambda: (tab("Logs"), tab("Response")), visible) for _ in range(rounds)],
    )


def searched(page: Page, box: Locator, first: Locator, text: str) -> float:
    """Type into a combobox until the first choice has a text."""
    return busy(page, lambda: box.fill(text.lower()), lambda: expect(first).to_contain_text(text))


def many_choices(page: Page, served: Served, rounds: int) -> None:
    """Open a list of ten thousand choices, search it, and toggle a rule of the form that has it."""
    page.goto(f"{served.studio}/m/choosing/v1")
    thing = page.get_by_role("combobox", name="Thing")
    options = page.get_by_role("listbox").get_by_role("option")

    def closed() -> None:
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()

    def opened() -> float:
        taken = busy(page, thing.click, lambda: expect(options.first).to_contain_text("Thing 0"))
        closed()
        return taken

    expect(page.locator("choice-list[name='/thing']")).to_be_visible()
    print(f"{'10,000 choices opened at first':34} {opened():8.0f}")
    show("opened again", [opened() for _ in range(rounds)])
    thing.click()
    show("searched", [searched(page, thing, options.first, f"Thing 98{number % 10}") for number in range(rounds)])
    closed()
    detail, rule = page.locator("[data-pointer='/detail']"), page.get_by_label("Detailed")

    def toggled_rule(number: int) -> float:
        is_hidden = number % 2 == 0
        choose = lambda: rule.select_option("no" if is_hidden else "")  # noqa: E731
        return busy(page, choose, lambda: expect(detail).to_have_count(0 if is_hidden else 1))

    show("rule toggled", [toggled_rule(number) for number in range(rounds)])
    forms = "performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/form'))"
    print(f"{'':34} {page.evaluate(f'{forms}.at(-1).decodedBodySize') / 1024:8.1f} KB a toggle")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
