"""The git repository and first commit of a new connector, whatever the user's git is like."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Stacksync, git_settings, snapshot

IDENTITY = {"user.name": "Ada", "user.email": "ada@localhost"}


def git(stacksync: Stacksync, *arguments: str) -> str:
    command = ["git", "-C", "crm", *arguments]
    return subprocess.run(
        command, cwd=stacksync.cwd, env=stacksync.environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_everything_is_in_the_first_commit(stacksync: Stacksync) -> None:
    done = stacksync("new", "crm", "--defaults", **git_settings(IDENTITY))

    assert (done.returncode, "note" in done.stderr) == (0, False)
    assert git(stacksync, "log", "--format=%an <%ae> %s") == (
        "Ada <ada@localhost> Make the connector from the stacksync template"
    )
    assert git(stacksync, "branch", "--show-current") == "main"
    assert git(stacksync, "status", "--porcelain") == ""
    assert sorted(git(stacksync, "-c", "core.quotePath=off", "ls-files").splitlines()) == sorted(
        snapshot(stacksync.cwd / "crm")
    )
    assert git(stacksync, "ls-files", "--stage", "run_dev.sh").startswith("100755 ")


def test_the_user_s_branch_name_is_kept(stacksync: Stacksync) -> None:
    stacksync("new", "crm", "--defaults", **git_settings(IDENTITY | {"init.defaultBranch": "trunk"}))

    assert git(stacksync, "branch", "--show-current") == "trunk"


def test_a_git_that_does_not_know_the_user_still_commits(stacksync: Stacksync) -> None:
    done = stacksync("new", "crm", "--defaults")

    assert git(stacksync, "log", "--format=%an <%ae>") == "stacksync <stacksync@localhost>"
    assert (
        "note: git does not know your name, so the first commit is by `stacksync` (git config --global user.name)\n"
        in done.stderr
    )


def test_signing_hooks_and_templates_of_the_user_are_left_out(stacksync: Stacksync, tmp_path: Path) -> None:
    for folder in ("hooks", "template/hooks"):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-index-change"):
            (tmp_path / folder / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\nexit 1\n")
            (tmp_path / folder / name).chmod(0o755)
    (tmp_path / "ignore").write_text("*.py\nconfig\n")
    settings = {
        "commit.gpgSign": "true",
        "gpg.program": "false",
        "core.hooksPath": str(tmp_path / "hooks"),
        "init.templateDir": str(tmp_path / "template"),
        "core.excludesFile": str(tmp_path / "ignore"),
        "core.editor": "false",
        "commit.template": str(tmp_path / "missing"),
    }

    done = stacksync("new", "crm", "--defaults", **git_settings(IDENTITY | settings))

    assert "git did not make the first commit" not in done.stderr
    assert not (tmp_path / "ran").exists()
    assert not (stacksync.cwd / "crm/.git/hooks").exists()
    assert "main.py" in git(stacksync, "ls-files").splitlines()


def test_the_repository_that_runs_us_as_a_hook_is_not_touched(stacksync: Stacksync, tmp_path: Path) -> None:
    other = {"GIT_DIR": str(tmp_path / "other.git"), "GIT_INDEX_FILE": str(tmp_path / "index"), "GIT_WORK_TREE": "/"}

    stacksync("new", "crm", "--defaults", **other)

    assert list(tmp_path.iterdir()) == []
    assert git(stacksync, "status", "--porcelain") == ""


def test_no_repository_when_asked_for_none(stacksync: Stacksync) -> None:
    done = stacksync("new", "crm", "--defaults", "--no-git")

    assert done.returncode == 0
    assert not (stacksync.cwd / "crm/.git").exists()


def test_no_repository_inside_another(stacksync: Stacksync) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=stacksync.cwd, env=stacksync.environment, check=True)

    done = stacksync("new", "apps/crm", "--defaults")

    assert f"note: inside the git repository {stacksync.cwd}: commit the connector there\n" in done.stderr
    assert not (stacksync.cwd / "apps/crm/.git").exists()


def test_no_repository_without_git(stacksync: Stacksync, tmp_path: Path) -> None:
    done = stacksync("new", "crm", "--defaults", PATH=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "note: git was not found: without a repository, `copier update` cannot bring newer releases\n" in done.stderr
    assert (stacksync.cwd / "crm/main.py").exists()


def test_a_git_that_fails_costs_the_commit_and_no_more(stacksync: Stacksync, tmp_path: Path) -> None:
    real = shutil.which("git")
    (tmp_path / "git").write_text(
        f'#!/bin/sh\ncase "$*" in *" add "*) echo disk quota >&2; exit 1;; esac\nexec {real} "$@"\n'
    )
    (tmp_path / "git").chmod(0o755)

    done = stacksync("new", "crm", "--defaults", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert done.returncode == 0
    assert "note: git did not make the first commit, make it yourself: disk quota\n" in done.stderr
    assert (stacksync.cwd / "crm/main.py").exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_refused(stacksync: Stacksync) -> None:
    stacksync.cwd.chmod(stat.S_IRUSR | stat.S_IXUSR)

    done = stacksync("new", "crm", "--defaults")

    assert done.returncode == 2
    assert done.stderr == f"Error: {stacksync.cwd} is not writable.\nTIP: choose another place\n"
