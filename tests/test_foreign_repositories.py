"""In a repository that somebody else made, nothing of it is run: monitors, hooks, filters, diff drivers, transports."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stacksync.git import command
from stacksync.git.command import GitError, ask, git
from tests.conftest import Published, Stacksync, git_settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the traps are shell scripts")

COMMANDS = [
    ["check"],
    ["list"],
    ["add-module", "other", "--embedded", "--dry-run"],
    ["add-version", "create_contacts", "--dry-run"],
    ["remove-module", "create_contacts", "--dry-run"],
    ["update", "--drift", "--embedded"],
    ["update", "--check"],
    ["update", "--diff"],
    ["update"],
]


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """Return a program that leaves a mark when it is run."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path}/sprung\ncat\n')
    program.chmod(0o755)
    return program


def traps(program: Path) -> str:
    """Return settings of a repository that name the program wherever git takes one."""
    return f"""
[core]
\trepositoryformatversion = 0
\tfsmonitor = {program}
\thooksPath = {program.parent}/hooks
\tpager = {program}
\teditor = {program}
\tsshCommand = {program}
\tgitProxy = {program}
\talternateRefsCommand = {program}
\taskPass = {program}
[diff]
\texternal = {program}
[diff "trap"]
\tcommand = {program}
\ttextconv = {program}
[merge "trap"]
\tdriver = {program}
[filter "trap"]
\tclean = {program}
\tsmudge = {program}
\tprocess = {program}
\trequired = true
[credential]
\thelper = !{program}
[gpg]
\tprogram = {program}
[interactive]
\tdiffFilter = {program}
[remote "origin"]
\turl = ext::{program}
\tuploadpack = {program}
\tpromisor = true
[uploadpack]
\tpackObjectsHook = {program}
"""


@pytest.fixture
def foreign(connector: Stacksync, published: Published) -> Stacksync:
    """Return a connector of a template with a newer release, all of whose files have a filter and a diff driver."""
    published.git("tag", "v0.2.0")
    origin = f"_src_path: {published.checkout}\n_commit: v0.1.0\n"
    answers = connector.cwd / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("_src_path", "# _src_path") + origin)
    (connector.cwd / ".gitattributes").write_text("* filter=trap diff=trap merge=trap\n")
    published.git("add", "--all", cwd=connector.cwd)
    published.git("commit", "--quiet", "--message", "Set the traps", cwd=connector.cwd)
    return connector


@pytest.fixture(params=[False, True], ids=["clean", "touched"])
def set_traps(foreign: Stacksync, trap: Path, request: pytest.FixtureRequest) -> Callable[[], Stacksync]:
    """Return what returns it, its repository naming the program everywhere; perhaps its files look changed."""
    hooks = trap.parent / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction", "pre-auto-gc"):
        shutil.copy(trap, hooks / name)
    with (foreign.cwd / ".git/config").open("a") as file:
        file.write(traps(trap))

    def touched() -> Stacksync:
        for path in foreign.cwd.glob("*") if request.param else ():
            os.utime(path)
        return foreign

    return touched


def sprung(trap: Path) -> str:
    """Return what was run."""
    marks = trap.parent / "sprung"
    return marks.read_text() if marks.exists() else ""


def test_nothing_of_a_repository_is_run(set_traps: Callable[[], Stacksync], trap: Path) -> None:
    for arguments in COMMANDS:
        done = set_traps()(*arguments)

        assert sprung(trap) == "", arguments
        assert "Traceback" not in done.stderr, arguments
        assert "bug in stacksync" not in done.stderr, arguments


def test_the_traps_are_traps(foreign: Stacksync, trap: Path, published: Published) -> None:
    with (foreign.cwd / ".git/config").open("a") as file:
        file.write(traps(trap))

    subprocess.run(["git", "status"], cwd=foreign.cwd, env=published.environment, capture_output=True, check=False)

    assert sprung(trap)


@pytest.mark.parametrize("pointed", [False, True], ids=["around-it", "pointed-to"])
def test_a_repository_among_the_files_is_not_run(foreign: Stacksync, trap: Path, pointed: bool) -> None:
    bare = foreign.cwd.parent / "evil.git"
    (foreign.cwd / ".git").rename(bare)
    with (bare / "config").open("a") as file:
        file.write(traps(trap) + f"[core]\n\tworktree = {foreign.cwd if pointed else bare / 'crm'}\n\tbare = false\n")
    if pointed:
        (foreign.cwd / ".git").write_text(f"gitdir: {bare}\n")
    else:
        foreign.cwd.rename(bare / "crm")

    here = Stacksync(foreign.cwd if pointed else bare / "crm", foreign.environment)
    refused = f"Error: {bare} is a repository without a work tree, which stacksync does not read.\n"
    for arguments in COMMANDS:
        done = here(*arguments)

        assert sprung(trap) == "", arguments
        assert "Traceback" not in done.stderr, arguments
        if arguments in (["update"], ["update", "--diff"]) and not pointed:
            assert (done.returncode, done.stderr) == (1, refused), arguments


def test_a_filter_whose_name_cannot_be_passed_on_is_refused(connector: Stacksync, trap: Path) -> None:
    (connector.cwd / ".gitattributes").write_text("* filter=a=b\n")
    with (connector.cwd / ".git/config").open("a") as file:
        file.write(f'[filter "a=b"]\n\tclean = {trap}\n')

    with pytest.raises(GitError, match=r"git has a setting filter\.a=b, whose name stacksync cannot pass on"):
        git(connector.cwd, "status")
    assert sprung(trap) == ""


def test_what_ties_git_to_another_repository_is_ignored(
    connector: Stacksync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")

    assert ask(connector.cwd, "rev-parse", "--show-toplevel") == str(connector.cwd)


@pytest.mark.parametrize("place", ["pipe", ".git/config", ".git/index"])
def test_git_that_waits_for_a_pipe_is_ended_and_not_started_again(
    connector: Stacksync, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(command, "PATIENCE", 1.0)
    with (connector.cwd / ".git/config").open("a") as file:
        file.write("[include]\n\tpath = ../pipe\n")
    (connector.cwd / place).unlink(missing_ok=True)
    os.mkfifo(connector.cwd / place)

    with pytest.raises(GitError, match=r"^git (config|status) was not done after 1 seconds, and was ended\.$"):
        git(connector.cwd, "status")
    monkeypatch.setattr(command, "PATIENCE", 600.0)
    assert ask(connector.cwd, "status") is None


def test_settings_of_the_user_for_all_repositories_count(connector: Stacksync, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in git_settings({"init.defaultBranch": "trunk"}).items():
        monkeypatch.setenv(name, value)

    assert ask(connector.cwd, "config", "init.defaultBranch") == "trunk"


def test_a_file_with_a_filter_that_cannot_be_told_is_named(foreign: Stacksync, trap: Path) -> None:
    with (foreign.cwd / ".git/config").open("a") as file:
        file.write(f'[filter "trap"]\n\tclean = {trap}\n')
    text = (foreign.cwd / "README.md").read_text()
    (foreign.cwd / "README.md").write_text(f"{text}\n")

    done = foreign("update")

    assert done.stderr == (
        "Error: There are uncommitted changes: README.md.\n"
        "TIP: README.md has a filter, which stacksync does not run: `git status` settles whether it changed\n"
    )
    assert sprung(trap) == ""
