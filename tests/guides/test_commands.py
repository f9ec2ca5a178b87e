"""What texts and outputs tell to type: commands and options that there are, and installations that name an address."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from typer.main import get_command

from stacksync.app import app
from tests.conftest import ROOT

GROUP: Any = get_command(app)
FOLDERS = ("cli", "hooks", "template", "documentation", ".ci", ".github")
TEXTS = sorted(
    path
    for path in [ROOT / "README.md", ROOT / "copier.yml", *(p for name in FOLDERS for p in (ROOT / name).rglob("*"))]
    if path.is_file() and path.suffix not in (".png", ".pyc", ".svg") and "_cache" not in path.as_posix()
)
PAGES = [path for path in TEXTS if path.suffix == ".md" or path.name.endswith(".md.jinja")]
# The changelog and decisions tell of what was.
PAGES = [page for page in PAGES if page.name != "changelog.md" and page.parent.name not in ("decisions", "reference")]


# --- commands ------------------------------------------------------------------------------------


def code_in(page: Path) -> Iterator[str]:
    """Yield the lines of blocks of commands, and what stands between backticks."""
    for token in MarkdownIt("commonmark").parse(page.read_text("utf-8")):
        if token.type == "fence" and token.info in ("bash", "bat"):
            yield from token.content.replace("\\\n", " ").splitlines()
        yield from (child.content for child in token.children or () if child.type == "code_inline")


def commands_in(line: str) -> Iterator[list[str]]:
    """Yield each call of `stacksync` in a line, as words."""
    for part in re.split(r"&&|\|\||;|#", line):
        words = part.split()
        if words[:1] == ["stacksync"] and len(words) > 1:
            yield words[1:]


def fault_in(words: list[str]) -> str:
    """Say what of a call does not exist."""
    name = words[0]
    if name.startswith("-"):
        return "" if name in ("--help", "--version", "--install-completion") else f"no option {name}"
    command = GROUP.commands.get(name)
    if command is None:
        return f"no command {name}"
    inner = getattr(command, "commands", {})
    if inner and len(words) > 1 and not words[1].startswith("-"):
        if words[1] not in inner:
            return f"no command {name} {words[1]}"
        command, words = inner[words[1]], words[1:]

    given = words[1 : words.index("--")] if "--" in words else words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"-h", "--help"}
    unknown = [word for word in given if word.startswith("-") and word.partition("=")[0] not in known]
    return f"no option {unknown[0]} of {name}" if unknown else ""


VENDORS = "stacksync workflow-connector …"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_on_a_page_is_one(page: Path) -> None:
    calls = [words for line in code_in(page) if line != VENDORS for words in commands_in(line)]

    assert [fault for fault in map(fault_in, calls) if fault] == []


def test_these_are_calls() -> None:
    found = [words for page in PAGES for line in code_in(page) for words in commands_in(line)]

    assert len(found) > 100
    assert {words[0] for words in found} >= {"new", "dev", "test", "run", "check", "update", "doctor", "add-module"}


@pytest.mark.parametrize(
    "line, fault",
    [
        ("cd x && stacksync serve", "no command serve"),
        ("stacksync dev --prot 3", "no option --prot of dev"),
        ("stacksync run -- pytest --nothing", ""),
        ("stacksync new x --data=port=1 -y", ""),
    ],
)
def test_what_is_none_is_found(line: str, fault: str) -> None:
    (words,) = commands_in(line)

    assert fault_in(words) == fault


# --- installations -------------------------------------------------------------------------------

INSTALLS = re.compile(
    r"\b(?:pip3?|pipx|uv pip|uv tool|uv) (?:install|inject|add|run|upgrade)\b[^\n`|]*|\buvx\b[^\n`|]*"
)


def bare_names_in(text: str) -> list[str]:
    """Return the installations that name `stacksync` without an address: an index may have anybody's."""
    found = []
    for match in INSTALLS.finditer(text):
        words = re.split(r"&&|;|\|\|", match[0])[0].replace('"', " ").replace("'", " ").split()
        named = [word for word in words if re.fullmatch(r"stacksync([\[=<>~!@].*)?", word)]
        if named and not {"--spec", "--from", "@"} & {*words}:
            found.append(match[0])
    return found


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.relative_to(ROOT).as_posix())
def test_no_installation_names_it_without_an_address(text: Path) -> None:
    assert bare_names_in(text.read_text("utf-8", errors="replace")) == []


@pytest.mark.parametrize(
    "line",
    [
        "pip install stacksync",
        "python -m pip install --upgrade 'stacksync>=0.1'",
        "pipx install stacksync && stacksync new x",
        "uv tool install stacksync==1.0",
        "uvx stacksync new x",
        "pip install flask stacksync[dev]",
    ],
)
def test_a_bare_name_would_be_found(line: str) -> None:
    assert bare_names_in(line) != []


@pytest.mark.parametrize(
    "line",
    [
        "pip install .",
        'pipx install "git+$address@$release"',
        "uvx --from . stacksync new x",
        "pip install -e '.[test]'",
    ],
)
def test_an_address_is_none(line: str) -> None:
    assert bare_names_in(line) == []


def test_printed_commands_are_commands_too() -> None:
    texts = [path for path in TEXTS if path.suffix == ".py" and path.is_relative_to(ROOT / "cli")]
    printed = {
        (path.name, match[1]) for path in texts for match in re.finditer(r"`stacksync ([a-z][\w-]*)", path.read_text())
    }

    assert len(printed) > 20
    assert {each for each in printed if each[1] not in GROUP.commands} == set()
