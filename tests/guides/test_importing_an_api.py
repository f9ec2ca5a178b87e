"""The guide "An API in ten minutes" can be followed, with the description of these tests."""

import json
import shutil
import sys
from dataclasses import replace

import pytest

from tests.conftest import ROOT, git_settings
from tests.guides.pages import is_whole
from tests.guides.reader import Reader
from tests.openapi.conftest import LIBRARY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs bash")

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
