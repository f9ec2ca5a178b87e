"""What the guides of a connector show is true: their files work, their forms are forms, their links lead somewhere."""

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from src.runtime.forms import read_form
from tests.conftest import ROOT, Stacksync, isolated

GUIDES = sorted((ROOT / "template/documentation").glob("*.md"))
OURS = [ROOT / "README.md", *sorted((ROOT / "documentation").rglob("*.md"))]


@dataclass(frozen=True)
class Block:
    """A block of code, and the file that the line above it names."""

    guide: str
    language: str
    text: str
    file: str | None


def blocks() -> Iterator[Block]:
    for guide in GUIDES:
        found = re.finditer(r"(?:^`(src/[^`]+)`:\n\n)?^```(\w+)\n(.*?)^```$", guide.read_text("utf-8"), re.M | re.S)
        yield from (Block(guide.name, block[2], block[3], block[1]) for block in found)


FILES = [block for block in blocks() if block.file]
SCRIPTS = [block for block in blocks() if block.language == "python" and not block.file]
FORMS = [block for block in blocks() if block.language == "json" and '"workflows_module_schema_version"' in block.text]
DATA = [block for block in blocks() if block.language in ("json", "yaml")]
CALLS = [
    call.replace("\\\n", " ")
    for block in blocks()
    if block.guide == "getting_started.md" and block.language == "bash"
    for call in re.findall(r"^curl (?:.*\\\n)*.*$", block.text, re.M)
]


def named(block: Block) -> str:
    return f"{block.guide}-{block.file or block.text[:20].split()[0]}"


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    """Make a connector and write every file into it that the guides show."""
    environment = isolated(tmp_path_factory.mktemp("home")) | {"PYTHONPATH": str(ROOT / "cli")}
    stacksync = Stacksync(tmp_path_factory.mktemp("work"), environment)
    stacksync.json("new", "my_connector", "--no-git", "--data", f"port={port}")
    root = stacksync.cwd / "my_connector"
    for block in FILES:
        file = root / str(block.file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")
    return root


@pytest.mark.parametrize(
    "tool", [["pytest", "-q", "-p", "no:cacheprovider"], ["mypy"], ["ruff", "check", "."]], ids=str
)
def test_connector_with_the_shown_files_passes_its_own_checks(connector: Path, tool: list[str]) -> None:
    assert {block.guide for block in FILES} >= {"building_a_module.md", "testing.md", "authentication.md"}

    done = subprocess.run([sys.executable, "-m", *tool], cwd=connector, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    if tool[0] == "pytest":
        assert re.search(r"\d{2,} passed", done.stdout)


@pytest.mark.parametrize("block", SCRIPTS, ids=named)
def test_shown_code_runs(connector: Path, block: Block) -> None:
    command = [sys.executable, "-W", "error", "-c", block.text]
    done = subprocess.run(command, cwd=connector, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", FORMS, ids=named)
def test_shown_forms_are_forms_without_a_remark(block: Block) -> None:
    assert read_form(json.loads(block.text)).notes == ()


@pytest.mark.parametrize("block", DATA, ids=named)
def test_shown_data_can_be_read(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.fixture(scope="module")
def served(connector: Path) -> Iterator[None]:
    command = [sys.executable, "main.py"]
    with subprocess.Popen(
        command, cwd=connector, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        said = next((line for line in server.stdout if "Running on" in line), None)
        try:
            assert said
            yield
        finally:
            server.terminate()
            server.stdout.read()


@pytest.mark.skipif(shutil.which("curl") is None, reason="runs curl")
@pytest.mark.parametrize("call", CALLS)
def test_shown_calls_are_answered(served: None, port: int, call: str) -> None:
    script = call.replace("curl ", "curl --silent --show-error --fail ").replace(":2003/", f":{port}/")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["data"]


def test_getting_started_calls_everything_a_module_answers() -> None:
    called = {re.sub(r".*:2003(\S+).*", r"\1", call) for call in CALLS}

    module = "/new_empty_action/v1"
    assert called == {"/health", "/modules-list", f"{module}/schema", f"{module}/content", f"{module}/execute"}


def test_readme_shows_the_module_as_it_is() -> None:
    shown = re.search(
        r"`src/modules/new_empty_action/v1/route.py`:\n\n```python\n(.*?)```",
        (ROOT / "README.md").read_text("utf-8"),
        re.S,
    )
    route = ROOT / "template" / "{{ module_dir }}" / "route.py"

    assert shown
    assert shown[1] == route.read_text("utf-8")


# --- links ---------------------------------------------------------------------------------------


def broken_links(page: Path) -> list[str]:
    """Return the links of a page that lead to no file, or to no heading of it."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text))
    return [target for target in targets if "://" not in target and not leads_somewhere(page, target)]


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (page.parent / unquote(path)) if path else page
    if not file.exists():
        return False
    return not anchor or anchor in anchors(file)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_our_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_links_of_a_connector_lead_somewhere(connector: Path) -> None:
    pages = [page for page in connector.rglob("*.md") if ".venv" not in page.parts]

    assert len(pages) > len(GUIDES)
    assert {str(page): broken_links(page) for page in pages if broken_links(page)} == {}


def test_index_lists_every_guide() -> None:
    index = (ROOT / "template/documentation/index.md").read_text("utf-8")
    listed = re.findall(r"^\| \[[^\]]+\]\((\w+\.md)\)", index, re.M)

    assert sorted(listed) == [guide.name for guide in GUIDES if guide.name != "index.md"]
