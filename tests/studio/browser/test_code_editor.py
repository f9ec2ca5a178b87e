"""Code fields: an editor that is still the browser's own text box."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.studio.browser.audit import faults
from tests.studio.browser.studio_page import StudioPage
from tests.studio.browser.test_live import FORM, ROUTE

HIDING = {"id": "note", "ui_options": {"ui_widget": "hidden"}, "apply_as": "merge"}
CODED: dict[str, Any] = {
    **FORM,
    "fields": [
        {
            "id": "code",
            "type": "string",
            "label": "Code",
            "description": "Runs for each record.",
            "ui_options": {"ui_widget": "CodeblockWidget", "ui_options": {"language": "python"}},
        },
        {"id": "note", "type": "string", "label": "Note"},
    ],
    # Each change of the code draws the form anew.
    "rules": [{"if": {"and": [{"id": "code", "operator": "is_empty"}]}, "then": {"fields": [HIDING]}}],
}
SCHEMES: tuple[Any, ...] = ("light", "dark")
PAINTED = """(kind) => {
  const drawn = [...document.querySelectorAll(".code-drawn")].map((each) => each.querySelector("pre").firstChild);
  return [...CSS.highlights.get(`code-${kind}`)].filter((each) => drawn.includes(each.startContainer)).map(String);
}"""


def painted(studio: StudioPage, kind: str) -> list[str]:
    """Return the words that the browser paints in one colour."""
    words: list[str] = studio.page.evaluate(PAINTED, kind)
    return words


def wait_for(studio: StudioPage, kind: str, words: list[str]) -> None:
    """Wait until these words are painted."""
    wanted = f"([kind, words]) => JSON.stringify(({PAINTED})(kind)) === JSON.stringify(words)"
    studio.page.wait_for_function(wanted, arg=[kind, words])


def selection(code: Locator) -> list[int]:
    """Return where the selection begins and ends."""
    found: list[int] = code.evaluate("(e) => [e.selectionStart, e.selectionEnd]")
    return found


def test_code_is_written_as_in_an_editor(studio: StudioPage) -> None:
    with studio.module("coded", ROUTE, CODED):
        press, type_ = studio.page.keyboard.press, studio.page.keyboard.type
        code, note, numbers = studio.control("Code"), studio.control("Note"), studio.page.locator(".code-numbers")
        expect(code).to_have_accessible_description(
            "Runs for each record. python: empty Tab indents what you write. Escape, then Tab, moves on."
        )
        code.click()
        type_("def f(a):")
        press("Enter")
        type_("if a:")
        press("Enter")
        type_('return "b"')
        expect(code).to_have_value('def f(a):\n    if a:\n        return "b"')
        expect(numbers).to_have_text("1\n2\n3")
        wait_for(studio, "keyword", ["def", "if", "return"])
        assert painted(studio, "name") == ["f"]
        assert painted(studio, "string") == ['"b"']

        # A rule drew the form anew meanwhile: the caret, what was typed and the undo are those of before.
        expect(note).to_be_visible()
        assert selection(code) == [38, 38]
        press("Shift+Tab")
        expect(code).to_have_value('def f(a):\n    if a:\n    return "b"')
        expect(studio.field("/code").locator(".syntax")).to_contain_text("line 3")
        assert selection(code) == [34, 34]
        press("Control+z")
        expect(code).to_have_value('def f(a):\n    if a:\n        return "b"')
        press("Control+a")
        press("Tab")
        expect(code).to_have_value('    def f(a):\n        if a:\n            return "b"')
        assert selection(code) == [0, 50]
        press("Control+z")
        press("Control+z")
        expect(code).not_to_have_value(re.compile("b"))
        press("Control+Shift+z")
        expect(code).to_have_value('def f(a):\n    if a:\n        return "b"')


def test_tab_moves_on_until_somebody_writes_and_after_escape(studio: StudioPage) -> None:
    with studio.module("coded", ROUTE, CODED):
        press = studio.page.keyboard.press
        code, note = studio.control("Code"), studio.control("Note")
        code.fill("x")
        expect(note).to_be_visible()
        code.blur()
        note.focus()
        press("Shift+Tab")
        expect(code).to_be_focused()
        press("Tab")
        expect(note).to_be_focused()

        press("Shift+Tab")
        press("End")
        press("Tab")
        expect(code).to_have_value("x    ")
        press("Escape")
        expect(studio.page.locator("#said")).to_have_text("Tab moves on now.")
        press("Tab")
        expect(note).to_be_focused()
        expect(code).to_have_value("x    ")


def test_a_fault_is_marked_at_its_line_and_can_be_found_by_everybody(studio: StudioPage) -> None:
    page = studio.page
    page.set_viewport_size({"width": 1440, "height": 2600})
    studio.open("send_campaign/v1")
    headers, state = studio.control("Headers"), studio.field("/headers").locator(".syntax")
    stripe = studio.field("/headers").locator(".code-fault")
    expect(stripe).to_be_hidden()

    headers.fill('{\n  "é😀": 1,\n  "😀" oops\n}')
    expect(state).to_contain_text("line 3")
    expect(headers).to_have_accessible_description(re.compile("line 3"))
    wait_for(studio, "fault", ["oops"])
    wait_for(studio, "name", ["h1", "h1", "p", "p", '"é😀"'])
    assert painted(studio, "number") == ["1"]
    numbers = studio.field("/headers").locator(".code-numbers")
    line = numbers.evaluate(
        "(e) => { const r = new Range(); r.setStart(e.firstChild, 4); return r.getBoundingClientRect().y }"
    )
    box = stripe.bounding_box()
    assert box
    assert abs(box["y"] - line) < 4
    page.emulate_media(reduced_motion="reduce")
    assert faults(page) == []

    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        ratios: dict[str, float] = page.evaluate(CONTRASTS)  # axe-core does not know what is painted
        assert len(ratios) == 12
        assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}

    headers.fill('{"a": 1}')
    expect(stripe).to_be_hidden()
    wait_for(studio, "fault", [])


def test_many_lines_are_indented_at_once_and_taken_back(studio: StudioPage) -> None:
    with studio.module("coded", ROUTE, CODED):
        code, press = studio.control("Code"), studio.page.keyboard.press
        lines = ["", *('a = "&amp; <b>"  # é' for _ in range(400)), ""]
        code.evaluate("(e, text) => { e.value = text; e.focus(); e.select(); }", "\n".join(lines))
        press("Home")
        press("Control+a")
        press("Tab")
        expect(code).to_have_value("\n".join(line and f"    {line}" for line in lines))
        press("Shift+Tab")
        expect(code).to_have_value("\n".join(lines))
        press("Control+z")
        press("Control+z")
        expect(code).to_have_value("\n".join(lines))


def test_long_texts_are_scrolled_to_and_in_the_end_plain(studio: StudioPage) -> None:
    studio.page.set_viewport_size({"width": 390, "height": 700})
    with studio.module("coded", ROUTE, CODED):
        code, frame = studio.control("Code"), studio.page.locator(".code-editor")
        code.fill("\n" * 80 + "x = 1" * 60)
        assert frame.evaluate("(e) => e.scrollTop > 900 && e.scrollLeft > 1500")
        assert code.evaluate("(e) => e.scrollTop + e.scrollLeft") == 0
        studio.page.keyboard.press("Enter")
        assert frame.evaluate("(e) => e.scrollLeft") < 9
        studio.page.keyboard.press("Control+Home")
        assert frame.evaluate("(e) => e.scrollTop + e.scrollLeft") < 9

        code.fill("x = 1")
        wait_for(studio, "number", ["1"])
        code.evaluate(
            "(e) => { e.value = '#'.repeat(100001); e.dispatchEvent(new Event('input', { bubbles: true })); }"
        )
        wait_for(studio, "number", [])
        expect(studio.page.locator(".code-numbers")).to_have_text("1")


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (element, property) => {
    canvas.fillStyle = getComputedStyle(element)[property];
    canvas.fillRect(0, 0, 1, 1);
    const linear = [...canvas.getImageData(0, 0, 1, 1).data].map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const found = {};
  const probe = document.body.appendChild(document.createElement("i"));
  for (const kind of ["comment", "keyword", "string", "number", "name", "attribute"]) {
    for (const below of ["raised", "bad-surface"]) {
      probe.style.cssText = `color: var(--code-${kind}); background-color: var(--${below})`;
      const [low, high] = [light(probe, "color"), light(probe, "backgroundColor")].sort((one, other) => one - other);
      found[`${kind} on ${below}`] = (high + 0.05) / (low + 0.05);
    }
  }
  return found;
}"""
