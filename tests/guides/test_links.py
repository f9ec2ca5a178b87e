"""The links of all pages lead somewhere, and README and AGENTS lead to every guide."""

import re
from pathlib import Path

import pytest

from stacksync.answers import gather
from stacksync.source import TemplateSource
from stacksync.template import render
from tests.conftest import ROOT
from tests.guides.pages import GUIDES, OF_DEPLOYMENTS, OURS, TEMPLATE, broken_links, inline_code


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_our_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_links_of_a_connector_lead_somewhere(made_connector: Path, tmp_path: Path) -> None:
    render(TemplateSource(ROOT, None, None), tmp_path / "crm", gather(ROOT, "crm", None, []))
    pages = [*made_connector.rglob("*.md"), *tmp_path.rglob("*.md")]

    assert len(pages) > 2 * len(GUIDES)
    assert {str(page): broken for page in pages if (broken := broken_links(page))} == {}


@pytest.mark.parametrize("page", ["README.md", "AGENTS.md"])
def test_every_guide_is_listed(made_connector: Path, page: str) -> None:
    file = made_connector / page
    linked = re.findall(r"\]\(([\w/]+\.md)[#)]", file.read_text("utf-8"))
    named = {(file.parent / target).relative_to(made_connector).as_posix() for target in linked}

    assert named >= set(GUIDES) - (OF_DEPLOYMENTS if page == "AGENTS.md" else set())


@pytest.mark.parametrize("page", GUIDES)
def test_paths_that_guides_name_exist(made_connector: Path, page: str) -> None:
    text = (TEMPLATE / page).read_text("utf-8")
    named = {code for code in inline_code(text) if re.fullmatch(r"(?:config|src/runtime|tests)/[\w./-]+", code)}

    assert [code for code in sorted(named) if not (made_connector / code).exists()] == []
