"""Ctrl-C, SIGTERM, SIGHUP and failures at any moment leave nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stacksync.errors import UsageError
from stacksync.staging import staged
from tests.conftest import ROOT, Stacksync

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")


def drafts(folder: Path, pattern: str) -> int:
    """Count what a running command has drafted so far; files may vanish while we look."""
    return sum(1 for _ in folder.glob(f".stacksync-*/{pattern}"))


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "at the start": lambda folder: True,
    "when the staging folder is there": lambda folder: drafts(folder, "") > 0,
    "at the first file": lambda folder: drafts(folder, "crm/*") > 0,
    "in the middle": lambda folder: drafts(folder, "crm/*") > 10,
    "in the modules": lambda folder: drafts(folder, "crm/src/*/*") > 4,
    "at the answers file": lambda folder: drafts(folder, "crm/.copier-answers.yml") > 0,
    "at git init": lambda folder: drafts(folder, "crm/.git") > 0,
    "at the commit": lambda folder: drafts(folder, "crm/.git/index") > 0,
}


@pytest.mark.parametrize(
    "moment, ending, code",
    [
        *[(moment, signal.SIGINT, 130) for moment in MOMENTS],
        *[(moment, signal.SIGTERM, 143) for moment in MOMENTS],
        ("in the middle", getattr(signal, "SIGHUP", signal.SIGTERM), 129),
    ],
)
def test_a_signal_leaves_nothing(stacksync: Stacksync, moment: str, ending: signal.Signals, code: int) -> None:
    command = stacksync.command("new", "crm", "--defaults", "--quiet")
    process = subprocess.Popen(
        command,
        cwd=stacksync.cwd,
        # Python itself leaves a file open when it is interrupted in the middle of an import.
        env=stacksync.environment | {"PYTHONWARNINGS": "error,ignore::ResourceWarning"},
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    while process.poll() is None and not MOMENTS[moment](stacksync.cwd):
        pass

    process.send_signal(ending)
    errors = process.communicate()[1]

    if process.returncode == 0:  # it came when the connector was being moved into place: then it is complete
        assert stacksync.left() == ["crm"]
        assert (stacksync.cwd / "crm/.git/HEAD").exists()
    else:
        assert stacksync.left() == []
        # Before the command itself runs, the signal ends the interpreter.
        assert process.returncode == code or moment == "at the start"
        assert errors == "" or moment == "at the start"


def test_a_failure_in_the_middle_leaves_nothing(stacksync: Stacksync, published_mistake: dict[str, str]) -> None:
    done = stacksync("new", "a/b/crm", "--defaults", **published_mistake)

    assert done.returncode == 1
    assert done.stderr == "Error: The template has a mistake: 'no_such_answer' is undefined\n"
    assert stacksync.left() == []


@pytest.fixture
def published_mistake(tmp_path: Path) -> dict[str, str]:
    """Return the setting that names a template whose last file cannot be rendered."""
    (tmp_path / "template").mkdir()
    (tmp_path / "copier.yml").write_text("_subdirectory: template\n_envops: {undefined: jinja2.StrictUndefined}\n")
    (tmp_path / "template/a.txt").write_text("fine\n")
    (tmp_path / "template/z.txt.jinja").write_text("{{ no_such_answer }}\n")
    return {"STACKSYNC_TEMPLATE": str(tmp_path)}


def test_a_full_disk_is_one_line(stacksync: Stacksync) -> None:
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); import signal;"
    code = limit + "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from stacksync.main import main; main()"
    command = [sys.executable, "-c", code, "new", "crm", "--defaults"]
    environment = stacksync.environment | {"PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(command, cwd=stacksync.cwd, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.endswith(": File too large.\n")
    assert stacksync.left() == []


def test_what_appears_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "crm"

    def build() -> None:
        with staged(target) as draft:
            draft.mkdir()
            target.mkdir()
            (target / "mine").touch()

    with pytest.raises(UsageError, match="appeared meanwhile") as caught:
        build()

    assert caught.value.tip == "it was left as it is; choose another name"
    assert [path.name for path in tmp_path.rglob("*")] == ["crm", "mine"]


def test_read_only_files_in_the_draft_are_removed_too(tmp_path: Path) -> None:
    def build() -> None:
        with staged(tmp_path / "crm") as draft:
            draft.mkdir()
            (draft / "object").touch(mode=0o400)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build()

    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_a_text_is_executed_ends_like_any_other(tmp_path: Path):
    # Executing one stands for what dataclasses do while modules are loaded.
    program = "import stacksync.main as m\n\nm._invoke = lambda _: exec('raise KeyboardInterrupt')\nm.main()\n"
    (tmp_path / "program.py").write_text(program)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "cli")}

    done = subprocess.run([sys.executable, "-m", "program"], cwd=tmp_path, env=environment, check=False)

    assert done.returncode == 130


LOST = """
import os, signal
from stacksync import interrupts

interrupts.install()

class Finalized:
    def __del__(self):
        os.kill(os.getpid(), signal.{signal})

Finalized()  # an exception in here is printed, and goes nowhere
print("so far")
interrupts.end_or_hold()
print("too far")
"""


@pytest.mark.parametrize("ending, code", [("SIGINT", -signal.SIGINT), ("SIGTERM", 143)])
def test_a_signal_that_python_lost_ends_the_command_all_the_same(ending: str, code: int) -> None:
    command = [sys.executable, "-c", LOST.format(signal=ending)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "cli")}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (code, "so far\n")
    assert "Exception ignored" in done.stderr


def test_once_held_signals_change_nothing() -> None:
    code = "import os, signal; from stacksync import interrupts; interrupts.install(); interrupts.end_or_hold()\n"
    code += "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): os.kill(os.getpid(), number)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "cli")}

    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
