"""The tutorial can be followed, from the connector's folder on; tests/test_readme.py installs the command."""

import shutil
import sys

import pytest

from tests.conftest import ROOT
from tests.guides.pages import is_whole
from tests.guides.reader import Reader

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="runs bash"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl"),
]

TUTORIAL = (ROOT / "documentation/tutorial.md").read_text("utf-8")
IN_THE_CONNECTOR = "```bash\ncd my_connector\n```\n"


def test_the_tutorial_can_be_followed(reader: Reader) -> None:
    installing, changed, page = TUTORIAL.partition(IN_THE_CONNECTOR)

    assert is_whole(TUTORIAL)
    assert "stacksync new my_connector\n```" in installing
    assert changed
    reader.follow(page)
    assert (reader.folder / "src/modules/say_goodbye/v1/route.py").is_file()
