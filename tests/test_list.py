"""`stacksync list` as users type it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Stacksync, snapshot


@pytest.fixture
def modules(connector: Stacksync) -> Path:
    return connector.cwd / "src/modules"


def listed(connector: Stacksync, module: str) -> dict[str, Any]:
    found = [entry for entry in connector.json("list")["modules"] if entry["module"] == module]
    assert len(found) == 1
    entry: dict[str, Any] = found[0]
    return entry


def test_modules_are_listed(connector: Stacksync) -> None:
    before = snapshot(connector.cwd)

    report = connector.json("list")

    paths = ("execute", "content", "schema")
    assert report == {
        "modules": [
            {
                "module": "create_contacts",
                "version": "v1",
                "name": "Create contacts",
                "routes": [f"/create_contacts/v1/{path}" for path in ("content", "schema", "execute")],
                "content_objects": ["objects"],
                "state": "not loaded",
                "problem": None,
            },
            {
                "module": "new_empty_action",
                "version": "v1",
                "name": "New Empty Action",
                "routes": [f"/new_empty_action/v1/{path}" for path in paths],
                "content_objects": ["languages"],
                "state": "not loaded",
                "problem": None,
            },
        ]
    }
    assert snapshot(connector.cwd) == before


def test_the_table_is_aligned(connector: Stacksync) -> None:
    done = connector("list")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "MODULE            VERSION  NAME              ROUTES                    CONTENT    STATE",
        "create_contacts   v1       Create contacts   content, schema, execute  objects    not loaded",
        "new_empty_action  v1       New Empty Action  execute, content, schema  languages  not loaded",
    ]


def test_quiet_prints_folders_only(connector: Stacksync) -> None:
    assert connector("list", "--quiet").stdout == "create_contacts/v1\nnew_empty_action/v1\n"


def test_versions_are_sorted_by_number(connector: Stacksync) -> None:
    for version in ("v10", "v2"):
        connector.json("add-version", "new_empty_action", "--to", version)

    versions = [
        entry["version"] for entry in connector.json("list")["modules"] if entry["module"] == "new_empty_action"
    ]

    assert versions == ["v1", "v2", "v10"]


FAULTS = {
    "route file": (
        "v1/route.py",
        "from src.runtime import Module\n\ndef execute(:\n",
        "src/modules/new_empty_action/v1/route.py:3: invalid syntax",
    ),
    "schema": (
        "v1/schema.json",
        '{\n  "fields": [,]\n}',
        "src/modules/new_empty_action/v1/schema.json:2: Expecting value",
    ),
    "schema that is none": (
        "v1/schema.json",
        "[]",
        "src/modules/new_empty_action/v1/schema.json:1: a form schema is a JSON object, not a list",
    ),
    "schema with a number that JSON does not have": (
        "v1/schema.json",
        '{\n  "fields": [\n    NaN\n  ]\n}',
        "src/modules/new_empty_action/v1/schema.json:3: NaN is not JSON",
    ),
    "configuration": (
        "v1/module_config.yaml",
        "module_settings:\n  module_name: 'x\n",
        "src/modules/new_empty_action/v1/module_config.yaml:3: not valid YAML: found unexpected end of stream",
    ),
    "bytes": (
        "v1/schema.json",
        "\udcff",
        (
            "src/modules/new_empty_action/v1/schema.json:1: "
            "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
        ),
    ),
}


@pytest.mark.parametrize("file, text, problem", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_listed_with_its_place(
    connector: Stacksync, modules: Path, file: str, text: str, problem: str
) -> None:
    (modules / "new_empty_action" / file).write_bytes(text.encode("utf-8", "surrogateescape"))

    entry = listed(connector, "new_empty_action")

    assert (entry["state"], entry["problem"]) == ("fault", problem)
    assert connector("list").returncode == 0


def test_folders_with_one_url_are_a_fault(connector: Stacksync, modules: Path) -> None:
    for name in ("get posts", "get_posts"):
        (modules / name / "v1").mkdir(parents=True)
        (modules / name / "v1/route.py").touch()

    problems = [entry["problem"] for entry in connector.json("list")["modules"] if entry["problem"]]

    assert problems == [
        "src/modules/get posts/v1: another folder has the URL /get_posts/v1 too",
        "src/modules/get_posts/v1: another folder has the URL /get_posts/v1 too",
    ]


def test_a_folder_without_route_file_is_no_version(connector: Stacksync, modules: Path) -> None:
    (modules / "new_empty_action/v1/route.py").unlink()
    for folder in ("get_posts/V1", "get_posts/v2", "__pycache__", ".stacksync-1234"):
        (modules / folder).mkdir(parents=True)
    (modules / "get_posts/V1/route.py").touch()

    done = connector("list")

    assert [entry["module"] for entry in connector.json("list")["modules"]] == ["create_contacts"]
    assert done.stdout.splitlines()[1:] == [
        "create_contacts  v1       Create contacts  content, schema, execute  objects  not loaded"
    ]
    assert done.stderr == "note: no version, for want of a route file: src/modules/new_empty_action/v1\n"


def test_nothing_of_a_connector_is_run(connector: Stacksync, modules: Path) -> None:
    (modules / "new_empty_action/v1/route.py").write_text("raise SystemExit('run')\n")
    (connector.cwd / "main.py").write_text("raise SystemExit('run')\n")

    assert listed(connector, "new_empty_action")["state"] == "not loaded"


def test_loaded_modules_are_ok_or_a_fault(connector: Stacksync, modules: Path) -> None:
    connector.json("add-version", "new_empty_action")
    (modules / "new_empty_action/v2/route.py").write_text("\nimport nothing_of_that_name\n")

    done = connector("list", "--load", "--json", VIRTUAL_ENV=sys.prefix)

    assert (done.returncode, done.stderr) == (0, "")
    states = [(entry["state"], entry["problem"]) for entry in json.loads(done.stdout)["modules"]]
    place = "src/modules/new_empty_action/v2/route.py:2"
    fault = f"{place}: ModuleNotFoundError: No module named 'nothing_of_that_name'"
    assert states == [("ok", None), ("ok", None), ("fault", fault)]


@pytest.mark.parametrize(
    "main,problem",
    [
        ("import nothing_of_that_name\n", "main.py:1: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("import os\nos._exit(3)\n", "the process ended with exit code 3"),
    ],
)
def test_a_connector_that_does_not_start_has_no_module_that_is_ok(
    connector: Stacksync, main: str, problem: str
) -> None:
    (connector.cwd / "main.py").write_text(main)

    done = connector("list", "--load", "--json", VIRTUAL_ENV=sys.prefix)

    assert {(each["state"], each["problem"]) for each in json.loads(done.stdout)["modules"]} == {("fault", problem)}


def test_loading_needs_an_environment(connector: Stacksync) -> None:
    done = connector("list", "--load")

    assert done.returncode == 1
    assert done.stderr == "Error: There is no .venv to load the modules in.\nTIP: stacksync dev makes it\n"


SDK = """
from main import router

@router.route("/execute", methods=["POST", "GET"])
def execute(): ...

@router.route(rule="/content", methods=("POST",))
async def content(): ...

@router.get("/export/<int:number>")
def export(number): ...

@router.route(PATH)
@staticmethod
def computed(): ...
"""


@pytest.mark.parametrize("key", ["routes_directory_path", "routes_directory", "routes_dir", "routes_path"])
def test_a_connector_that_stacksync_did_not_make(stacksync: Stacksync, key: str) -> None:
    version = stacksync.cwd / "flows/Get Posts/v2"
    version.mkdir(parents=True)
    (stacksync.cwd / "app_config.yaml").write_text(f"app_settings:\n  {key}: flows\n")
    (version / "anything.py").write_text(SDK)

    assert listed(stacksync, "Get Posts") == {
        "module": "Get Posts",
        "version": "v2",
        "name": "Get Posts",
        "routes": [f"/Get_Posts/v2/{path}" for path in ("execute", "content", "export/<int:number>")],
        "content_objects": [],
        "state": "not loaded",
        "problem": None,
    }


@pytest.mark.parametrize("text", ["", "app_settings: [", "- a\n", "app_settings: text\n"])
def test_a_configuration_that_says_nothing_has_the_usual_folder(stacksync: Stacksync, text: str) -> None:
    (stacksync.cwd / "app_config.yaml").write_text(text)
    (stacksync.cwd / "src/modules").mkdir(parents=True)

    done = stacksync("list")

    assert done.stdout == "No modules in src/modules; stacksync add-module NAME adds one.\n"


def test_a_folder_outside_of_the_connector_is_refused(stacksync: Stacksync) -> None:
    (stacksync.cwd / "app_config.yaml").write_text("app_settings:\n  routes_path: ../elsewhere\n")

    done = stacksync("list")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: app_config.yaml:2: routes_path names a folder outside the connector.\n")
