"""Whatever ends an update of an API in its middle, nothing of the user is lost, and `--undo` brings all of it back."""

import errno
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from stacksync.main import main
from tests.conftest import Stacksync, snapshot
from tests.openapi.imported import MODULES, NOTE, Describe, commit, described, git, imported, once_imported
from tests.openapi.test_drift import GONE

__all__ = ["described", "imported", "once_imported"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="ends a forked process")

WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen", "shutil.copyfile"}

Happens = Callable[[], None]
# Whether a write, of which the paths are given, is of a kind.
Moment = Callable[[str, str], bool]


def anywhere(_event: str, _paths: str) -> bool:
    """Any write that concerns the connector, git's own included."""
    return True


def in_the_journal(event: str, paths: str) -> bool:
    """What is kept in case that the update is undone."""
    return event != "subprocess.Popen" and f"{os.sep}stacksync-update" in paths


def in_the_files(event: str, paths: str) -> bool:
    """A file of the connector gets its new content."""
    return event == "os.rename" and ".result" in paths


def update(
    connector: Stacksync, source: str, at: tuple[int, Moment], happens: Happens, *, for_good: bool = False
) -> int:
    """Update in a process to which something happens when it is about to write for the nth time; return its code.

    Args:
        connector: The connector.
        source: The description.
        at: Which time, of which kind of write.
        happens: What happens.
        for_good: It happens at each later time too, whatever is written.
    """
    moment, is_meant = at
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: pytest-xdist has one, which waits
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    count = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event not in WRITES or str(connector.cwd) not in (paths := str(arguments[:3])):
            return
        has_happened = count >= moment
        count += is_meant(event, paths)
        if (count == moment and not has_happened) or (for_good and has_happened):
            happens()

    try:
        os.chdir(connector.cwd)
        os.environ.clear()
        os.environ.update(connector.environment)
        said = os.open(connector.cwd.parent / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout, sys.stderr = (open(number, "w", buffering=1, closefd=False) for number in (1, 2))  # noqa: SIM115
        sys.argv = ["stacksync", "import", "--update", source, "--yes", "--in-place"]
        sys.addaudithook(watch)
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 0)
    finally:
        os._exit(99)


def fails(number: int) -> Happens:
    """Return what happens where the system refuses."""

    def happens() -> None:
        raise OSError(number, os.strerror(number), "a file")

    return happens


def ends(number: int) -> Happens:
    """Return what happens when somebody ends the process."""
    return lambda: os.kill(os.getpid(), number)


def is_clean(connector: Stacksync) -> bool:
    return git(connector, "status", "--porcelain", "--untracked-files=all") == ""


@pytest.fixture
def edited(imported: Stacksync) -> Stacksync:
    """Return a connector of which a user edited a form and a route."""
    schema = imported.cwd / MODULES / "add_note/v1/schema.json"
    schema.write_text(schema.read_text("utf-8").replace('"label": "Text"', '"label": "Mine"'), "utf-8")
    route = imported.cwd / MODULES / "order_shelves/v1/route.py"
    route.write_text(route.read_text("utf-8") + "# mine\n", "utf-8")
    commit(imported)
    return imported


@pytest.fixture
def source(described: Describe) -> str:
    return described((f"{NOTE} stars", GONE), (f"{NOTE} weight", {"type": "number"}), ("paths /shelves/order", GONE))


@pytest.mark.parametrize(
    "number, for_good",
    [(errno.ENOSPC, True), (errno.EACCES, False), (errno.EACCES, True)],
    ids=["disk full", "not allowed once", "not allowed"],
)
@pytest.mark.parametrize("moment", [in_the_journal, in_the_files])
def test_what_the_system_refuses_leaves_all_of_it_or_undo_does(
    edited: Stacksync, source: str, number: int, moment: Moment, for_good: bool
) -> None:
    before = snapshot(edited.cwd)

    code = update(edited, source, (2, moment), fails(number), for_good=for_good)

    said = (edited.cwd.parent / "said").read_text("utf-8")
    assert (code, "Traceback" in said, "bug in stacksync" in said) == (1, False, False), said
    is_half = snapshot(edited.cwd) != before
    assert is_half is (for_good and moment is in_the_files)
    if is_half:
        assert edited("import", "--undo").returncode == 0
    assert snapshot(edited.cwd) == before
    assert is_clean(edited)


@pytest.mark.parametrize("ending, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ended_early_it_leaves_nothing_and_later_it_ends_whole(
    edited: Stacksync, source: str, ending: signal.Signals, code: int
) -> None:
    before = snapshot(edited.cwd)

    assert update(edited, source, (1, anywhere), ends(ending)) == code
    assert snapshot(edited.cwd) == before
    assert update(edited, source, (2, in_the_files), ends(ending)) == 1  # a finding, and all of it is done
    assert "weight" in (edited.cwd / MODULES / "add_note/v1/schema.json").read_text("utf-8")
    assert edited("import", "--undo").returncode == 0
    assert snapshot(edited.cwd) == before


def test_killed_in_the_middle_it_is_undone(edited: Stacksync, source: str) -> None:
    before = snapshot(edited.cwd)

    assert update(edited, source, (2, in_the_files), ends(signal.SIGKILL)) == -signal.SIGKILL

    assert snapshot(edited.cwd) != before
    refused = edited("import", "--update", source, "--yes")
    assert refused.stderr.splitlines()[-1].endswith("was interrupted: stacksync import --undo")
    assert edited("import", "--undo").returncode == 0
    assert snapshot(edited.cwd) == before
    assert is_clean(edited)
