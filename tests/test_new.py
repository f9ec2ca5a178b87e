"""`stacksync new` as users type it."""

import json
import os
import shlex
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from tests.conftest import Stacksync, snapshot


def answers_of(folder: Path) -> dict[str, object]:
    return dict(yaml.safe_load((folder / ".copier-answers.yml").read_text(encoding="utf-8")))


def test_a_connector_is_made_with_the_defaults(stacksync: Stacksync) -> None:
    done = stacksync("new", "my_connector", "--defaults")

    connector = stacksync.cwd / "my_connector"
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Made {connector}, ")
    assert {"main.py", "app_config.yaml", "requirements.txt", "README.md", "src", "tests"} <= {
        path.name for path in connector.iterdir()
    }
    assert stacksync.left() == ["my_connector"]
    recorded = answers_of(connector)
    del recorded["_commit"], recorded["_src_path"]
    assert recorded == {
        "app_type": "my_connector",
        "app_name": "My Connector",
        "app_description": "My Connector connector for Stacksync workflows",
        "app_icon_svg_url": "https://example.com/icon.svg",
        "port": 2003,
        "auth": "none",
        "ci": "github",
        "deployment": [],
        "workflows_cdk_compat": False,
    }


SCRIPTS = sysconfig.get_path("scripts")


@pytest.mark.parametrize("path, program", [(SCRIPTS, "stacksync"), ("", f"{shlex.quote(sys.executable)} -m stacksync")])
def test_what_to_type_next_is_said_and_works_there(stacksync: Stacksync, path: str, program: str) -> None:
    others = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if each != SCRIPTS)

    done = stacksync("new", "My App", "--defaults", "--data", "port=2010", PATH=path + os.pathsep + others)

    assert done.stdout.splitlines()[1:] == [
        "",
        "Next:",
        "  cd 'My App'",
        f"  {program} test",
        f"  {program} dev --open  # try it in Studio; it answers at http://127.0.0.1:2010",
    ]
    assert "note: the app type is my_app\n" in done.stderr


@pytest.mark.parametrize(
    "name, app_type",
    [
        ("my-connector", "my_connector"),
        ("My Connector", "my_connector"),
        ("crm.v2", "crm_v2"),
        ("x", "x"),
        ("_a_", "a"),
    ],
)
def test_the_last_part_of_name_becomes_the_app_type(stacksync: Stacksync, name: str, app_type: str) -> None:
    report = stacksync.json("new", f"some/folder/{name}", "--no-git", "--dry-run")

    assert report["app_type"] == app_type
    assert report["path"] == str(stacksync.cwd / "some/folder" / name)


def test_name_may_be_a_path_whose_folders_are_missing(stacksync: Stacksync) -> None:
    report = stacksync.json("new", "a/b/crm", "--no-git")

    assert report["path"] == str(stacksync.cwd / "a/b/crm")
    assert (stacksync.cwd / "a/b/crm/main.py").is_file()
    assert stacksync.left() == ["a"]


@pytest.mark.parametrize(
    "name, message, tip",
    [
        ("9lives", "'9lives' cannot be an app type: it must begin with a letter.", "stacksync new my_9lives"),
        ("", "NAME is empty.", "stacksync new my_connector"),
        ("---", "No such option: ---", None),
        ("...", "'...' cannot be an app type: it must begin with a letter.", "stacksync new my_connector"),
        (
            "café",
            "'café' cannot be an app type: only letters from a to z, digits and underscores.",
            "stacksync new caf",
        ),
        ("a" * 64, f"'{'a' * 64}' cannot be an app type: at most 63 characters.", f"stacksync new {'a' * 60}"),
        (
            "two\nlines;rm",
            "'two\\nlines;rm' cannot be an app type: only letters from a to z, digits and underscores.",
            "stacksync new two_lines_rm",
        ),
        ("CON", "CON is the name of a device on Windows.", "choose another name for the folder"),
        ("a/nul.txt", "nul.txt is the name of a device on Windows.", "choose another name for the folder"),
        ("/", "/ exists already.", "choose another name, or remove it first"),
    ],
)
def test_a_name_that_cannot_be_is_refused(stacksync: Stacksync, name: str, message: str, tip: str | None) -> None:
    done = stacksync("new", name, "--defaults")

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    if tip is not None:
        assert done.stderr == f"Error: {message}\nTIP: {tip}\n"
    assert stacksync.left() == []


def test_an_app_type_may_be_given_for_a_folder_that_could_not_be_one(stacksync: Stacksync) -> None:
    assert stacksync.json("new", "9lives", "--data", "app_type=nine_lives", "--dry-run")["app_type"] == "nine_lives"


@pytest.mark.parametrize("kind", ["file", "folder", "empty folder", "dangling link", "link to a folder"])
def test_what_exists_is_not_touched(stacksync: Stacksync, kind: str) -> None:
    taken = stacksync.cwd / "taken"
    if kind == "file":
        taken.write_text("mine")
    elif "link" in kind:
        taken.symlink_to("nowhere" if kind == "dangling link" else stacksync.cwd.parent)
    else:
        taken.mkdir()
        (taken / "mine").touch() if kind == "folder" else None
    before = os.lstat(taken)

    done = stacksync("new", "taken", "--defaults")

    assert done.returncode == 2
    assert done.stderr == "Error: taken exists already.\nTIP: choose another name, or remove it first\n"
    assert os.lstat(taken) == before
    assert stacksync.left() == ["taken"]


def test_a_parent_that_is_a_file_is_refused(stacksync: Stacksync) -> None:
    (stacksync.cwd / "file").touch()

    done = stacksync("new", "file/crm", "--defaults")

    assert done.returncode == 2
    assert done.stderr == f"Error: {stacksync.cwd / 'file'} is not a folder.\nTIP: choose another place\n"


def test_json_goes_to_stdout_and_nothing_else(stacksync: Stacksync) -> None:
    done = stacksync("new", "my-crm", "--json", "--auth", "bearer")

    report = json.loads(done.stdout)
    connector = stacksync.cwd / "my-crm"
    recorded = answers_of(connector)
    assert set(report) == {"path", "app_type", "template", "files", "kept"}
    assert report["path"] == str(connector)
    assert report["template"] == {"src": recorded["_src_path"], "ref": recorded["_commit"]}
    assert report["files"] == sorted(snapshot(connector))
    assert recorded["auth"] == "bearer"


def test_a_dry_run_lists_what_would_be_written_and_writes_nothing(stacksync: Stacksync, tmp_path: Path) -> None:
    dry = stacksync.json("new", "crm", "--dry-run")
    text = stacksync("new", "crm", "--dry-run", "--defaults", TMPDIR=str(tmp_path))
    assert stacksync.left() == []
    assert list(tmp_path.iterdir()) == []

    assert dry["files"] == stacksync.json("new", "crm")["files"]
    assert [line.strip() for line in text.stdout.splitlines()[1:]] == dry["files"]


def test_quiet_says_nothing(stacksync: Stacksync) -> None:
    done = stacksync("new", "my-crm", "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stacksync.left() == ["my-crm"]


def test_without_a_terminal_nothing_is_asked_and_that_is_said(stacksync: Stacksync) -> None:
    done = stacksync("new", "crm", "--no-git")

    assert done.returncode == 0
    assert "note: no terminal to ask in, so the default answers were taken\n" in done.stderr


def test_scripts_can_be_run_and_nothing_else(stacksync: Stacksync) -> None:
    stacksync.json("new", "crm", "--no-git")

    modes = {path: mode for path, (mode, _) in snapshot(stacksync.cwd / "crm").items()}
    assert modes["run_dev.sh"] & stat.S_IXUSR
    assert not modes["main.py"] & stat.S_IXUSR


@pytest.mark.parametrize("umask, folder, plain, script", [(0o022, 0o755, 0o644, 0o755), (0o077, 0o700, 0o600, 0o700)])
def test_modes_follow_the_umask(stacksync: Stacksync, umask: int, folder: int, plain: int, script: int) -> None:
    command = stacksync.command("new", "crm", "--quiet")
    subprocess.run(command, cwd=stacksync.cwd, env=stacksync.environment, umask=umask, check=True)

    found = {
        name: stat.S_IMODE((stacksync.cwd / "crm" / name).stat().st_mode) for name in ("", "main.py", "run_dev.sh")
    }
    assert found == {"": folder, "main.py": plain, "run_dev.sh": script}


def test_caches_of_the_template_are_not_rendered(stacksync: Stacksync) -> None:
    files = stacksync.json("new", "crm", "--dry-run")["files"]

    assert [file for file in files if "cache" in file.lower() or file.endswith((".pyc", ".jinja"))] == []


@pytest.mark.parametrize("compat", ["true", "false"])
def test_the_compatibility_package_comes_only_when_asked_for(stacksync: Stacksync, compat: str) -> None:
    files = stacksync.json("new", "crm", "--dry-run", "--data", f"workflows_cdk_compat={compat}")["files"]

    assert any(file.startswith("workflows_cdk/") for file in files) is (compat == "true")
