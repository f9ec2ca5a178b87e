"""No file of a cloned repository, and nothing that a module writes, makes a command wait or grow without end.

Each command runs with a limit of memory, and is killed after a minute.
"""

import os
import resource
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from src.runtime.forms import read_form, remarks
from stacksync.connector import Connector
from stacksync.dev.events import MOST_CHARACTERS, Events
from stacksync.studio.form.schemas import makes_form
from tests.conftest import Stacksync
from tests.dev.conftest import PROBE_ROUTE, copy_with_probe, developer, strict_interpreter
from tests.dev.developed import developed
from tests.dev.running_command import started
from tests.studio.conftest import Studio, running, studio

__all__ = ["developer", "running", "strict_interpreter", "studio"]

# Nine names of nine times the one before: https://en.wikipedia.org/wiki/Billion_laughs_attack
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
V1 = "src/modules/new_empty_action/v1"


def pipe(file: Path) -> None:
    file.unlink(missing_ok=True)
    os.mkfifo(file)


PARSING = [("list",), ("check",), ("add-version", "new_empty_action", "--dry-run")]
READING = [*PARSING, ("update", "--check", "--offline")]


def read_by_all(connector: Stacksync, commands: Iterable[tuple[str, ...]], codes: Sequence[int] = (0, 1, 2)) -> None:
    """Run commands that change nothing, one after the other; each must end, and say what it has to say."""
    for arguments in commands:
        done = connector.limited(*arguments)

        assert done.returncode in codes, arguments
        assert "bug in stacksync" not in done.stderr, arguments


@pytest.mark.parametrize(
    "file",
    [
        *(".env", "requirements.txt", "requirements.lock", "app_config.yaml", ".copier-answers.yml", "pyproject.toml"),
        *(f"{V1}/{name}" for name in ("route.py", "helper.py", "schema.json", "module_config.yaml")),
        *(f"{V1}/{name}" for name in (".copier-answers.yml", "examples/greet.json")),
    ],
)
def test_a_pipe_is_not_waited_for(connector: Stacksync, file: str) -> None:
    pipe(connector.cwd / file)

    read_by_all(connector, [*READING, ("remove-module", "new_empty_action", "--dry-run")])


@pytest.mark.parametrize(
    "file, said",
    [
        (".env", r"error \.env:1: cannot be read: no regular file"),
        ("requirements.txt", "requirements.txt: cannot be read: no regular file."),
        ("app_config.yaml", "is not in a connector"),
        (f"{V1}/schema.json", "ready in"),
        (f"{V1}/route.py", "ready in"),
        (f"{V1}/module_config.yaml", "ready in"),
    ],
)
def test_dev_does_not_wait_for_a_pipe(developer: Stacksync, file: str, said: str) -> None:
    pipe(developer.cwd / file)
    with started(developer, "--port", "0", "--no-studio") as run:
        run.wait_for(said)


def test_answers_are_not_read_from_a_pipe(stacksync: Stacksync) -> None:
    pipe(stacksync.cwd / "answers.yml")
    done = stacksync.limited("new", "crm", "--data-file", "answers.yml", "--defaults")
    assert (done.returncode, done.stderr) == (2, "Error: answers.yml: no regular file.\n")


@pytest.mark.parametrize("file", ["app_config.yaml", ".copier-answers.yml", f"{V1}/module_config.yaml"])
def test_a_yaml_bomb_does_not_go_off(connector: Stacksync, file: str) -> None:
    with (connector.cwd / file).open("a") as opened:
        opened.write(BOMB)

    read_by_all(connector, READING)


def test_a_yaml_bomb_does_not_go_off_in_the_connector(connector: Stacksync) -> None:
    with (connector.cwd / "app_config.yaml").open("a") as opened:
        opened.write(BOMB)
    done = subprocess.run(
        [connector.command()[0], "-c", "import main"], cwd=connector.cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3  # which keeps gunicorn from trying again
    assert "app_config.yaml:1: not readable as YAML: its aliases make it too large" in done.stderr


def test_a_journal_that_is_broken_is_told(connector: Stacksync) -> None:
    subprocess.run(["git", "init", "-q"], cwd=connector.cwd, check=True)
    folder = connector.cwd / ".git/stacksync-update"
    folder.mkdir()
    for content in ("", "[]", '{"entries": 5}', '{"head": "x", "release": "y", "entries": [{"a": 1}]}'):
        (folder / "journal.json").write_text(content)
        done = connector.limited("update", "--undo")
        assert done.returncode == 1
        assert "The journal of the last update cannot be read" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "-" * 200_000 + "1",
        "x = " + "(" * 5000 + ")" * 5000,
        "x = a" + ".a" * 100_000,
        "\0",
        "x = " + "9" * 9999,
    ],
)
def test_python_that_no_parser_can_read_is_no_bug(connector: Stacksync, text: str) -> None:
    (connector.cwd / V1 / "route.py").write_text(text)

    read_by_all(connector, PARSING, codes=(0, 1))


def test_a_name_of_a_megabyte_is_not_multiplied(connector: Stacksync) -> None:
    name = "x" * 1_000_000
    (connector.cwd / V1 / "module_config.yaml").write_text(f"module_settings:\n  module_name: {name}\n")
    (connector.cwd / "requirements.txt").write_text(f"{name}\n")
    for arguments in (("list",), ("check",)):
        assert len(connector.limited(*arguments).stdout) < 20_000


def test_remarks_on_a_form_cost_by_its_size() -> None:
    names = [f"field_{number}" for number in range(20_000)]
    options = {"ui_layout": {"type": "Group", "elements": [names[-1], "field_x"]}}
    fields = [{"id": name, "type": "string", "ui_options": options} for name in names]
    form = read_form({"fields": fields, "ui_options": {"ui_order": names}})

    begin = time.process_time()
    found = remarks(form)
    assert time.process_time() - begin < 20
    said = [note.message for note in found if note.kind == "layout-unknown-field"]
    assert said == ['ui_layout names "field_x", which is no field'] * 1000


def test_a_pipe_for_a_route_makes_no_form(connector: Stacksync) -> None:
    (version,) = [each for each in Connector(connector.cwd).versions if each.module == "new_empty_action"]
    pipe(connector.cwd / V1 / "route.py")
    assert not makes_form(version)


@pytest.mark.parametrize("last", ["9" * 5000, "-1", "1e9", "٣"])
def test_a_number_that_is_none_begins_the_events_anew(studio: Studio, last: str) -> None:
    with studio.client.get("/events", headers={"Last-Event-ID": last}, buffered=False) as answer:
        assert answer.status_code == 200
        assert "retry" in str(next(iter(answer.response)))


def test_events_take_no_more_memory_than_they_may() -> None:
    events = Events()
    for _ in range(3000):
        events.publish("log", line="x" * 200_000)
    kept = events.since(0)
    assert sum(len(event.data["line"]) for event in kept) <= MOST_CHARACTERS
    assert kept[-1].id == 3000


NOISY = PROBE_ROUTE.replace(
    "    return Response(",
    """    import subprocess, sys
    for _ in range(200):
        print("x" * 3_000_000)
    subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('y' * 50_000_000)"], check=True)
    return Response(""",
)


def test_lines_without_end_are_cut(compiled_connector: Path, tmp_path: Path) -> None:
    root = copy_with_probe(compiled_connector, tmp_path / "crm", NOISY)
    before = _memory()
    with developed(root) as crm:
        assert crm.probe()["answer"] == "one"
        crm.event_after(0, "request", lambda data: data["path"] == "/probe/v1/execute")
        lines = [event.data["line"] for event in crm.session.events.since(0) if event.kind == "log"]
    assert max(map(len, lines)) < 21_000
    assert _memory() - before < 100


def _memory() -> float:
    """Return the most memory, in MB, that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
