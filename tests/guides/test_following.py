"""Every page of a connector can be followed: its commands run, its files work, its data is what it says."""

import shutil
import sys
from itertools import chain
from pathlib import Path

import pytest

from tests.guides.pages import GUIDES, PAGES, is_whole, read_blocks
from tests.guides.reader import Reader

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="runs bash"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl"),
]


# They take a release of the template or install one of the command, so there has to be one.
UPGRADING = "documentation/upgrading.md"
README = "README.md"
# It makes a connector of its own, in an empty folder: test_calling_an_api.py.
BEGINNING = "documentation/call_an_api.md"
# test_dynamic_forms.py follows it, and tries what was built.
BUILDING_FORMS = "documentation/connections.md"
# It says how to check what was written, so there has to be something.
CHECKING = "AGENTS.md"


FOLLOWED_ELSEWHERE = (UPGRADING, README, BEGINNING, BUILDING_FORMS, CHECKING)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in FOLLOWED_ELSEWHERE])
def test_page_can_be_followed(reader: Reader, page: str) -> None:
    follow(reader, page)


def test_an_upgrade_can_be_followed(upgrading_reader: Reader) -> None:
    install, *_ = read_blocks((upgrading_reader.folder / README).read_text("utf-8"))
    upgrading_reader.do(install)

    follow(upgrading_reader, UPGRADING)

    assert "Since v0.2.0." in (upgrading_reader.folder / "documentation/getting_started.md").read_text("utf-8")


def test_the_readme_can_be_followed(upgrading_reader: Reader) -> None:
    follow(upgrading_reader, README)


def follow(reader: Reader, page: str) -> None:
    """Do what a page says, all of it."""
    text = (reader.folder / page).read_text("utf-8")
    assert is_whole(text), "code stands in blocks, which are tried, and not indented"
    reader.follow(text)


def test_what_the_pages_write_passes_the_connectors_own_checks(reader: Reader) -> None:
    pages = {page: list(read_blocks((reader.folder / page).read_text("utf-8"))) for page in GUIDES if page != BEGINNING}
    files = {page: [block for block in blocks if block.file] for page, blocks in pages.items()}
    for block in chain.from_iterable(files.values()):
        reader.write(block)

    written = ["building_a_module", "connections"]
    assert [Path(page).stem for page in files if files[page]] == written
    follow(reader, CHECKING)


def test_these_are_all_pages(made_connector: Path) -> None:
    assert sorted(page.relative_to(made_connector).as_posix() for page in made_connector.rglob("*.md")) == PAGES
