"""`stacksync new .`: a connector in a repository that was just created, all or nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Stacksync, snapshot

README, IGNORED = "# Ours\n", "*.log\n.venv/\n"


@pytest.fixture
def fresh(stacksync: Stacksync) -> Stacksync:
    """Return the command in a repository as a code host makes it: no commit, a remote, an identity, a hook."""
    folder = stacksync.cwd / "my-crm"
    folder.mkdir()
    settings = "[user]\nname = Tester\nemail = tester@localhost\n[init]\ndefaultBranch = other\n"
    Path(stacksync.environment["HOME"], ".gitconfig").write_text(settings)
    here = Stacksync(folder, stacksync.environment)
    git(here, "init", "--quiet", "--initial-branch=trunk")
    git(here, "remote", "add", "origin", "https://example.invalid/crm.git")
    git(here, "config", "user.name", "Ada")
    hook = folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    (folder / "README.md").write_text(README)
    (folder / "LICENSE").write_text("MIT\n")
    (folder / ".gitignore").write_text(IGNORED)
    return here


def git(here: Stacksync, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=here.cwd, env=here.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def state(here: Stacksync) -> object:
    """Return all that there is but git's objects, which nothing leads to before there is a commit."""
    files = (path for path in here.cwd.rglob("*") if path.is_file() and "objects" not in path.parts)
    return {path.relative_to(here.cwd).as_posix(): (path.stat().st_mode, path.read_bytes()) for path in files}


def test_a_fresh_repository_is_filled_and_stays_what_it_was(fresh: Stacksync, stacksync: Stacksync) -> None:
    report = fresh.json("new", ".")

    assert (report["path"], report["app_type"]) == (str(fresh.cwd), "my_crm")
    assert {"main.py", "src/modules/new_empty_action/v1/route.py"} <= set(report["files"])
    assert not {"README.md", "LICENSE", ".gitignore"} & set(report["files"])
    texts = [(fresh.cwd / name).read_text() for name in ("README.md", "LICENSE", ".gitignore")]
    assert texts == [README, "MIT\n", IGNORED]
    assert git(fresh, "log", "--all", "--format=%an %s") == "Ada Make the connector from the stacksync template\n"
    assert git(fresh, "branch", "--show-current") == "trunk\n"
    assert git(fresh, "remote", "get-url", "origin") == "https://example.invalid/crm.git\n"
    assert git(fresh, "status", "--porcelain", "--ignored") == ""
    assert set(git(fresh, "ls-files").split()) == {*report["files"], "README.md", "LICENSE", ".gitignore"}
    assert git(fresh, "ls-files", "--stage", "run_dev.sh").startswith("100755 ")
    assert (fresh.cwd / ".git/hooks/pre-commit").exists()
    assert not list(fresh.cwd.rglob("ran"))
    assert git(fresh, "fsck", "--strict") == ""


def test_it_is_the_connector_that_new_makes_elsewhere(fresh: Stacksync, stacksync: Stacksync) -> None:
    fresh.json("new", ".")
    stacksync.json("new", "other/my-crm", "--no-git")

    mine, theirs = (snapshot(folder) for folder in (fresh.cwd, stacksync.cwd / "other/my-crm"))
    kept = {"README.md", "LICENSE", ".gitignore"}
    assert {name: mine[name] for name in mine.keys() - kept} == {name: theirs[name] for name in theirs.keys() - kept}


IGNORED_TOO = ".env  .env.*  !.env.example  .stacksync-*  __pycache__/  *.py[co]  .pytest_cache/  .mypy_cache/"


def test_what_differs_is_told(fresh: Stacksync) -> None:
    dry = fresh.json("new", ".", "--dry-run")
    done = fresh("new", ".", "--defaults")

    _, ignored, readme, *_ = done.stderr.splitlines()
    assert ignored == (
        "note: .gitignore was kept as it is; add these lines of the template's: "
        f"{IGNORED_TOO}  .ruff_cache/  .coverage  .DS_Store"
    )
    assert readme == f"note: README.md was kept as it is; the template's has {lines_in(dry)} lines that it has not"
    assert "cd " not in done.stdout


def lines_in(report: dict[str, list[dict[str, str]]]) -> int:
    """Count the lines that the template's README.md would add, blank ones aside."""
    (diff,) = [kept["diff"] for kept in report["kept"] if kept["file"] == "README.md"]
    assert diff.startswith("--- README.md (yours)\n+++ README.md (the template's)\n")
    return len([line for line in diff.splitlines()[2:] if line.startswith("+") and line[1:].strip()])


def test_the_same_files_are_no_difference(fresh: Stacksync) -> None:
    fresh.json("new", "../other", "--no-git", "--data", "app_type=my_crm")
    for name in ("README.md", ".gitignore"):
        (fresh.cwd / name).write_text((fresh.cwd.parent / "other" / name).read_text("utf-8"), "utf-8")

    assert fresh.json("new", ".")["kept"] == []


def test_a_repository_with_commits_gets_none(fresh: Stacksync) -> None:
    git(fresh, "add", "README.md")
    git(fresh, "commit", "--quiet", "--no-verify", "--message", "Begin")
    before = state(fresh)

    done = fresh("new", ".", "--defaults")

    assert done.returncode == 0
    assert "note: this repository has commits already, so nothing was committed: look at `git status`\n" in done.stderr
    assert git(fresh, "log", "--format=%s") == "Begin\n"
    after = state(fresh)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert {name: after[name] for name in before} == before


def test_an_empty_folder_becomes_a_repository(stacksync: Stacksync) -> None:
    folder = stacksync.cwd / "crm"
    folder.mkdir()
    here = Stacksync(folder, stacksync.environment)

    here.json("new", ".")

    assert git(here, "log", "--format=%an") == "stacksync\n"
    assert git(here, "status", "--porcelain") == ""


def test_a_linked_work_tree_is_filled_too(fresh: Stacksync) -> None:
    git(fresh, "add", "README.md")
    git(fresh, "commit", "--quiet", "--no-verify", "--message", "Begin")
    git(fresh, "worktree", "add", "--quiet", "--detach", "../linked")
    linked = Stacksync(fresh.cwd.parent / "linked", fresh.environment)
    git(linked, "checkout", "--quiet", "--orphan", "empty")

    linked.json("new", ".")

    assert git(linked, "log", "--format=%s") == "Make the connector from the stacksync template\n"
    assert git(linked, "status", "--porcelain") == ""


def test_without_git_nothing_is_committed(fresh: Stacksync) -> None:
    fresh.json("new", ".", "--no-git")

    assert git(fresh, "for-each-ref") == ""
    assert not (fresh.cwd / ".git/index").exists()


@pytest.mark.parametrize(
    "names, listed",
    [
        (["main.py"], "main.py"),
        (["README/"], "README"),
        ([".gitattributes"], ".gitattributes"),
        (["a", "b", "c", "d", "e", "f", "g"], "a, b, c, d, e and 2 more"),
    ],
)
def test_a_folder_that_holds_more_is_refused(stacksync: Stacksync, names: list[str], listed: str) -> None:
    for name in names:
        (stacksync.cwd / name).mkdir() if name.endswith("/") else (stacksync.cwd / name).touch()
    before = stacksync.left()

    done = stacksync("new", ".", "--defaults")

    assert (done.returncode, done.stdout, stacksync.left()) == (2, "", before)
    assert done.stderr == (
        f"Error: {stacksync.cwd} is not empty: it holds {listed}.\n"
        "TIP: stacksync new . needs a folder with nothing but .git, README*, LICENSE* and .gitignore; "
        "stacksync new NAME makes a new folder\n"
    )


def test_what_a_killed_run_left_is_named(stacksync: Stacksync) -> None:
    (stacksync.cwd / ".stacksync-0a1b2c3d").mkdir()

    done = stacksync("new", ".", "--defaults")

    assert done.returncode == 2
    assert done.stderr == (
        "Error: .stacksync-0a1b2c3d is left of a run that was killed.\n"
        "TIP: remove .stacksync-0a1b2c3d, and what else is not yours (git status), then run stacksync new . again\n"
    )


def test_a_folder_whose_name_is_no_app_type_says_how_to_give_one(stacksync: Stacksync) -> None:
    (stacksync.cwd / "9lives").mkdir()
    here = Stacksync(stacksync.cwd / "9lives", stacksync.environment)

    done = here("new", ".", "--defaults")

    assert done.stderr == (
        "Error: '9lives' cannot be an app type: it must begin with a letter.\n"
        "TIP: stacksync new . --data app_type=my_9lives\n"
    )
    assert here.left() == []


def test_another_folder_with_a_repository_says_how_to_fill_it(fresh: Stacksync, stacksync: Stacksync) -> None:
    done = stacksync("new", "my-crm", "--defaults")

    assert done.returncode == 2
    assert done.stderr == (
        "Error: my-crm exists already.\nTIP: choose another name, or remove it first; "
        "to fill a new repository: cd my-crm, then stacksync new .\n"
    )


# --- interrupted ---------------------------------------------------------------------------------

# Does something at the nth event of a kind: https://docs.python.org/3/library/audit_events.html
INTERRUPTED = """
import os, signal, sys

left = {{"count": {number}}}

def interrupt(event, arguments):
    if event != {event!r} or {folder!r} not in str(arguments):
        return
    left["count"] -= 1
    if left["count"] == 0:
        {action}

sys.addaudithook(interrupt)
"""
ACTIONS = {
    "Ctrl-C": ("os.kill(os.getpid(), signal.SIGINT)", 130),
    "kill": ("os.kill(os.getpid(), signal.SIGTERM)", 143),
    "full disk": ("raise OSError(28, 'No space left on device', 'somewhere')", 1),
    "no permission": ("raise PermissionError(13, 'Permission denied', 'somewhere')", 1),
}
# A folder and files are made while it renders, entries are moved by renames, git is begun for each step of the commit.
STEPS = [("os.mkdir", 1), ("open", 40), *(("os.rename", number) for number in (1, 2, 12, 22))]
STEPS += [("subprocess.Popen", number) for number in range(1, 9)]


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("event, number", STEPS)
def test_whatever_ends_it_the_folder_is_as_it_was(
    fresh: Stacksync, tmp_path: Path, event: str, number: int, action: str
) -> None:
    before, (does, code) = state(fresh), ACTIONS[action]
    text = INTERRUPTED.format(event=event, number=number, folder=str(fresh.cwd), action=does)
    (tmp_path / "sitecustomize.py").write_text(text)
    path = os.pathsep.join([str(tmp_path), fresh.environment["PYTHONPATH"]])

    done = fresh("new", ".", "--defaults", PYTHONPATH=path)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.partition("\n")[0] == {
        "full disk": "Error: somewhere: No space left on device.",
        "no permission": "Error: somewhere: Permission denied.",
    }.get(action, "")
    assert state(fresh) == before


@pytest.mark.parametrize("event, part", [("subprocess.Popen", "update-ref"), ("os.rename", "stacksync-index")])
def test_a_last_step_that_fails_is_undone_too(fresh: Stacksync, tmp_path: Path, event: str, part: str) -> None:
    before = state(fresh)
    action = "raise OSError(28, 'No space left on device', 'somewhere')"
    text = INTERRUPTED.format(event=event, number=1, folder=part, action=action)
    (tmp_path / "sitecustomize.py").write_text(text)

    path = os.pathsep.join([str(tmp_path), fresh.environment["PYTHONPATH"]])
    done = fresh.process("new", ".", "--defaults", PYTHONPATH=path)

    assert (done.returncode, done.stderr) == (1, "Error: somewhere: No space left on device.\n")
    assert git(fresh, "for-each-ref") == ""
    after = state(fresh)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert {name: after[name] for name in after if not name.startswith(".git/logs/")} == before


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
def test_a_signal_at_the_last_step_changes_nothing_any_more(fresh: Stacksync, tmp_path: Path) -> None:
    action = "os.kill(os.getpid(), signal.SIGTERM)"
    text = INTERRUPTED.format(event="subprocess.Popen", number=1, folder="update-ref", action=action)
    (tmp_path / "sitecustomize.py").write_text(text)

    path = os.pathsep.join([str(tmp_path), fresh.environment["PYTHONPATH"]])
    done = fresh.process("new", ".", "--defaults", PYTHONPATH=path)

    assert done.returncode == 0
    assert git(fresh, "status", "--porcelain") == ""
    assert git(fresh, "rev-list", "--count", "HEAD") == "1\n"


def test_what_appears_meanwhile_is_not_replaced(fresh: Stacksync, tmp_path: Path) -> None:
    write = "open('tests', 'w').write('mine'); left['count'] = 10 ** 9"
    text = INTERRUPTED.format(event="os.rename", number=1, folder=str(fresh.cwd), action=write)
    (tmp_path / "sitecustomize.py").write_text(text)
    before = state(fresh)

    path = os.pathsep.join([str(tmp_path), fresh.environment["PYTHONPATH"]])
    done = fresh.process("new", ".", "--defaults", PYTHONPATH=path, PYTHONWARNINGS="error,ignore::ResourceWarning")

    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {fresh.cwd / 'tests'} appeared meanwhile.\nTIP: move it elsewhere, then run stacksync new . again\n"
    )
    assert (fresh.cwd / "tests").read_text() == "mine"
    (fresh.cwd / "tests").unlink()
    assert state(fresh) == before


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_refused(fresh: Stacksync) -> None:
    fresh.cwd.chmod(0o500)

    done = fresh("new", ".", "--defaults")

    fresh.cwd.chmod(0o700)
    assert (done.returncode, done.stderr) == (2, f"Error: {fresh.cwd} is not writable.\nTIP: choose another place\n")
