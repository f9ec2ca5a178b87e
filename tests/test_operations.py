"""`stacksync add-module --operation`: modules that work on records, against the stand-in and without an account."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import ADDRESS, Published, Stacksync, git_settings, isolated, snapshot
from tests.test_add_module import pytest_of, without_python_path

OPERATIONS = ("list", "get", "create", "update", "upsert", "delete")
CLIENT = "src/api_client.py"
FILES = [
    ".copier-answers.yml",
    "README.md",
    "examples/contacts.json",
    "examples/objects.json",
    "module_config.yaml",
    "route.py",
    "schema.json",
    "tests/test_module.py",
]


def made(project: Path, folder: Path, auth: str) -> Stacksync:
    """Make a connector with every operation."""
    environment = isolated(folder / "home") | git_settings({"user.name": "Tester", "user.email": "tester@localhost"})
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # a connector has none of the plugins of this environment
    command = Stacksync(folder, environment | {"PYTHONPATH": str(project / "cli")})
    done = command("new", "desk", "--defaults", "--quiet", "--data", f"auth={auth}")
    assert done.returncode == 0, done.stderr
    connector = Stacksync(folder / "desk", command.environment)
    for operation in OPERATIONS:
        connector.json("add-module", f"{operation}_records", "--operation", operation)
    return connector


def run(connector: Stacksync, *arguments: str) -> str:
    """Run a tool as the connector's developers do."""
    command = [sys.executable, "-m", *arguments]
    environment = without_python_path(connector.environment)
    done = subprocess.run(
        command, cwd=connector.cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("auth", ["none", "api_key", "oauth2"])
def test_all_of_them_are_right_in_one_connector_without_an_account(
    project: Path, tmp_path: Path, mypy_cache: Path, auth: str
) -> None:
    connector = made(project, tmp_path, auth)

    checked = connector.json("check", "--strict")
    assert checked["findings"] == []
    run(connector, "ruff", "check", ".")
    run(connector, "ruff", "format", "--check", ".")
    run(connector, "mypy", "--cache-dir", str(mypy_cache))
    # tests/test_render_matrix.py runs those of the other modules, of which the test below says that none is changed.
    own = [f"src/modules/{operation}_records" for operation in OPERATIONS]
    told = pytest_of(connector.cwd, without_python_path(connector.environment), "-rA", "tests", *own)
    for operation in OPERATIONS:
        assert f"test_example[{operation}_records/v1-contacts]" in told
        assert f"test_example[{operation}_records/v1-objects]" in told
    # Pages, too many calls, and an API that fails.
    for case in (
        "goes_from_page_to_page",
        "waits_when_there_were_too_many_calls",
        "does_not_stop_the_others_and_is_not",
    ):
        assert case in told
    assert "skipped" not in told.splitlines()[-1] or " failed" not in told


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_module_is_the_operation_and_reads_in_one_screen(connector: Stacksync, operation: str) -> None:
    before = snapshot(connector.cwd)

    report = connector.json("add-module", "work", "--operation", operation)

    folder = connector.cwd / "src/modules/work/v1"
    assert report["files"] == [f"src/modules/work/v1/{name}" for name in FILES]
    after = snapshot(connector.cwd)
    assert {name: entry for name, entry in after.items() if name in before} == before
    route = (folder / "route.py").read_text("utf-8")
    assert route == route.rstrip("\n") + "\n"
    assert len(route.splitlines()) <= 62
    answers = yaml.safe_load((folder / ".copier-answers.yml").read_text("utf-8"))
    assert answers["operation"] == operation
    assert answers["module_description"] == f"{operation.capitalize()} records of an object"
    assert "operations" not in {path.name for path in connector.cwd.iterdir()}


def test_the_form_has_the_connection_where_the_connector_authenticates(connector: Stacksync) -> None:
    answers = connector.cwd / ".copier-answers.yml"
    answers.write_text(answers.read_text("utf-8").replace("auth: none", "auth: bearer"), "utf-8")

    connector.json("add-module", "work", "--operation", "list")

    folder = connector.cwd / "src/modules/work/v1"
    form = json.loads((folder / "schema.json").read_text("utf-8"))
    settings = yaml.safe_load((folder / "module_config.yaml").read_text("utf-8"))["module_settings"]
    assert (form["connections"]["required"], settings["requires_credentials_for_schema"]) == (True, True)


def test_an_operation_that_there_is_not_is_refused(connector: Stacksync) -> None:
    done = connector("add-module", "work", "--operation", "merge")

    assert done.returncode == 2
    for operation in OPERATIONS:
        assert operation in done.stderr


# --- a client that lacks what operations import --------------------------------------------------


def client_of(connector: Stacksync) -> tuple[str, str]:
    """Return the client's text above what operations need, and what is below."""
    text = (connector.cwd / CLIENT).read_text("utf-8")
    above, mark, below = text.partition("# What modules work on")
    return above.rstrip() + "\n", mark + below


def refused(connector: Stacksync, *options: str) -> str:
    before = snapshot(connector.cwd)
    done = connector("add-module", "work", "--operation", "list", *options)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert snapshot(connector.cwd) == before
    return done.stderr


def test_the_lines_that_are_lacking_are_printed_and_do_what_is_needed(connector: Stacksync, mypy_cache: Path) -> None:
    file = connector.cwd / CLIENT
    imports = (
        "from src.runtime import Choice, ManagedError\n",
        "from src.runtime.records import RecordField, path_segment\n",
    )
    above = client_of(connector)[0].replace(imports[0], "").replace(imports[1], "")
    file.write_text(above.replace("CursorPages, ", "").replace("paginate, ", "").replace("Iterator, ", ""), "utf-8")

    said = refused(connector)

    first, lines, tip = re.fullmatch(r"Error: (.*?)\n\n(.*)\n\nTIP: (.*)\n", said, re.DOTALL).groups()  # type: ignore[union-attr]
    names = "list_fields, list_objects, list_records, path_of"
    assert first == f"{CLIENT} has no {names}, which modules for operations import. Add these lines to it:"
    assert tip == "add them, adapt them to the API, and run this command again"
    assert refused(connector, "--dry-run") == said

    head, _, rest = file.read_text("utf-8").partition("\nBASE_URL")
    imported, _, defined = lines.partition("\n\n\n")
    file.write_text(f"{head.rstrip()}\n{imported}\n\nBASE_URL{rest}\n\n{defined}\n", "utf-8")
    connector.json("add-module", "work", "--operation", "upsert")
    assert " passed" in pytest_of(connector.cwd, without_python_path(connector.environment), "src/modules/work")
    run(connector, "mypy", "--cache-dir", str(mypy_cache), CLIENT)


def test_only_what_is_lacking_is_printed(connector: Stacksync) -> None:
    file = connector.cwd / CLIENT
    file.write_text(
        re.sub(r"def path_of\(.*?\n    return [^\n]*\n", "", file.read_text("utf-8"), flags=re.DOTALL), "utf-8"
    )

    said = refused(connector)

    assert said.startswith(
        f"Error: {CLIENT} has no path_of, which modules for operations import. Add these lines to it:\n"
    )
    assert said.count("def ") == said.count("def path_of(") == 1
    assert "import" not in said.partition(":\n")[2].partition("TIP")[0]


def test_a_client_of_ones_own_names_counts(connector: Stacksync) -> None:
    above, below = client_of(connector)
    (connector.cwd / "src/records_of_api.py").write_text(below, "utf-8")
    names = "list_fields, list_objects, list_records"
    text = f"{above}from src.records_of_api import {names}\nfrom src.records_of_api import where as path_of\n"
    (connector.cwd / CLIENT).write_text(text, "utf-8")

    assert connector("add-module", "work", "--operation", "list", "--dry-run").returncode == 0


def test_without_a_client_all_of_it_is_printed(connector: Stacksync) -> None:
    (connector.cwd / CLIENT).unlink()

    said = refused(connector)

    assert said.startswith(
        f"Error: {CLIENT} has no api_client, list_fields, list_objects, list_records, path_of, which"
    )
    assert 'BASE_URL = "https://api.example.com"' in said
    assert "from src.runtime.http import session" in said


@pytest.mark.parametrize(
    "text, fault",
    [
        ("def path_of(:\n", f"{CLIENT}:1: does not parse: invalid syntax."),
        ("x = '\0'\n", f"{CLIENT}:1: does not parse: source code string cannot contain null bytes."),
    ],
)
def test_a_client_that_does_not_parse_is_told(connector: Stacksync, text: str, fault: str) -> None:
    (connector.cwd / CLIENT).write_text(text, "utf-8")

    assert refused(connector) == f"Error: {fault}\n"


# --- with a release, and later ones --------------------------------------------------------------


@pytest.fixture
def released(published: Published, released_connector: Path, tmp_path: Path) -> Stacksync:
    """Return the command in a connector of the release."""
    shutil.copytree(released_connector, tmp_path / "crm", symlinks=True)
    return published.stacksync(tmp_path / "crm")


ANSWERS = "src/modules/work/v1/.copier-answers.yml"


def test_it_is_what_copier_makes(published: Published, released: Stacksync, tmp_path: Path) -> None:
    answers = ["-d", "kind=module", "-d", "module_name=work", "-d", "operation=update", "--defaults", "--quiet"]
    copied = published.copier("copy", "-r", "v0.1.0", "-a", ANSWERS, *answers, ADDRESS, "copied", cwd=tmp_path)
    assert copied.returncode == 0, copied.stderr

    released.json("add-module", "work", "--operation", "update")

    assert snapshot(released.cwd / "src/modules/work") == snapshot(tmp_path / "copied/src/modules/work")


@pytest.mark.parametrize("place", [".", "src/modules/work/v1"])
def test_it_is_updated_by_itself(published: Published, released: Stacksync, place: str) -> None:
    released.json("add-module", "work", "--operation", "list")
    route = released.cwd / "src/modules/work/v1/route.py"
    route.write_text(route.read_text("utf-8").replace("MOST = 1000", "MOST = 500"), "utf-8")
    published.git("add", "--all", cwd=released.cwd)
    published.git("commit", "--quiet", "--message", "Add a module", cwd=released.cwd)
    template = published.checkout / "template/operations/list/route.py"
    template.write_text(template.read_text("utf-8") + "\n\n# New in v0.2.0\n", "utf-8")
    published.release("v0.2.0")

    file = ANSWERS if place == "." else ".copier-answers.yml"
    done = published.copier("update", "--defaults", "--quiet", "-a", file, cwd=released.cwd / place)

    assert done.returncode == 0, done.stderr
    updated = route.read_text("utf-8")
    assert "MOST = 500" in updated
    assert updated.endswith("# New in v0.2.0\n")
    changed = published.git("status", "--porcelain", cwd=released.cwd).split("\n")
    assert [line[3:] for line in changed if line] == [ANSWERS, "src/modules/work/v1/route.py"]


def test_a_release_without_operations_is_told(published: Published, released: Stacksync) -> None:
    copier_yml = published.checkout / "copier.yml"
    lines = [
        line
        for line in copier_yml.read_text("utf-8").splitlines()
        if not line.startswith(("operation:", "operation_dir:", '  - "/operations"'))
    ]
    old = "\n".join(lines).replace("'{{ operation_dir }}' if operation else ", "").replace(" and not operation", "")
    old = old.replace("operation | capitalize ~ ' records of an object' if operation else ", "")
    assert "operation" not in old.replace("_copier_operation", "")
    copier_yml.write_text(f"{old}\n", "utf-8")
    shutil.rmtree(published.checkout / "template/operations")
    shutil.rmtree(published.checkout / "template/{{ operation_dir }}")
    published.release("v0.0.9")
    answers = released.cwd / ".copier-answers.yml"
    answers.write_text(answers.read_text("utf-8").replace("v0.1.0", "v0.0.9"), "utf-8")

    done = released("add-module", "work", "--operation", "list")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: v0.0.9 of the template makes no modules for operations.\n"
        "TIP: --embedded takes the template that came with this command\n"
    )
    assert not (released.cwd / "src/modules/work").exists()
