"""`stacksync add-version` as users type it."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path, PurePosixPath

import pytest
import yaml

from stacksync.modules.renaming import Renaming
from tests.conftest import Published, Stacksync, snapshot
from tests.polling import poll
from tests.test_add_module import pytest_of, without_python_path

ROUTE = '''"""Look up people."""

from src.modules.people.v1 import names
from src.modules.people.v1.names import NAMES
from src.runtime import Module, Request

module = Module(__name__)
API = "https://api.example.com/people/v1/search"
PATH = "/crm/people/v1/lists"


@module.execute
def execute(request: Request) -> list[str]:
    return [*NAMES, names.__name__]


@module.route("/export")
def export() -> str:
    return "/people/v1/export"
'''

TEST = '''"""The same, asked from outside."""


def test_it(connector):
    assert connector.module("people", "v1").execute({}).json["data"][0] == "Ada"
    assert connector.execute("people", {}, version="v1").json["data"][1] == "src.modules.people.v1.names"
    assert connector.app.test_client().get("/people/v1/export").json["data"] == "/people/v1/export"
'''

README = """# People

`POST /people/v1/execute` on http://127.0.0.1:2003/people/v1/execute, the code in src/modules/people/v1/route.py.
It calls API v1 of https://api.example.com/people/v1/search. `people/v1` is the first; people/v12 is another.
"""


@pytest.fixture
def people(connector: Stacksync) -> Path:
    """Return a module that names its version wherever one can."""
    folder = connector.cwd / "src/modules/people/v1"
    (folder / "tests").mkdir(parents=True)
    (folder / "examples").mkdir()
    (folder / "route.py").write_text(ROUTE)
    (folder / "names").mkdir()
    (folder / "names/__init__.py").write_text('NAMES = ["Ada"]\n')
    (folder / "tests/test_people.py").write_text(TEST)
    (folder / "README.md").write_text(README)
    (folder / "module_config.yaml").write_text('module_settings:\n  module_version: "1.0.0" # as listed\n')
    (folder / "schema.json").write_text('{"metadata": {"workflows_module_schema_version": "1.0.0"}, "fields": []}')
    (folder / "examples/all.json").write_text(
        json.dumps({"comment": "people/v1", "request": {"data": {}}, "reply": {}})
    )
    (folder / "logo.bin").write_bytes(b"\xff\xfe people/v1")
    return folder


def test_the_newest_version_is_copied_to_the_next(connector: Stacksync) -> None:
    before = snapshot(connector.cwd)

    report = connector.json("add-version", "new_empty_action")

    copy = connector.cwd / "src/modules/new_empty_action/v2"
    assert report == {
        "module": "new_empty_action",
        "version": "v2",
        "from": "v1",
        "path": str(copy),
        "files": sorted(snapshot(copy)),
        "changed": ["module_config.yaml"],
        "left": [],
    }
    config = "module_config.yaml"
    assert (copy / config).read_text().replace(" (v2)", "", 1) == (copy.parent / "v1" / config).read_text()
    assert {**snapshot(copy), config: None} == {**snapshot(copy.parent / "v1"), config: None}
    assert {name: entry for name, entry in snapshot(connector.cwd).items() if "/v2/" not in name} == before


def test_every_place_that_names_the_version_follows(connector: Stacksync, people: Path) -> None:
    report = connector.json("add-version", "people")

    copy = people.parent / "v2"
    assert (copy / "route.py").read_text() == ROUTE.replace("people.v1", "people.v2").replace(
        '"/people/v1/export"', '"/people/v2/export"'
    )
    assert (copy / "tests/test_people.py").read_text() == TEST.replace("v1", "v2")
    assert (copy / "README.md").read_text() == (
        README.replace("people/v1/e", "people/v2/e")
        .replace("people/v1/route", "people/v2/route")
        .replace("`people/v1`", "`people/v2`")
    )
    assert (copy / "module_config.yaml").read_text() == (
        'module_settings:\n  module_name: People (v2)\n  module_version: "2.0.0" # as listed\n'
    )
    assert json.loads((copy / "examples/all.json").read_text())["comment"] == "people/v2"
    assert (copy / "logo.bin").read_bytes() == b"\xff\xfe people/v1"
    assert report["changed"] == [
        "README.md",
        "examples/all.json",
        "module_config.yaml",
        "route.py",
        "tests/test_people.py",
    ]
    assert report["left"] == ["README.md:4", "route.py:8", "route.py:9"]


def test_both_versions_answer_and_their_tests_pass(connector: Stacksync, people: Path) -> None:
    connector.json("add-version", "people")
    connector.json("add-version", "create_contacts")

    changed = ["src/modules/people", "src/modules/create_contacts"]
    said = pytest_of(connector.cwd, without_python_path(connector.environment), *changed)

    assert "passed" in said
    assert connector("list", "--quiet").stdout.splitlines() == [
        "create_contacts/v1",
        "create_contacts/v2",
        "new_empty_action/v1",
        "people/v1",
        "people/v2",
    ]


def test_what_was_done_is_said(connector: Stacksync, people: Path) -> None:
    done = connector("add-version", "people")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Made src/modules/people/v2 from v1, 8 files.",
        "The version followed in README.md, examples/all.json, module_config.yaml, route.py, tests/test_people.py.",
        "v1 still stands in README.md:4, route.py:8, route.py:9: see whether it is the module's.",
        "Workflows that use v1 keep it; v2 answers after a restart.",
        "What its form breaks, once it is changed: stacksync diff people v1 v2",
    ]


@pytest.mark.parametrize(
    "arguments, source, target",
    [
        ([], "v10", "v11"),
        (["--from", "v2"], "v2", "v11"),
        (["--to", "v3"], "v10", "v3"),
        (["--from", "v1", "--to", "v99"], "v1", "v99"),
    ],
)
def test_versions_are_chosen(connector: Stacksync, arguments: list[str], source: str, target: str) -> None:
    for version in ("v2", "v10"):
        connector.json("add-version", "new_empty_action", "--from", "v1", "--to", version)
    module = connector.cwd / "src/modules/new_empty_action"
    for version in ("v1", "v2", "v10"):
        (module / version / "which.txt").write_text(version)

    report = connector.json("add-version", "new_empty_action", *arguments)

    assert (report["from"], report["version"]) == (source, target)
    assert (module / target / "which.txt").read_text() == source


def test_what_tools_leave_behind_is_not_copied(connector: Stacksync) -> None:
    module = connector.cwd / "src/modules/new_empty_action"
    for name in (
        "__pycache__/route.cpython-311.pyc",
        ".mypy_cache/x",
        "tests/__pycache__/y.pyc",
        "old.pyc",
        ".DS_Store",
    ):
        (module / "v1" / name).parent.mkdir(exist_ok=True)
        (module / "v1" / name).touch()

    report = connector.json("add-version", "new_empty_action")

    assert report["files"] == sorted(snapshot(module / "v2"))
    assert not [name for name in report["files"] if "cache" in name or name.endswith((".pyc", ".DS_Store"))]


@pytest.mark.parametrize(
    "arguments, message, tip",
    [
        (["creat_contacts"], "There is no module 'creat_contacts' in src/modules.", "did you mean create_contacts?"),
        (["zzz"], "There is no module 'zzz' in src/modules.", "the modules are create_contacts, new_empty_action"),
        (["create_contacts", "--from", "v3"], "There is no version 'v3' of create_contacts.", "the versions are v1"),
        (
            ["create_contacts", "--to", "v1"],
            "src/modules/create_contacts/v1 exists already.",
            "leave out --to for the next number",
        ),
        *(
            (
                ["create_contacts", "--to", target],
                f"--to: {target!r} is not a version, which is v and a number.",
                f"--to {meant}",
            )
            for target, meant in [
                *(("5", "v5"), ("V5", "v5"), ("v05", "v5"), ("2", "v2")),
                *((name, "v2") for name in ("v1.1", "v0", "../v2", "v2\n", "", "five")),
            ]
        ),
        (["create_contacts", "--from", "1"], "There is no version '1' of create_contacts.", "did you mean v1?"),
        (
            ["src/modules/create_contacts/v1"],
            "There is no module 'src/modules/create_contacts/v1' in src/modules.",
            "did you mean create_contacts?",
        ),
    ],
)
def test_what_cannot_be_is_refused(connector: Stacksync, arguments: list[str], message: str, tip: str) -> None:
    before = snapshot(connector.cwd)

    done = connector("add-version", *arguments)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"Error: {message}\nTIP: {tip}\n")
    assert snapshot(connector.cwd) == before


def test_a_dry_run_lists_and_writes_nothing(connector: Stacksync, people: Path) -> None:
    before = snapshot(connector.cwd)

    report = connector.json("add-version", "people", "--dry-run")
    done = connector("add-version", "people", "--dry-run")

    assert snapshot(connector.cwd) == before
    assert done.stdout.splitlines()[:2] == ["Would make src/modules/people/v2 from v1, 8 files:", "  README.md"]
    assert connector.json("add-version", "people") == report


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(connector: Stacksync, ending: signal.Signals) -> None:
    module = connector.cwd / "src/modules/create_contacts"
    for number in range(300):
        (module / f"v1/{number}.txt").write_text("x" * 1000)
    before = snapshot(connector.cwd)
    process = subprocess.Popen(
        connector.command("add-version", "create_contacts", "--quiet"),
        cwd=connector.cwd,
        env=connector.environment,
        stderr=subprocess.DEVNULL,
    )
    poll(lambda: process.poll() is not None or any(module.glob(".stacksync-*/*")), every=0.001)

    process.send_signal(ending)

    if process.wait() == 0:
        assert len(snapshot(module / "v2")) == len(snapshot(module / "v1"))
    else:
        assert snapshot(connector.cwd) == before
    assert not list(module.glob(".stacksync-*"))


def test_each_version_is_updated_by_itself(published: Published, released_connector: Path, tmp_path: Path) -> None:
    shutil.copytree(released_connector, tmp_path / "crm", symlinks=True)
    connector = published.stacksync(tmp_path / "crm")
    connector.json("add-module", "get_contacts")
    module = connector.cwd / "src/modules/get_contacts"
    route = (module / "v1/route.py").read_text("utf-8").replace("Bonjour", "Salut")
    (module / "v1/route.py").write_text(route, "utf-8")
    connector.json("add-version", "get_contacts")
    published.git("add", "--all", cwd=connector.cwd)
    published.git("commit", "--quiet", "--message", "Add two versions", cwd=connector.cwd)
    template = published.checkout / "template/{{ module_dir }}/route.py"
    template.write_text(template.read_text("utf-8") + "\n\n# New in v0.2.0\n", "utf-8")
    published.release("v0.2.0")

    answers = "src/modules/get_contacts/v2/.copier-answers.yml"
    done = published.copier("update", "--defaults", "--quiet", "-a", answers, cwd=connector.cwd)

    assert done.returncode == 0, done.stderr
    assert (module / "v2/route.py").read_text("utf-8") == route + "\n\n# New in v0.2.0\n"
    assert (module / "v1/route.py").read_text("utf-8") == route
    commits = [yaml.safe_load((module / v / ".copier-answers.yml").read_text("utf-8"))["_commit"] for v in ("v1", "v2")]
    assert commits == ["v0.1.0", "v0.2.0"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ('module_version: "v1"', 'module_version: "v2"'),
        ("module_version: 1", "module_version: 2"),
        ("  module_version: '1.3'", "  module_version: '2.3'"),
        ("my_module_version: 1", "my_module_version: 1"),
        ("# module_version: 1", "# module_version: 1"),
    ],
)
def test_the_listed_version_follows(text: str, expected: str) -> None:
    renaming = Renaming("src/modules", "people", "v1", "v2")

    assert renaming.apply(PurePosixPath("module_config.yaml"), text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("  module_name: Get people\n", "  module_name: Get people (v2)\n"),
        ("  module_name: Get people  # shown\r\n", "  module_name: Get people (v2)  # shown\r\n"),
        ('  module_name: "Küche: \\"all\\""  # shown\n', '  module_name: "Küche: \\"all\\" (v2)"  # shown\n'),
        ("  module_name: 'It''s (v1)'\n", "  module_name: 'It''s (v2)'\n"),
        ("  module_name: Get (v2) (v12)\n", "  module_name: Get (v2) (v2)\n"),
        ("  module_name: >-\n    Folded\n", "  module_name: >-\n    Folded\n"),
        (
            "module_settings:\n    module_type: get_all\n",
            "module_settings:\n    module_name: Get All (v2)\n    module_type: get_all\n",
        ),
        ("module_settings: {}\n", "module_settings: {}\n"),
    ],
)
def test_a_copy_is_called_by_its_version(text: str, expected: str) -> None:
    renaming = Renaming("src/modules", "people", "v1", "v2")

    assert renaming.apply(PurePosixPath("module_config.yaml"), text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("src/modules/people/v1", "src/modules/people/v2"),
        (r"src\modules\people\v1", r"src\modules\people\v2"),
        ("src/modules/people/v10", "src/modules/people/v10"),
        ("src/modules/other_people/v1", "src/modules/other_people/v1"),
        ("import src.modules.people.v1.x", "import src.modules.people.v2.x"),
        ("import src.modules.people.v1x", "import src.modules.people.v1x"),
        ("from src.modules.people import v1", "from src.modules.people import v2"),
        ("/people/v1/execute", "/people/v2/execute"),
        ("/people/v1/executed", "/people/v1/executed"),
        ("/people/v1/lists", "/people/v1/lists"),
        ("https://api.example.com/people/v1", "https://api.example.com/people/v1"),
        ('client.get("people/v1")', 'client.get("people/v1")'),
        ('call("people", "v1")', 'call("people", "v1")'),
    ],
)
def test_in_code_only_what_must_be_the_module_follows(text: str, expected: str) -> None:
    renaming = Renaming("src/modules", "people", "v1", "v2")

    assert renaming.apply(PurePosixPath("route.py"), text) == expected
