"""Studio as somebody sees it who looks at it: what can be found by its name, pressed and read."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from tests.polling import poll


@dataclass(frozen=True)
class Served:
    """A connector that `stacksync dev` serves, and the addresses of both."""

    root: Path
    studio: str
    connector: str

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file, as an editor saves it."""
        file = self.root / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def routes(self) -> str:
        """Return what the connector says of the routes that it serves."""
        with urlopen(f"{self.connector}/routes") as answer:
            return str(answer.read().decode())

    @contextmanager
    def module(self, name: str, route: str, schema: dict[str, Any], *, loads: bool = True) -> Iterator[str]:
        """Have one module more while the block runs, and return its folder once it is served."""
        folder = self.root / f"src/modules/{name}/v1"
        folder.mkdir(parents=True)
        (folder / "schema.json").write_text(json.dumps(schema, indent=2), "utf-8")
        (folder / "route.py").write_text(route, "utf-8")
        try:
            if loads:
                poll(lambda: f"/{name}/v1/" in self.routes())
            yield f"src/modules/{name}/v1"
        finally:
            shutil.rmtree(folder.parent)
            if loads:
                poll(lambda: f"/{name}/v1/" not in self.routes())  # its reload is none of the next test's


@dataclass
class StudioPage:
    """One tab with Studio in it."""

    page: Page
    served: Served
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self.served.studio, "data:")):
            self.complaints.append(f"asked another host: {request.url}")

    def check(self) -> None:
        """Fail when the browser complained: of a script, of the policy, of another host."""
        assert self.complaints == []

    def open(self, module: str = "new_empty_action/v1") -> "StudioPage":
        """Show a module and wait until its page hears what happens."""
        self.page.goto(f"{self.served.studio}/m/{module}")
        expect(self.page.locator("#state")).to_have_attribute("data-state", "ready")
        expect(self.page.locator("#state .seconds")).not_to_be_empty()  # only its script writes them, when it hears
        return self

    def first_screen(self) -> "StudioPage":
        """Show what Studio begins with."""
        self.page.goto(self.served.studio)
        expect(self.page.locator("#state .seconds")).not_to_be_empty()
        return self

    @contextmanager
    def module(self, name: str, route: str, schema: dict[str, Any]) -> Iterator[str]:
        """Show a module that is there while the block runs, and return its folder."""
        with self.served.module(name, route, schema) as folder:
            self.open(f"{name}/v1")
            yield folder
            self.page.goto("about:blank")  # before the module is gone

    # --- what is there -----------------------------------------------------------------------------------

    def control(self, label: str) -> Locator:
        """Return the control of the form with a label, by its name alone."""
        return self.page.locator("#form").get_by_label(re.compile(rf"^{re.escape(label)}( \*)?$"))

    def field(self, pointer: str) -> Locator:
        """Return all that belongs to a field."""
        return self.page.locator(f'[data-pointer="{pointer}"]')

    def button(self, name: str) -> Locator:
        """Return a button."""
        return self.page.get_by_role("button", name=name, exact=True)

    def panel(self, name: str) -> Locator:
        """Return what a tab of the right pane shows."""
        return self.page.locator(f"#panel-{name}")

    def tab(self, title: str) -> Locator:
        """Show a tab of the right pane and return its panel."""
        tab = self.page.get_by_role("tab", name=re.compile(rf"^{title}\b"))
        tab.click()
        return self.page.locator(f"#{tab.get_attribute('aria-controls')}")

    def run(self) -> Locator:
        """Press Run and return what was answered."""
        self.page.locator("#run").click()
        expect(self.panel("response").locator(".summary")).to_be_visible()
        expect(self.page.locator("#run")).not_to_have_attribute("aria-disabled", "true")
        return self.panel("response")

    def send_anyway(self) -> dict[str, Any]:
        """Send what is filled in, whatever is missing, and return the request as the page shows it."""
        self.page.get_by_label("Send anyway").check()
        self.run()
        request = self.panel("request").locator("pre")
        return dict(json.loads(request.text_content() or ""))

    def caret(self) -> tuple[str, int, int]:
        """Return the name of what has the focus, and where its selection begins and ends."""
        name, start, end = self.page.evaluate(
            "() => { const e = document.activeElement; return [e.name, e.selectionStart, e.selectionEnd] }"
        )
        return name, start, end
