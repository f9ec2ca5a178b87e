"""`stacksync add-module` as users type it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import ADDRESS, PLAIN_PYTEST, Published, Stacksync, snapshot
from tests.polling import poll
from tests.test_new_here import ACTIONS, INTERRUPTED

FILES = [
    ".copier-answers.yml",
    "README.md",
    "examples/greet.json",
    "examples/languages.json",
    "module_config.yaml",
    "route.py",
    "schema.json",
    "tests/test_module.py",
]
ANSWERS = "src/modules/get_contacts/v1/.copier-answers.yml"


def pytest_of(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    alone = environment | PLAIN_PYTEST
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def without_python_path(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in ("PYTHONPATH", "PYTHONWARNINGS")}


def settings_of(folder: Path) -> dict[str, str]:
    settings: dict[str, str] = yaml.safe_load((folder / "module_config.yaml").read_text("utf-8"))["module_settings"]
    return settings


def test_a_module_is_added(connector: Stacksync) -> None:
    before = snapshot(connector.cwd)

    report = connector.json("add-module", "get_contacts")

    folder = connector.cwd / "src/modules/get_contacts/v1"
    added = {name: entry for name, entry in snapshot(connector.cwd).items() if name not in before}
    assert sorted(added) == [f"src/modules/get_contacts/v1/{name}" for name in FILES]
    assert snapshot(connector.cwd) == before | added, "a file that was there was changed"
    assert report == {
        "module": "get_contacts",
        "version": "v1",
        "path": str(folder),
        "template": {"src": None, "ref": None},
        "files": sorted(added),
    }
    assert settings_of(folder) == {
        "module_name": "Get Contacts",
        "module_description": "Get Contacts",
        "module_category": "action",
    }


def test_what_to_do_next_is_said(connector: Stacksync) -> None:
    done = connector("add-module", "get_contacts", PATH=sysconfig.get_path("scripts"))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Added src/modules/get_contacts/v1, 8 files of the template without a version.",
        "",
        "Next:",
        "  src/modules/get_contacts/v1/schema.json   the form",
        "  src/modules/get_contacts/v1/route.py      the code",
        "  stacksync test get_contacts",
    ]


def test_texts_are_given(connector: Stacksync) -> None:
    texts = {"--name": 'Get "all"', "--description": "Küche: {{ 7*7 }} 🚀", "--category": "trigger"}
    connector.json("add-module", "get_contacts", *(part for pair in texts.items() for part in pair))

    found = settings_of(connector.cwd / "src/modules/get_contacts/v1")
    assert list(found.values()) == list(texts.values())


def test_the_new_module_answers_and_its_tests_pass(connector: Stacksync) -> None:
    connector.json("add-module", "get_contacts")

    environment = without_python_path(connector.environment) | {"LOG_LEVEL": "ERROR"}
    said = pytest_of(connector.cwd, environment, "tests", "src/modules/get_contacts")
    assert "passed" in said
    code = "from main import app; print(app.test_client().get('/get_contacts/v1/schema').status_code)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=connector.cwd, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "200\n"


def test_its_form_has_a_connection_where_the_connector_authenticates(connector: Stacksync) -> None:
    answers = connector.cwd / ".copier-answers.yml"
    answers.write_text(answers.read_text("utf-8").replace("auth: none", "auth: oauth2"), "utf-8")

    connector.json("add-module", "get_contacts")

    folder = connector.cwd / "src/modules/get_contacts/v1"
    form = json.loads((folder / "schema.json").read_text("utf-8"))
    assert form["connections"] == {
        "required": False,
        "app_types": ["generic_api_credentials"],
        "allowed_connection_management_types": ["managed", "custom"],
    }
    assert yaml.safe_load((folder / ".copier-answers.yml").read_text("utf-8"))["has_connection"] is True


def test_check_finds_nothing_wrong_with_it(connector: Stacksync) -> None:
    connector.json("add-module", "get_contacts")
    connector.json("add-version", "get_contacts")

    done = connector("check", "--strict")

    assert (done.returncode, done.stdout) == (0, "Nothing wrong in 4 modules.\n"), done.stdout + done.stderr


@pytest.mark.parametrize("place", ["src", "src/modules/create_contacts/v1", "documentation"])
def test_any_folder_inside_is_in_the_connector(connector: Stacksync, place: str) -> None:
    inside = Stacksync(connector.cwd / place, connector.environment)

    report = inside.json("add-module", "get_contacts")

    assert report["path"] == str(connector.cwd / "src/modules/get_contacts/v1")


@pytest.mark.parametrize("arguments", [["add-module", "x"], ["add-version", "x"], ["remove-module", "x"], ["list"]])
def test_outside_of_a_connector_is_said(stacksync: Stacksync, arguments: list[str]) -> None:
    done = stacksync(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: {stacksync.cwd} is not in a connector: there is no app_config.yaml here or above.\n"
        "TIP: change into a connector's folder, or make one: stacksync new my_connector\n"
    )


@pytest.mark.parametrize(
    "name, fault, tip",
    [
        ("Get Posts", "only lowercase letters from a to z, digits and underscores", "get_posts"),
        ("get-posts", "only lowercase letters from a to z, digits and underscores", "get_posts"),
        ("GetPosts", "only lowercase letters from a to z, digits and underscores", "get_posts"),
        ("../escape", "only lowercase letters from a to z, digits and underscores", "escape"),
        ("9lives", "it must begin with a letter", "my_9lives"),
        ("", "it must begin with a letter", "my_module"),
        ("a" * 64, "at most 63 characters", "a" * 60),
        ("import", "it is a word of Python", "import_action"),
        ("Import", "only lowercase letters from a to z, digits and underscores", "import_action"),
        ("nul", "it is the name of a device on Windows", "nul_action"),
        ("com1", "it is the name of a device on Windows", "com1_action"),
    ],
)
def test_a_name_that_cannot_be_is_refused(connector: Stacksync, name: str, fault: str, tip: str) -> None:
    done = connector("add-module", name)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Error: {name!r} cannot be a module's name: {fault}.\nTIP: stacksync add-module {tip}\n"


def test_an_existing_module_is_refused(connector: Stacksync) -> None:
    done = connector("add-module", "create_contacts")

    assert done.returncode == 2
    assert done.stderr == (
        "Error: src/modules/create_contacts exists already.\nTIP: stacksync add-version create_contacts\n"
    )


def test_a_module_whose_url_is_taken_is_refused(connector: Stacksync) -> None:
    (connector.cwd / "src/modules/create_contacts").rename(connector.cwd / "src/modules/create contacts")

    done = connector("add-module", "create_contacts")

    assert done.returncode == 2
    assert done.stderr == "Error: src/modules/create contacts/v1 has the URL /create_contacts/v1 already.\n"


def test_what_python_left_of_a_module_is_no_module(connector: Stacksync) -> None:
    (connector.cwd / "src/modules/get_contacts/__pycache__").mkdir(parents=True)

    assert connector.json("add-module", "get_contacts")["version"] == "v1"


@pytest.mark.parametrize(
    "option, question, rule",
    [
        ("--name", "module_title", "must not be empty"),
        ("--name", "module_title", "must be at most 64 characters"),
        ("--name", "module_title", "must be one line of printable text"),
        ("--description", "module_description", "must be one line of printable text"),
        ("--category", "module_category", "must be 1 to 63 lowercase letters, digits and underscores, a letter first"),
    ],
)
def test_a_text_that_cannot_be_is_refused(connector: Stacksync, option: str, question: str, rule: str) -> None:
    text = {"must not be empty": " ", "must be at most 64 characters": "x" * 65}.get(rule, "two\nlines")

    done = connector("add-module", "get_contacts", option, text)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {option}: {question} {rule}")
    assert done.stderr.endswith(f", not {text!r}.\n")
    assert not (connector.cwd / "src/modules/get_contacts").exists()


def test_a_dry_run_lists_and_writes_nothing(connector: Stacksync) -> None:
    before = snapshot(connector.cwd)

    done = connector("add-module", "get_contacts", "--dry-run")

    assert done.stdout.splitlines() == [
        "Would add src/modules/get_contacts/v1, 8 files of the template without a version:",
        *(f"  src/modules/get_contacts/v1/{name}" for name in FILES),
    ]
    assert connector.json("add-module", "get_contacts", "--dry-run") == connector.json("add-module", "get_contacts")
    assert connector("remove-module", "get_contacts").returncode == 0
    assert snapshot(connector.cwd) == before


def test_quiet_says_nothing(connector: Stacksync) -> None:
    done = connector("add-module", "get_contacts", "--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "at the start": lambda modules: True,
    "at the first file": lambda modules: any(modules.glob(".stacksync-*/get_contacts/.render/src/modules/*/*/*")),
}
on_posix = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")


@on_posix
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_signal_leaves_nothing(connector: Stacksync, moment: str, ending: signal.Signals) -> None:
    before = snapshot(connector.cwd)
    modules = connector.cwd / "src/modules"
    process = subprocess.Popen(
        connector.command("add-module", "get_contacts", "--quiet"),
        cwd=connector.cwd,
        env=connector.environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    poll(lambda: process.poll() is not None or MOMENTS[moment](modules), every=0.001)

    process.send_signal(ending)

    if process.wait() == 0:  # it came when the module was being moved into place: then it is complete
        assert sorted(set(snapshot(modules / "get_contacts/v1"))) == FILES
    else:
        assert snapshot(connector.cwd) == before
    assert not list(modules.glob(".stacksync-*"))


@on_posix
@pytest.mark.parametrize("action", ["Ctrl-C", "kill"])
@pytest.mark.parametrize(
    "event, number", [("os.mkdir", 1), ("os.rename", 1)], ids=["at the staging folder", "when it is complete"]
)
def test_a_signal_at_a_step_leaves_nothing(
    connector: Stacksync, tmp_path: Path, event: str, number: int, action: str
) -> None:
    before, modules = snapshot(connector.cwd), connector.cwd / "src/modules"
    does, code = ACTIONS[action]
    (tmp_path / "sitecustomize.py").write_text(
        INTERRUPTED.format(event=event, number=number, folder=str(modules), action=does)
    )
    path = os.pathsep.join([str(tmp_path), connector.environment["PYTHONPATH"]])

    done = connector("add-module", "get_contacts", PYTHONPATH=path)

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    assert snapshot(connector.cwd) == before
    assert not list(modules.glob(".stacksync-*"))


# --- releases of the template ---------------------------------------------------------------------


@pytest.fixture
def released(published: Published, released_connector: Path, tmp_path: Path) -> Stacksync:
    """Return the command in a connector that was made from release v0.1.0."""
    shutil.copytree(released_connector, tmp_path / "crm", symlinks=True)
    return published.stacksync(tmp_path / "crm")


def test_it_is_what_copier_makes(published: Published, released: Stacksync, tmp_path: Path) -> None:
    answers = ["-d", "kind=module", "-d", "module_name=get_contacts", "-d", "module_title=Get", "--defaults", "--quiet"]
    copied = published.copier("copy", "-r", "v0.1.0", "-a", ANSWERS, *answers, ADDRESS, "copied", cwd=tmp_path)
    assert copied.returncode == 0, copied.stderr

    report = released.json("add-module", "get_contacts", "--name", "Get")

    assert report["template"] == {"src": ADDRESS, "ref": "v0.1.0"}
    assert snapshot(released.cwd / "src/modules/get_contacts") == snapshot(tmp_path / "copied/src/modules/get_contacts")


def test_the_release_of_the_connector_is_taken(published: Published, released: Stacksync) -> None:
    readme = published.checkout / "template/{{ module_dir }}/README.md.jinja"
    readme.write_text(readme.read_text("utf-8") + "\nNew in v0.2.0\n", "utf-8")
    published.release("v0.2.0")

    report = released.json("add-module", "get_contacts")

    assert report["template"] == {"src": ADDRESS, "ref": "v0.1.0"}
    assert "v0.2.0" not in (released.cwd / "src/modules/get_contacts/v1/README.md").read_text("utf-8")


def test_a_release_that_cannot_be_fetched_is_said(published: Published, released: Stacksync) -> None:
    published.release("v0.2.0")
    away = {name: value for name, value in published.environment.items() if not name.startswith("GIT_CONFIG")}
    alone = Stacksync(released.cwd, away | {"PYTHONPATH": str(published.checkout / "cli"), "GIT_TERMINAL_PROMPT": "0"})
    before = snapshot(released.cwd)

    done = alone("add-module", "get_contacts")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: v0.1.0 of the template cannot be used: git failed for {ADDRESS}: ")
    assert done.stderr.endswith("\nTIP: --embedded takes the template that came with this command\n")
    assert snapshot(released.cwd) == before
    assert alone.json("add-module", "get_contacts", "--embedded")["template"]["ref"] == "v0.2.0"


def test_a_module_is_updated_by_itself(published: Published, released: Stacksync) -> None:
    """That an update of the connector leaves modules alone is in update/test_ownership.py."""
    answers = released.cwd / ".copier-answers.yml"
    before_auth = answers.read_text("utf-8")
    answers.write_text(before_auth.replace("auth: none", "auth: oauth2"), "utf-8")
    released.json("add-module", "get_contacts")
    answers.write_text(before_auth.replace("_commit: v0.1.0", "_commit: v0.2.0"), "utf-8")
    folder = released.cwd / "src/modules/get_contacts/v1"
    route = folder / "route.py"
    route.write_text(route.read_text("utf-8").replace("Bonjour", "Salut"), "utf-8")
    commit(published, released, "Add a module")
    release_everything(published)

    done = published.copier("update", "--defaults", "--quiet", "-a", ANSWERS, cwd=released.cwd)

    assert done.returncode == 0, done.stderr
    updated = route.read_text("utf-8")
    assert "Salut" in updated
    assert updated.endswith("# New in v0.2.0\n")
    recorded = yaml.safe_load((released.cwd / ANSWERS).read_text("utf-8"))
    assert (recorded["_commit"], recorded["has_connection"]) == ("v0.2.0", True)
    form = json.loads((folder / "schema.json").read_text("utf-8"))
    assert form["fields"][0]["description"] == "Who it is."
    assert form["connections"]["app_types"] == ["generic_api_credentials"]
    changed = published.git("status", "--porcelain", cwd=released.cwd).split("\n")
    assert sorted(line[3:] for line in changed if line) == [
        ANSWERS,
        *(f"src/modules/get_contacts/v1/{name}" for name in ("new.txt", "route.py", "schema.json")),
    ]


def commit(published: Published, connector: Stacksync, message: str) -> None:
    published.git("add", "--all", cwd=connector.cwd)
    published.git("commit", "--quiet", "--message", message, cwd=connector.cwd)


def release_everything(published: Published) -> None:
    """Publish v0.2.0, which changes the code and the form of new modules, and adds a file to them and to an example."""
    files = published.checkout / "template"
    route, form = files / "{{ module_dir }}/route.py", files / "{{ module_dir }}/schema.json.jinja"
    route.write_text(route.read_text("utf-8") + "\n\n# New in v0.2.0\n", "utf-8")
    form.write_text(form.read_text("utf-8").replace("Who is greeted.", "Who it is."), "utf-8")
    for folder in ("{{ module_dir }}", "src/modules/create_contacts/v1"):
        (files / folder / "new.txt").write_text("new\n")
    published.release("v0.2.0")


# --- connectors that stacksync did not make -------------------------------------------------------


@pytest.fixture
def foreign(stacksync: Stacksync, project: Path) -> Stacksync:
    """Return the command in a connector written for Stacksync's own package."""
    folder = stacksync.cwd / "theirs"
    (folder / "src/workflows").mkdir(parents=True)
    (folder / "app_config.yaml").write_text(
        "app_settings:\n  app_type: theirs\n  app_name: Theirs\n  routes_dir: src/workflows\n"
    )
    (folder / "main.py").write_text(
        "from flask import Flask\nfrom workflows_cdk import Router\n\napp = Flask(__name__)\nrouter = Router(app)\n"
    )
    return Stacksync(folder, stacksync.environment | {"PYTHONPATH": str(project / "cli")})


def test_a_connector_of_the_sdk_gets_no_operation(foreign: Stacksync) -> None:
    before = snapshot(foreign.cwd)

    done = foreign("add-module", "get_contacts", "--operation", "list")

    fault = "This connector is in the style of workflows-cdk, where no module is made for an operation."
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {fault}\nTIP: leave out --operation\n"
    assert snapshot(foreign.cwd) == before


def test_a_connector_of_the_sdk_gets_a_module_of_the_sdk(foreign: Stacksync, project: Path) -> None:
    done = foreign("add-module", "get_contacts")

    folder = foreign.cwd / "src/workflows/get_contacts/v1"
    assert done.returncode == 0, done.stderr
    assert done.stderr == "note: there is no src/runtime here, so the module is written for workflows-cdk\n"
    assert "from workflows_cdk import" in (folder / "route.py").read_text("utf-8")
    assert yaml.safe_load((folder / ".copier-answers.yml").read_text("utf-8"))["runtime"] == "workflows_cdk"
    assert foreign.json("list")["modules"] == [
        {
            "module": "get_contacts",
            "version": "v1",
            "name": "Get Contacts",
            "routes": [f"/get_contacts/v1/{path}" for path in ("execute", "content", "schema")],
            "content_objects": ["languages"],
            "state": "not loaded",
            "problem": None,
        }
    ]


def test_the_module_of_the_sdk_runs(foreign: Stacksync, project: Path, made_connector: Path) -> None:
    foreign.json("add-module", "get_contacts")
    # The SDK's names, as this project has them: on a path, as an installed package would be.
    installed = {"PYTHONPATH": os.pathsep.join([str(project / "template"), str(foreign.cwd)])}

    said = pytest_of(foreign.cwd, foreign.environment | installed | {"PYTHONWARNINGS": ""}, "src")

    assert "3 passed" in said


def test_modules_where_nobody_looks_are_said(connector: Stacksync) -> None:
    config = connector.cwd / "app_config.yaml"
    config.write_text(config.read_text("utf-8").replace("src/modules", "src/routes"), "utf-8")
    line = next(n for n, text in enumerate(config.read_text("utf-8").splitlines(), 1) if "routes_directory" in text)

    for arguments in (["add-module", "x"], ["list"]):
        done = connector(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"Error: app_config.yaml:{line}: routes_directory names src/routes, which does not exist.\n"
            'TIP: routes_directory: "src/modules"\n'
        )


def test_a_connector_without_modules_gets_its_folder(connector: Stacksync) -> None:
    for module in ("create_contacts", "new_empty_action"):
        connector.json("remove-module", module)
    (connector.cwd / "src/modules").rmdir()

    assert connector.json("add-module", "first")["path"] == str(connector.cwd / "src/modules/first/v1")
