"""What is wrong with a page for those who do not see it well, do not hear it all, or use no mouse.

Written after the success criteria of WCAG 2.2, https://www.w3.org/TR/WCAG22/, at level AA.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).with_name("audit.js").read_text("utf-8").split("\n", 1)[1].strip()
# Roles that are something to use or to go to: each needs a name (4.1.2, 2.4.6).
NAMED = {
    *("button", "checkbox", "combobox", "dialog", "heading", "link", "navigation", "option", "radio", "region"),
    *("searchbox", "spinbutton", "tab", "tablist", "tabpanel", "textbox"),
}


def faults(page: Page) -> list[str]:
    """Return what is wrong with a page as it is shown now."""
    return [*_ask(page, "structure"), *_ask(page, "contrast")["found"], *_ask(page, "targets"), *unnamed(page)]


def least_contrast(page: Page) -> float:
    """Return the lowest contrast of a text on the page."""
    return float(_ask(page, "contrast")["least"])


def sideways(page: Page) -> list[str]:
    """Return what reaches over the right edge of the window."""
    found: list[str] = _ask(page, "sideways")
    return found


def unnamed(page: Page) -> list[str]:
    """Return what a screen reader has no name for, as the browser tells it, and names that two buttons have."""
    nodes = _tree(page)
    buttons = Counter(name for role, name in nodes if role == "button")
    found = [f"a {role} has no name" for role, name in nodes if role in NAMED and not name]
    return found + [f"{times} buttons are called {name}" for name, times in buttons.items() if times > 1]


def _ask(page: Page, question: str) -> Any:
    return page.evaluate(f"{SCRIPT}.{question}()")


def _tree(page: Page) -> list[tuple[str, str]]:
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    shown = (node for node in nodes if not node.get("ignored") and node.get("role", {}).get("type") == "role")
    return [(node["role"]["value"], node.get("name", {}).get("value", "").strip()) for node in shown]
