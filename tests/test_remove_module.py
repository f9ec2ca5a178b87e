"""`stacksync remove-module` as users type it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Published, Stacksync, isolated, snapshot
from tests.polling import poll

FORCE = "TIP: --force removes it all the same\n"


def commit(connector: Stacksync) -> None:
    for arguments in (["add", "--all"], ["commit", "--quiet", "--message", "Work"]):
        subprocess.run(["git", *arguments], cwd=connector.cwd, env=connector.environment, check=True)


@pytest.fixture(scope="module")
def added(made_connector: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a module that was added to a connector; it is copied, never changed."""
    folder = tmp_path_factory.mktemp("added")
    shutil.copytree(made_connector, folder / "crm", symlinks=True)
    command = Stacksync(folder / "crm", isolated(folder / "home") | {"PYTHONPATH": str(project / "cli")})
    command.json("add-module", "get_contacts")
    return folder / "crm/src/modules/get_contacts"


@pytest.fixture
def module(connector: Stacksync, added: Path) -> Path:
    """Return the folder of a module that was just added."""
    shutil.copytree(added, connector.cwd / "src/modules/get_contacts")
    return connector.cwd / "src/modules/get_contacts"


def test_it_undoes_add_module(connector: Stacksync) -> None:
    before = snapshot(connector.cwd)
    added = connector.json("add-module", "get_contacts")

    report = connector.json("remove-module", "get_contacts")

    assert report == {
        "module": "get_contacts",
        "versions": ["v1"],
        "path": str(connector.cwd / "src/modules/get_contacts"),
        "files": added["files"],
        "lost": [],
    }
    assert snapshot(connector.cwd) == before
    assert not (connector.cwd / "src/modules/get_contacts").exists()


def test_it_undoes_add_version_also_of_an_edited_module(connector: Stacksync, module: Path) -> None:
    (module / "v1/route.py").write_text("EDITED = True\n")
    before = snapshot(connector.cwd)
    connector.json("add-version", "get_contacts")

    done = connector("remove-module", "get_contacts", "--version", "v2")

    assert (done.returncode, done.stdout) == (0, "Removed src/modules/get_contacts/v2, 8 files.\n")
    assert snapshot(connector.cwd) == before


def test_the_last_version_takes_the_module_along(connector: Stacksync, module: Path) -> None:
    (module / "v1/__pycache__").mkdir()
    (module / "v1/__pycache__/route.pyc").touch()

    done = connector("remove-module", "get_contacts", "--version", "v1")

    assert (done.returncode, done.stdout) == (0, "Removed src/modules/get_contacts, 8 files.\n")
    assert not module.exists()


def test_edited_work_is_refused_and_shown(connector: Stacksync, module: Path) -> None:
    route = module / "v1/route.py"
    route.write_text(route.read_text("utf-8") + "\nEDITED = True\n", "utf-8")
    (module / "v1/notes.txt").write_text("mine")
    before = snapshot(connector.cwd)

    done = connector("remove-module", "get_contacts")

    place = "src/modules/get_contacts"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: {place} holds work that would be lost: {place}/v1/notes.txt (added, not committed), "
        f"{place}/v1/route.py (edited, not committed).\n{FORCE}"
    )
    assert snapshot(connector.cwd) == before


def test_edited_work_is_refused_when_it_is_committed_too(connector: Stacksync, module: Path) -> None:
    (module / "v1/route.py").write_text("EDITED = True\n")
    commit(connector)

    done = connector("remove-module", "get_contacts")

    place = "src/modules/get_contacts"
    assert done.returncode == 1
    assert done.stderr == (f"Error: {place} holds work that would be lost: {place}/v1/route.py (edited).\n{FORCE}")


def test_many_files_are_counted(connector: Stacksync, module: Path) -> None:
    for number in range(20):
        (module / f"v1/{number:02}.txt").touch()

    done = connector("remove-module", "get_contacts")

    assert "/v1/07.txt (added, not committed) and 12 more.\n" in done.stderr


def test_force_removes_it_all_the_same(connector: Stacksync, module: Path) -> None:
    (module / "v1/route.py").write_text("EDITED = True\n")

    done = connector("remove-module", "get_contacts", "--force")

    assert (done.returncode, done.stderr) == (0, "")
    assert not module.exists()


def test_a_module_that_no_command_made_may_go_when_git_has_it(connector: Stacksync) -> None:
    done = connector("remove-module", "create_contacts")

    assert done.returncode == 0, done.stderr
    assert not (connector.cwd / "src/modules/create_contacts").exists()


@pytest.mark.parametrize("kind", ["edited", "staged", "untracked", "ignored", "beside the versions", "no git"])
def test_a_module_that_no_command_made_is_kept_when_git_does_not_have_it(connector: Stacksync, kind: str) -> None:
    folder = connector.cwd / "src/modules/new_empty_action"
    file = {"untracked": "v1/new.py", "ignored": "v1/.env", "beside the versions": "notes.md"}.get(kind, "v1/route.py")
    if kind == "no git":
        shutil.rmtree(connector.cwd / ".git")
    else:
        (folder / file).write_text("mine\n")
    if kind == "staged":
        subprocess.run(["git", "add", "."], cwd=connector.cwd, env=connector.environment, check=True)

    done = connector("remove-module", "new_empty_action")

    assert done.returncode == 1
    assert f"src/modules/new_empty_action/{file} (not committed)" in done.stderr
    assert done.stderr.endswith(FORCE)
    assert (folder / file).exists()


def test_a_dry_run_says_what_would_go_and_be_lost(connector: Stacksync, module: Path) -> None:
    (module / "v1/notes.txt").write_text("mine")
    before = snapshot(connector.cwd)

    done = connector("remove-module", "get_contacts", "--dry-run")

    lines = done.stdout.splitlines()
    assert lines[0] == "Would remove src/modules/get_contacts, 9 files:"
    assert "  src/modules/get_contacts/v1/notes.txt   (added, not committed)" in lines
    assert lines[-1] == "Refused without --force: what is marked would be lost."
    assert connector.json("remove-module", "get_contacts", "--dry-run")["lost"] == [
        {"file": "src/modules/get_contacts/v1/notes.txt", "why": "added, not committed"}
    ]
    assert snapshot(connector.cwd) == before


@pytest.mark.parametrize(
    "arguments, message, tip",
    [
        (["get_contact"], "There is no module 'get_contact' in src/modules.", "did you mean get_contacts?"),
        (["get_contacts", "--version", "v7"], "There is no version 'v7' of get_contacts.", "the versions are v1"),
        (["../runtime"], "There is no module '../runtime' in src/modules.", None),
    ],
)
def test_what_is_not_there_is_refused(
    connector: Stacksync, module: Path, arguments: list[str], message: str, tip: str | None
) -> None:
    done = connector("remove-module", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {message}\nTIP: {tip or ''}")


def test_the_last_module_leaves_a_word_about_its_folder(connector: Stacksync) -> None:
    connector.json("remove-module", "create_contacts")

    done = connector("remove-module", "new_empty_action")

    assert done.stdout.splitlines()[1:] == [
        "src/modules is empty now. Git keeps no empty folder, and a connector does not start without it."
    ]


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["at the start", "when it is out of sight"])
def test_a_signal_removes_all_or_nothing(connector: Stacksync, moment: str, ending: signal.Signals) -> None:
    module = connector.cwd / "src/modules/create_contacts"
    for number in range(300):
        (module / f"v1/{number}.txt").touch()
    commit(connector)
    before = snapshot(connector.cwd)
    process = subprocess.Popen(
        connector.command("remove-module", "create_contacts", "--quiet"),
        cwd=connector.cwd,
        env=connector.environment,
        stderr=subprocess.DEVNULL,
    )
    poll(lambda: process.poll() is not None or moment == "at the start" or not module.exists(), every=0.001)

    process.send_signal(ending)

    if process.wait() == 0:
        assert not module.exists()
    else:
        assert snapshot(connector.cwd) == before
    assert not list(module.parent.glob(".stacksync-*"))


# --- releases of the template ---------------------------------------------------------------------


@pytest.fixture
def released(published: Published, tmp_path: Path) -> Stacksync:
    """Return the command, a release later than the connector and its module were made."""
    published.stacksync(tmp_path).json("new", "crm")
    connector = published.stacksync(tmp_path / "crm")
    connector.json("add-module", "get_contacts")
    readme = published.checkout / "template/{{ module_dir }}/README.md.jinja"
    readme.write_text("# Other\n", "utf-8")
    published.release("v0.2.0")
    return connector


def test_a_module_is_measured_by_its_own_release(released: Stacksync) -> None:
    assert released.json("remove-module", "get_contacts")["lost"] == []


def test_a_release_that_cannot_be_fetched_leaves_the_word_to_git(published: Published, released: Stacksync) -> None:
    away = {name: value for name, value in published.environment.items() if not name.startswith("GIT_CONFIG")}
    alone = Stacksync(released.cwd, away | {"PYTHONPATH": str(published.checkout / "cli"), "GIT_TERMINAL_PROMPT": "0"})

    done = alone("remove-module", "get_contacts")

    assert done.returncode == 1
    assert "src/modules/get_contacts/v1/route.py (not committed)" in done.stderr
    commit(Stacksync(released.cwd, published.environment))
    assert alone("remove-module", "get_contacts").returncode == 0
