"""A browser, as far as forms go: what it makes of the HTML, and what it posts when nobody touched anything."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "br", "hr", "img", "meta", "link"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    parent: "Element | None" = None
    children: list["Element"] = field(default_factory=list)
    text: str = ""  # of this one and all within

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, tag: str = "", **attributes: str) -> "list[Element]":
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            each
            for each in self.walk()
            if (not tag or each.tag == tag) and all(each.get(name) == value for name, value in wanted.items())
        ]

    @property
    def ancestors(self):
        here = self.parent
        while here:
            yield here
            here = here.parent


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.here: Element = self.root

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute is there twice: {attrs}"
        element = Element(tag, dict(attrs), self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag):
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        self.here = self.here.parent or self.root

    def handle_data(self, data):
        for each in (self.here, *self.here.ancestors):
            each.text += data


def page(html: str) -> Element:
    """Read HTML, every tag of which must be closed."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.here is parser.root
    return parser.root


def posted(root: Element) -> list[tuple[str, str]]:
    """Return what a browser posts, its line breaks included."""
    pairs = []
    for each in root.walk():
        name = each.get("name")
        if name and each.tag in ("input", "textarea", "select", "choice-list") and "disabled" not in each.attributes:
            pairs += [(name, _line_breaks(text)) for text in _values(each)]
    return pairs


def _values(control: Element) -> list[str]:
    if control.tag == "choice-list":
        return (
            [text for text, _ in json.loads(control["value"])]
            if "multiple" in control.attributes
            else [control["value"]]
        )
    if control.tag == "textarea":
        return [control.text.removeprefix("\n")]  # as browsers do, one line break after the tag is none
    if control.tag == "select":
        options = control.find("option")
        chosen = [each["value"] for each in options if "selected" in each.attributes]
        return chosen[-1:] or [options[0]["value"]]
    if control["type"] in ("checkbox", "radio") and "checked" not in control.attributes:
        return []
    if control["type"] in ("hidden", "checkbox", "radio"):
        return [control["value"]]

    return [(control.get("value") or "").replace("\n", "").replace("\r", "")]


def _line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
