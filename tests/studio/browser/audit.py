"""What is wrong with a page for those who do not see it well, do not hear it all, or use no mouse.

axe-core finds what it can of WCAG 2.2, https://www.w3.org/TR/WCAG22/, at level AA, and of its own best practices. The
rest is ours: contrast where axe cannot tell, as below what scrolls, and of edges; every target of 24 pixels, and not
only those that are crowded; references that lead nowhere; two buttons with one name.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
SCRIPT = Path(__file__).with_name("audit.js").read_text("utf-8").split("\n", 1)[1].strip()


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page as it is shown now."""
    return [*_axe(page), *_ask(page, "structure"), *contrast(page), *_ask(page, "targets"), *ambiguous(page)]


def contrast(page: Page) -> list[str]:
    """Return the texts and edges that cannot be told from what is behind them: all that differs by night."""
    found: list[str] = _ask(page, "contrast")["found"]
    return found


def least_contrast(page: Page) -> float:
    """Return the lowest contrast of a text on the page."""
    return float(_ask(page, "contrast")["least"])


def sideways(page: Page) -> list[str]:
    """Return what reaches over the right edge of the window."""
    found: list[str] = _ask(page, "sideways")
    return found


def ambiguous(page: Page) -> list[str]:
    """Return the names that two buttons have, as a screen reader tells them."""
    buttons = Counter(name for role, name in _tree(page) if role == "button")
    return [f"{times} buttons are called {name}" for name, times in buttons.items() if times > 1]


def _axe(page: Page) -> Iterable[str]:
    # The only frame is somebody else's page in a sandbox, where no script answers axe, which complains of that.
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}, "iframes": False}
    for found in Axe().run(page, options=options).response["violations"]:
        yield f"{found['id']}: {found['help']}: {[node['target'] for node in found['nodes']]}"


def _ask(page: Page, question: str) -> Any:
    return page.evaluate(f"{SCRIPT}.{question}()")


def _tree(page: Page) -> list[tuple[str, str]]:
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    shown = (node for node in nodes if not node.get("ignored") and node.get("role", {}).get("type") == "role")
    return [(node["role"]["value"], node.get("name", {}).get("value", "").strip()) for node in shown]
