"""The guide that calls an API begins in an empty folder: it ends with a connector that works, in few lines."""

import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from difflib import ndiff
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import git_settings, isolated
from tests.guides.conftest import settings_of
from tests.guides.pages import guide
from tests.guides.reader import Reader
from tests.ports import free_port

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="runs bash"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl"),
]

MOST_LINES = 150
COUNTED = {".py", ".yaml", ".yml", ".json"}
WRITES = re.compile(r"^stacksync (?:new|add-module) ", re.MULTILINE)
# Whoever asks the internet for something gets no answer, and pip and uv do not try.
NOWHERE = "http://127.0.0.1:9"
OFFLINE = {
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), NOWHERE),
    "NO_PROXY": "127.0.0.1,localhost",
    "PIP_NO_INDEX": "1",
    "UV_OFFLINE": "1",
}
TICKET = "--set team=support --set subject=Help --set comments.0.text=Please"


@dataclass
class Author(Reader):
    """A reader who begins with nothing, and whose own lines are counted.

    Args:
        written: What `new` and `add-module` wrote, by its path.
    """

    written: dict[str, str] = field(default_factory=dict)

    def shell(self, script: str, *, may_fail: bool = False) -> str:
        """Run a script, and keep what `new` and `add-module` wrote; an example that is saved counts as one's own."""
        before = texts(self.folder)
        said = super().shell(script, may_fail=may_fail)
        if WRITES.search(script):
            self.written |= dict(texts(self.folder).items() - before.items())
        return said

    def own_lines(self) -> list[str]:
        """Return the lines that these commands did not write, but for empty ones."""
        changed = texts(self.folder).items() - self.written.items()
        return [line for path, text in sorted(changed) for line in added(self.written.get(path, ""), text)]

    def invoke(self, arguments: str) -> Any:
        """Call a module, and return its answer."""
        return json.loads(self.shell(f"stacksync invoke --stand-in {arguments}", may_fail=True))


def texts(folder: Path) -> dict[str, str]:
    """Return the code, forms and configuration in a folder, by their paths."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*") if path.suffix in COUNTED}
    shown = {name: path for name, path in paths.items() if not any(part.startswith(".") for part in name.parts)}
    return {name.as_posix(): path.read_text("utf-8") for name, path in shown.items()}


def added(before: str, after: str) -> list[str]:
    """Return the lines that `after` has and `before` has not, but for empty ones."""
    changes = ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in changes if line.startswith("+ ") and line[2:].strip()]


@pytest.fixture
def author(project: Path, mypy_cache: Path, tmp_path: Path) -> Author:
    """Return somebody with an empty folder, an empty home and the command, offline."""
    home, folder = tmp_path / "home", tmp_path / "work"
    for empty in (home, folder):
        empty.mkdir()
    port = free_port()
    environment = isolated(home) | git_settings({"user.name": "Tester", "user.email": "tester@localhost"})
    del environment["PYTHONWARNINGS"]
    environment |= {"PYTHONPATH": str(project / "cli"), "PORT": str(port), **OFFLINE}
    return Author(folder, environment | settings_of(tmp_path, environment["PATH"], mypy_cache), port)


def test_the_help_desk_of_the_guide(author: Author) -> None:
    author.follow(guide("call_an_api"))

    assert author.folder.name == "help_desk"
    assert len(author.own_lines()) <= MOST_LINES, "\n".join(author.own_lines())

    # It is in order, and its tests are green; the guide ends with all tests and mypy.
    assert json.loads(author.shell("stacksync check --json"))["findings"] == []
    author.shell("stacksync run -- ruff check && ruff format --check")
    tested = author.shell("stacksync run -- pytest -k 'create_ticket or list_records'")
    assert re.search(r"\d{2} passed", tested)
    assert not re.search(r"\d+ (?:failed|skipped|warning)", tested)

    # A list in pages. All nine take five calls, and the API takes four in two seconds: the 429 is waited for.
    few = author.invoke("list_records --set select_object=tickets --set limit=3")["data"]
    assert ([each["id"] for each in few["records"]], few["has_more"]) == (["1", "2", "3"], True)
    everything = author.invoke("list_records --set select_object=tickets 2>logged")["data"]
    assert (everything["total"], everything["has_more"]) == (9, False)
    (took,) = re.findall(r"/execute 200 ([\d.]+) ms", (author.folder / "logged").read_text("utf-8"))
    assert float(took) >= 2000

    # The team brings its agents.
    for chosen, expected in (("", []), ("--set team=sales", ["ada"]), ("--set team=support", ["grace", "linus"])):
        answer = author.invoke(f"create_ticket --content-object agents {chosen}")
        (agents,) = answer["data"]["content_objects"]
        assert [choice["value"] for choice in agents["data"]] == expected

    # A ticket with two comments; what the API refuses is told as the API says it.
    made = author.invoke(f"create_ticket {TICKET} --set agent=grace --set comments.1.text=Soon")["data"]
    assert made["comments"] == [{"text": "Please"}, {"text": "Soon"}]
    refused = author.invoke(f"create_ticket {TICKET} --set agent=ada")
    assert refused["error"] == "127.0.0.1 answered 422: agent: is not in this team"
    assert refused["metadata"]["status"] == 422


def test_what_is_changed_and_added_counts_and_empty_lines_do_not() -> None:
    assert added("a\nb\nc\n", "a\nB\n\n  \nc\nd\n") == ["B", "d"]
    assert added("", "a\n") == ["a"]
    assert added("a\nb\n", "b\n") == []
