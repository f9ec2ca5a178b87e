"""The blocks of code of a page, and its links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.conftest import ROOT

TEMPLATE = ROOT / "template"
# These come with answers to `deployment`.
OF_DEPLOYMENTS = {"documentation/cloudrun.md", "documentation/kubernetes.md"}
# This one comes with projects of stacksync-cdk only: see tests/kit/test_project.py.
OF_THE_KIT = "documentation/stacksync_cdk.md"
_ALL = sorted(path.relative_to(TEMPLATE).as_posix() for path in (TEMPLATE / "documentation").glob("*.md"))
GUIDES = [page for page in _ALL if page != OF_THE_KIT]
MODULES = [f"src/modules/{name}/v1/README.md" for name in ("create_contacts", "new_empty_action")]
# Every page of a connector, by its path in one: a test compares them with what is rendered.
PAGES = ["AGENTS.md", "README.md", *GUIDES, *MODULES]
OURS = [ROOT / "README.md", *sorted((ROOT / "documentation").rglob("*.md"))]

_MARKDOWN = MarkdownIt("commonmark")
_NAMED = re.compile(r"`([\w./-]+)`:")


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
    """Yield the blocks of code of a page, but for those in a list or without an end."""
    tokens = _MARKDOWN.parse(page)
    for before, token in zip([None, None, *tokens], tokens, strict=False):
        if token.type == "fence" and _is_read(page, token):
            named = _NAMED.fullmatch(before.content) if before and before.type == "inline" else None
            yield Block(_lines(token)[0] + 1, token.info, token.content, named and named[1])


def is_whole(page: str) -> bool:
    """Say whether every code of a page stands in a block that is read: none is indented, no fence is left."""
    blocks = [token for token in _MARKDOWN.parse(page) if token.type in ("code_block", "fence")]
    return all(token.type == "fence" and _is_read(page, token) for token in blocks)


def _is_read(page: str, token: Token) -> bool:
    return token.level == 0 and page.splitlines()[_lines(token)[1] - 1] == token.markup


def _lines(token: Token) -> list[int]:
    return token.map or [0, 0]


def _inline(page: str, kind: str) -> Iterator[Token]:
    """Yield what is of a kind in the prose of a page."""
    for token in _MARKDOWN.parse(page):
        yield from (child for child in token.children or () if child.type == kind)


def inline_code(page: str) -> list[str]:
    """Return what stands between backticks in the prose of a page."""
    return [token.content for token in _inline(page, "code_inline")]


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
    targets = [str(token.attrGet("href")) for token in _inline(page.read_text("utf-8"), "link_open")]
    return [target for target in targets if "://" not in target and not leads_somewhere(page, target)]


def leads_somewhere(page: Path, target: str) -> bool:
    """Say whether a relative link leads to a file and, if it names one, to a heading of it."""
    path, _, anchor = target.partition("#")
    file = (page.parent / unquote(path)) if path else page
    if not file.exists():
        return False

    return not anchor or anchor in anchors(file)


def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    return _anchors(page.read_text("utf-8"))


@cache
def _anchors(text: str) -> frozenset[str]:
    tokens = _MARKDOWN.parse(text)
    headings = [inline.content for begin, inline in pairwise(tokens) if begin.type == "heading_open"]
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings)
