"""The questions in a terminal: a real one, through a pseudo terminal."""

import re
import sys
from collections.abc import Iterator

import pytest
import yaml

from stacksync import asking
from tests.conftest import ROOT, Stacksync
from tests.test_new import answers_of

if sys.platform == "win32":
    pytest.skip("there are no pseudo terminals on Windows", allow_module_level=True)

from tests.terminals import WIDTH, Terminal, in_terminal


@pytest.fixture
def terminal(stacksync: Stacksync) -> Iterator[Terminal]:
    with in_terminal(stacksync, "new", "my-crm", "--data", "app_description=Given") as opened:
        yield opened


def test_what_the_options_leave_open_is_asked(stacksync: Stacksync, terminal: Terminal) -> None:
    terminal.wait_for("Enter takes the answer that is shown; type over it for another.")
    terminal.wait_for("Name shown to users")
    terminal.type("\x15Acme CRM\r")
    terminal.wait_for("Address of the icon")
    terminal.type("\x15http://example.com/icon.svg\r")
    terminal.wait_for("must be an https address of an .svg file")
    terminal.type("\x15https://example.com/icon.svg\r")
    terminal.wait_for("Port for local development")
    terminal.type("\x15abc\r")
    terminal.wait_for("must be like 2003")
    terminal.type("\x1580\r")
    terminal.wait_for("must be from 1024 to 65535")
    terminal.type("\x152010\r")
    terminal.wait_for("authenticates its callers")
    terminal.wait_for("(arrow keys, then Enter)")
    terminal.type("\x1b[B\r")
    terminal.wait_for("continuous integration")
    terminal.type("\x1b[B\r")
    terminal.wait_for("Where to deploy it")
    terminal.wait_for("(Space selects, Enter goes on, also with none)")
    terminal.type(" \r")
    terminal.wait_for("Will you bring modules of a connector written for Stacksync's workflows-cdk?")
    terminal.wait_for("(y/N; Enter is No)")
    terminal.type("y")

    assert terminal.end() == 0, terminal.shown
    recorded = answers_of(stacksync.cwd / "my-crm")
    del recorded["_commit"], recorded["_src_path"]
    assert recorded == {
        "app_type": "my_crm",
        "app_name": "Acme CRM",
        "app_description": "Given",
        "app_icon_svg_url": "https://example.com/icon.svg",
        "port": 2010,
        "auth": "api_key",
        "ci": "gitlab",
        "deployment": ["kubernetes"],
        "workflows_cdk_compat": True,
    }


@pytest.mark.parametrize("keys, code", [("\x03", 130), ("\x15\x04", 2)])
def test_leaving_the_questions_leaves_nothing(stacksync: Stacksync, terminal: Terminal, keys: str, code: int) -> None:
    terminal.wait_for("Name shown to users")
    terminal.type(keys)

    assert terminal.end() == code
    assert "Traceback" not in terminal.shown
    assert stacksync.left() == []


def test_enter_takes_what_is_shown(stacksync: Stacksync, terminal: Terminal) -> None:
    for question in ("Name", "Address", "Port", "How the", "Which", "Where to", "Will you bring"):
        terminal.wait_for(f"? {question}")
        terminal.type("\r")

    assert terminal.end() == 0, terminal.shown
    assert answers_of(stacksync.cwd / "my-crm")["app_name"] == "My Crm"
    assert answers_of(stacksync.cwd / "my-crm")["workflows_cdk_compat"] is False


# --- at 80 columns -------------------------------------------------------------------------------

QUESTIONS = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))
ASKED = {name: question for name, question in QUESTIONS.items() if isinstance(question, dict) and "help" in question}


@pytest.mark.parametrize("name", ASKED)
def test_no_question_breaks_within_a_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    text = str(ASKED[name]["help"])

    lines = asking._wrapped(f"{text}\n  ").split("\n")

    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert max(len(line) for line in [f"? {lines[0]}", *lines[1:]]) < WIDTH


def test_every_reason_fits_in_a_line() -> None:
    rules = [spec.get("validator", "") for spec in ASKED.values()] + [QUESTIONS["no_identifier"]["default"]]
    reasons = {reason.strip() for rule in rules for reason in re.findall(r"must [^{%]*", rule)}

    assert len(reasons) > 6
    assert [reason for reason in reasons if len(reason) >= WIDTH] == []
