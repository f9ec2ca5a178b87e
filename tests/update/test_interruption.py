"""Killed at any moment, an update leaves the connector as it was, or `--undo` makes it so."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stacksync.connector import find_connector
from stacksync.errors import StacksyncError
from stacksync.updates.applying import apply
from stacksync.updates.rehearsal import Rehearsal, UpdateOptions, rehearsed
from stacksync.updates.repository import Repository
from stacksync.updates.target import find_target
from stacksync.updates.undoing import undo
from tests.conftest import ADDRESS, snapshot
from tests.polling import poll
from tests.update.conftest import GUIDE, Connector

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")

WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen", "shutil.copyfile"}


@pytest.fixture(scope="module")
def rehearsal(edited_connector: Connector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Rehearse a release that adds, changes and conflicts; each test leaves the connector as it found it."""
    connector = edited_connector.twin(tmp_path_factory.mktemp("rehearsed") / "crm")
    answers = connector.cwd / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(ADDRESS, str(connector.template.checkout)))
    connector.commit()
    with rehearsed(find_target(find_connector(connector.cwd), None), UpdateOptions("v0.2.0")) as made:
        assert {change.path for change in made.changes if change.conflict} == {GUIDE}
        yield made


def killed_at(moment: int, work: Callable[[], object], place: Path) -> bool:
    """Do something in a process that is killed when it is about to change `place` for the nth time; tell if it was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads: pytest-xdist has one, which waits
        child = os.fork()
    if child == 0:
        gc.disable()  # it would copy all that pytest has, to look at it
        count = 0

        def watch(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            if event in WRITES and str(place) in str(arguments[:2]):
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def changed(repository: Repository) -> str:
    """Return what git says of the files, each read again."""
    command = ["git", "status", "--porcelain", "--untracked-files=all"]
    return subprocess.run(command, cwd=repository.top, capture_output=True, text=True, check=True).stdout


def test_killed_at_any_moment_of_the_update(rehearsal: Rehearsal) -> None:
    repository = rehearsal.repository
    before = snapshot(repository.top)
    moment, undone = 1, 0
    while killed_at(moment, lambda: apply(rehearsal, "v0.2.0"), repository.top):
        if changed(repository):
            undo(repository)
            undone += 1
        assert changed(repository) == "", moment
        moment += 1

    assert snapshot(repository.top) != before
    undo(repository)
    assert snapshot(repository.top) == before
    assert moment > 2 * len(rehearsal.changes)
    assert undone > len(rehearsal.changes)


def test_killed_at_any_moment_of_undoing(rehearsal: Rehearsal) -> None:
    repository = rehearsal.repository
    before = snapshot(repository.top)
    apply(rehearsal, "v0.2.0")
    moment = 1
    while killed_at(moment, lambda: undo(repository), repository.top):
        if changed(repository):
            undo(repository)
        assert changed(repository) == "", moment
        apply(rehearsal, "v0.2.0")
        moment += 1

    assert snapshot(repository.top) == before
    assert moment > 6


def test_killed_while_it_works_out_what_to_do(connector: Connector, tmp_path: Path) -> None:
    before = snapshot(connector.cwd)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = connector.environment | {"TMPDIR": str(temporary)}
    process = subprocess.Popen(connector.command("update"), cwd=connector.cwd, env=environment)
    poll(lambda: process.poll() is not None or any(temporary.glob("stacksync-*/crm/SECURITY.md")), "a release's file")
    process.kill()
    process.wait()

    assert snapshot(connector.cwd) == before
    assert connector("update", "--quiet").returncode == 0


# Git, which at one of its commands does something, and waits until the test lets it go.
GATE = """#!/bin/sh
for argument; do
  if [ "$argument" = {moment} ]; then
    {action}
    read line < {folder}/gate
    exit 1
  fi
done
exec {git} "$@"
"""
ENDINGS = pytest.mark.parametrize("ending, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@dataclass(frozen=True)
class Gated:
    """An update whose git waits, while the block runs; nothing may be left of it."""

    connector: Connector
    programs: Path
    temporary: Path

    @property
    def variables(self) -> dict[str, str]:
        """What leads the update to that git."""
        path = f"{self.programs}{os.pathsep}{self.connector.environment['PATH']}"
        return {"TMPDIR": str(self.temporary), "PATH": path}


@contextmanager
def gated(connector: Connector, tmp_path: Path, moment: str, action: str) -> Iterator[Gated]:
    """Have git wait; the signal comes while it does, so that it cannot come too late: at the end it is ignored."""
    before = snapshot(connector.cwd)
    update = Gated(connector, tmp_path / "programs", tmp_path / "temporary")
    update.temporary.mkdir()
    update.programs.mkdir()
    os.mkfifo(update.programs / "gate")
    script = GATE.format(moment=moment, folder=update.programs, git=shutil.which("git"), action=action)
    (update.programs / "git").write_text(script)
    (update.programs / "git").chmod(0o755)
    yield update
    assert snapshot(connector.cwd) == before
    assert list(update.temporary.glob("stacksync-*")) == []


def let_go(update: Gated) -> None:
    """End the git that waits."""
    os.close(os.open(update.programs / "gate", os.O_RDWR))


@ENDINGS
@pytest.mark.parametrize("moment", ["ls-remote", "read-tree", "checkout-index"])
def test_interrupted_it_leaves_nothing(
    connector: Connector, tmp_path: Path, moment: str, ending: signal.Signals, code: int
) -> None:
    with gated(connector, tmp_path, moment, f"kill -{ending:d} $PPID") as update:
        done = connector("update", **update.variables)
        let_go(update)

    assert (done.returncode, done.stderr) == (code, "")


@ENDINGS
def test_interrupted_from_outside_it_leaves_nothing(
    connector: Connector, tmp_path: Path, ending: signal.Signals, code: int
) -> None:
    arrived = tmp_path / "arrived"
    with gated(connector, tmp_path, "apply", f": > {arrived}") as update:
        process = subprocess.Popen(
            connector.command("update"),
            cwd=connector.cwd,
            env=connector.environment | update.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        poll(lambda: process.poll() is not None or arrived.exists(), "git apply")
        process.send_signal(ending)
        code_of_update = process.wait()
        let_go(update)
        errors = process.communicate()[1]

    assert (code_of_update, errors) == (code, b"")


@pytest.mark.parametrize("committed", [False, True])
def test_work_done_meanwhile_is_not_overwritten(edited: Connector, tmp_path: Path, committed: bool) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = edited.environment | {"TMPDIR": str(temporary)}
    command = edited.command("update")
    process = subprocess.Popen(command, cwd=edited.cwd, env=environment, stderr=subprocess.PIPE, text=True)
    poll(lambda: process.poll() is not None or any(temporary.glob("stacksync-*/crm/SECURITY.md")), "a release's file")
    edited.append("gunicorn.conf.py", "# written meanwhile")
    if committed:
        edited.commit()
    errors = process.communicate()[1]

    dirty = "There are uncommitted changes: gunicorn.conf.py."
    said = "Something was committed meanwhile." if committed else dirty
    assert errors.splitlines()[0] == f"Error: {said}"
    assert edited.status() == ([] if committed else [" M gunicorn.conf.py"])


def test_a_failure_in_the_middle_puts_everything_back(rehearsal: Rehearsal) -> None:
    before = snapshot(rehearsal.repository.top)
    (rehearsal.repository.git_dir / "index.lock").touch()

    with pytest.raises(StacksyncError, match=r"index\.lock"):
        apply(rehearsal, "v0.2.0")

    (rehearsal.repository.git_dir / "index.lock").unlink()
    undo(rehearsal.repository)
    assert snapshot(rehearsal.repository.top) == before
