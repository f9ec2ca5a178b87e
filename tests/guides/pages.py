"""The blocks of code of a page, and its links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from tests.conftest import ROOT

TEMPLATE = ROOT / "template"
# These come with answers to `deployment`.
OF_DEPLOYMENTS = {"documentation/cloudrun.md", "documentation/kubernetes.md"}
GUIDES = sorted(path.relative_to(TEMPLATE).as_posix() for path in (TEMPLATE / "documentation").glob("*.md"))
MODULES = [f"src/modules/{name}/v1/README.md" for name in ("create_contacts", "new_empty_action")]
# Every page of a connector, by its path in one: a test compares them with what is rendered.
PAGES = ["AGENTS.md", "README.md", *GUIDES, *MODULES]
OURS = [ROOT / "README.md", *sorted((ROOT / "documentation").rglob("*.md"))]

_BLOCK = re.compile(r"(?:^`(?P<file>[\w./-]+)`:\n\n)?^```(?P<language>.*)\n(?P<text>(?:.*\n)*?)^```$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code.

    Args:
        file: what the line above names it, where it is the text of a file.
    """

    line: int
    language: str
    text: str
    file: str | None = None


def read_blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page; one whose fences are not at the beginning of the line would not be found."""
    for found in _BLOCK.finditer(page):
        yield Block(page.count("\n", 0, found.start("language")) + 1, found["language"], found["text"], found["file"])


def is_whole(page: str) -> bool:
    """Say whether every code of a page stands in a block that is read: none is indented, no fence is left."""
    rest = _BLOCK.sub("", page)
    return "```" not in rest and not re.search(r"\n\n(?: {4}|\t)(?![-*0-9])", rest)


def inline_code(page: str) -> list[str]:
    """Return what stands between backticks in the prose of a page."""
    return re.findall(r"`([^`]+)`", _BLOCK.sub("", page).replace("\n", " "))


def guide(name: str) -> str:
    """Return the text of a guide."""
    return (TEMPLATE / "documentation" / f"{name}.md").read_text("utf-8")


def table(page: str) -> dict[str, str]:
    """Return what each row of the tables of a page says about the names in its first column."""
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \| (.*) \|$", page, re.MULTILINE)
    return {name: rest for names, rest in rows for name in re.findall(r"`([^`]+)`", names)}


# --- links ---------------------------------------------------------------------------------------


def broken_links(page: Path) -> list[str]:
    """Return the links of a page that lead to no file, or to no heading of it."""
    text = re.sub(r"`[^`]*`", "", _BLOCK.sub("", page.read_text("utf-8")))
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if "://" not in target and not leads_somewhere(page, target)]


def leads_somewhere(page: Path, target: str) -> bool:
    """Say whether a relative link leads to a file and, if it names one, to a heading of it."""
    path, _, anchor = target.partition("#")
    file = (page.parent / unquote(path)) if path else page
    if not file.exists():
        return False

    return not anchor or anchor in anchors(file)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", _BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
