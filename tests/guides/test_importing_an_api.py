"""The guide "An API in ten minutes" can be followed, with the description of these tests and with another."""

import json
import re
import shlex
import shutil
import sys
from dataclasses import replace

import pytest

from tests.conftest import ROOT, Stacksync, git_settings
from tests.guides.pages import is_whole, read_blocks
from tests.guides.reader import Reader
from tests.openapi.conftest import HERE, LIBRARY
from tests.openapi.imported import commit, git

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs bash")

MUSEUM = HERE.parents[2] / "shared/openapi/museum.yaml"
EMAIL = '            email:\n              $ref: "#/components/schemas/Email"\n'
GUIDE = (ROOT / "documentation/how-to/import-an-api.md").read_text("utf-8")


def test_an_api_is_imported_in_ten_minutes(reader: Reader) -> None:
    shutil.copy(LIBRARY, reader.folder / "library.yaml")
    identity = git_settings({"user.name": "T", "user.email": "t@localhost"})
    following = replace(reader, environment=reader.environment | identity)

    assert is_whole(GUIDE)
    following.shell("git init --quiet; git add --all; git commit --quiet --allow-empty --message Begin")
    following.follow(GUIDE)

    # The last update was undone, and the one for the overrides is committed.
    stored = json.loads((reader.folder / "src/api/library/create_book.json").read_text("utf-8"))
    assert [each["label"] for each in stored["form"]["fields"][:2]] == ["Pages", "Name of the book"]
    form = json.loads((reader.folder / "src/modules/add_note/v1/schema.json").read_text("utf-8"))
    assert [each["id"] for each in form["fields"]] == ["member_id", "text", "stars", "more_fields"]


# What the guide says of the library, and what it says of another API.
OF_THE_MUSEUM = {
    "library.yaml": "museum.yaml",
    "src/api/library": "src/api/redocly_museum",
    "* /books*": "* /special-events*",
    "addNote": "buyMuseumTickets",
    "add_note": "buy_museum_tickets",
    "POST /books:": "POST /tickets:",
    "title: {label: Name of the book}": "email: {label: Where the ticket is sent}",
    "publisher/name: {label: House}": "ticketDate: {description: The day of the visit.}",
    "in_stock: {hidden: true}": "eventId: {hidden: true}",
    "order: [pages, title]": "order: [ticketType, email]",
}


@pytest.mark.skipif(not MUSEUM.is_file(), reason="needs the descriptions of real APIs")
def test_an_api_of_somebody_else_is_imported_as_the_guide_says(connector: Stacksync) -> None:
    page = GUIDE
    for ours, theirs in OF_THE_MUSEUM.items():
        assert ours in page, ours
        page = page.replace(ours, theirs)
    description = connector.cwd / "museum.yaml"
    description.write_text(MUSEUM.read_text("utf-8"), "utf-8")
    git(connector, "init", "--quiet")
    commit(connector)

    blocks = [each for each in read_blocks(page) if each.language in ("bash", "diff")]
    for block in blocks:
        if block.language == "diff":  # the next release of the museum: a buyer may have a phone
            text = description.read_text("utf-8")
            description.write_text(text.replace(EMAIL, f"{EMAIL}            phone: {{type: string}}\n", 1), "utf-8")
        else:
            follow(connector, block.text)

    stored = json.loads((connector.cwd / "src/api/redocly_museum/buy_museum_tickets.json").read_text("utf-8"))
    labels = [each["label"] for each in stored["form"]["fields"]]
    assert labels[:2] == ["Ticket type", "Where the ticket is sent"]
    form = json.loads((connector.cwd / "src/modules/buy_museum_tickets/v1/schema.json").read_text("utf-8"))
    assert [each["label"] for each in form["fields"]] == labels
    assert connector("import", "--update", "museum.yaml", "--check").stdout.splitlines()[:2] == [
        "POST /tickets (buy_museum_tickets)",
        "  fine  DIF031  body/phone: new",
    ]


def follow(connector: Stacksync, script: str) -> None:
    """Do what a block says."""
    written = re.fullmatch(r"cat > (\S+) <<'END'\n(.*)END\n(.*)", script, re.DOTALL)
    if written:
        (connector.cwd / written[1]).write_text(written[2], "utf-8")
    for line in (written[3] if written else script).splitlines():
        command, _, otherwise = line.partition(" || ")
        program, *arguments = shlex.split(command)
        if program == "git":
            git(connector, *arguments)
        elif arguments[0] != "test":  # those of modules that are made are run in tests/openapi
            done = connector(*arguments)
            assert (done.returncode, done.stderr) == (1 if otherwise else 0, ""), f"{command}: {done.stderr}"
