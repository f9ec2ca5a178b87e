"""The choice of operations on a terminal: a real one, of several widths, with many operations."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import Stacksync, snapshot

if sys.platform == "win32":
    pytest.skip("there are no pseudo terminals on Windows", allow_module_level=True)

from tests.terminals import Terminal, in_terminal

MANY = 600
COLOUR = re.compile(r"\x1b\[(?:\d+;)*[349][0-8](?:;\d+)*m")
DOWN, CTRL_C = "\x1b[B", "\x03"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a description of many operations, with summaries that are longer than a line."""
    said = "Return what is known of it, in the order in which it was seen, and of each the latest"
    paths = {
        f"/things/number_{at:03}": {"get": {"operationId": f"thing_{at:03}", "summary": said, "responses": {}}}
        for at in range(MANY)
    }
    made = tmp_path_factory.mktemp("many") / "many.json"
    made.write_text(json.dumps({"openapi": "3.0.0", "info": {"title": "Many"}, "paths": paths}))
    return made


def modules(connector: Stacksync) -> set[str]:
    return {each.name for each in (connector.cwd / "src/modules").iterdir()}


def asked(terminal: Terminal) -> None:
    terminal.wait_for("Which operations?")
    terminal.wait_for("GET /things/number_000")


@pytest.mark.parametrize("width, environment", [(80, {}), (40, {"NO_COLOR": "1"})])
def test_operations_are_found_by_typing_and_chosen(
    connector: Stacksync, file: Path, width: int, environment: dict[str, str]
) -> None:
    before = modules(connector)

    with in_terminal(connector, "import", "openapi", str(file), width=width, **environment) as terminal:
        asked(terminal)
        terminal.type("number_57")
        terminal.wait_for("GET /things/number_570")
        terminal.type(f"{DOWN} ")
        terminal.wait_for("\N{BLACK CIRCLE} GET /things/number_571")
        terminal.type("\r")
        code = terminal.end()

    assert code == 0, terminal.shown
    assert modules(connector) - before == {"thing_571"}
    assert bool(COLOUR.search(terminal.written)) is not bool(environment)


@pytest.mark.parametrize("keys, code", [(CTRL_C, 130), ("\r", 2)])
def test_leaving_the_choice_leaves_nothing(connector: Stacksync, file: Path, keys: str, code: int) -> None:
    before = snapshot(connector.cwd)

    with in_terminal(connector, "import", "openapi", str(file)) as terminal:
        asked(terminal)
        terminal.type(keys)
        left = terminal.end()

    assert left == code, terminal.shown
    assert "Traceback" not in terminal.written
    assert snapshot(connector.cwd) == before
