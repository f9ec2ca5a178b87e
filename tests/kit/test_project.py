"""Projects of the platform's present kit, as the command reads, checks and calls them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stacksync.connector import Connector
from stacksync.inspection.inspection import inspect
from stacksync.kit_project import answers_from
from tests.conftest import Stacksync, snapshot
from tests.kit.wire import projects, write_project

KEPT = "modules/create_records/v1"


REQUIREMENTS = "git+https://example.com/stacksyncdata/stacksync-workflows-cdk.git@v1#subdirectory=lib\n"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Return a project that was not adopted."""
    root = write_project("kept", tmp_path / "plain")
    (root / "requirements.txt").write_text(REQUIREMENTS)
    return root


def findings(path: Path) -> list[tuple[str, str, int, str]]:
    """Return what `check` finds."""
    return [(each.code, each.file, each.place.line, each.message) for each in inspect(path).findings]


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def test_the_template_leaves_the_project_its_own_files(rendered: Path, made_connector: Path) -> None:
    kit, other = set(snapshot(rendered)), set(snapshot(made_connector))

    compat = {f"src/runtime/compat/{name}.py" for name in ("__init__", "kit", "kit_module", "siblings", "validation")}
    added = {name for name in kit - other if not name.startswith("stacksync_cdk/")}
    assert added == {*compat, "documentation/stacksync_cdk.md"}
    assert {name for name in other - kit if not name.startswith("src/modules/")} == {
        "app_config.yaml",
        "documentation/schemas/app_config.schema.json",
        "main.py",
        "src/api_client.py",
        "tests/stand_in.py",
        "tests/test_api_client.py",
    }
    assert not any("kit" in name or "compat" in name or "stacksync_cdk" in name for name in other)


def test_agents_are_told_of_its_own_files(rendered: Path, made_connector: Path) -> None:
    kit, other = ((root / "AGENTS.md").read_text("utf-8") for root in (rendered, made_connector))

    theirs = (
        "src/modules",
        "route.py",
        "app_config.yaml",
        "src/api_client.py",
        "tests/stand_in.py",
        "add-module",
        "schema.json",
    )
    assert [name for name in theirs if name in kit] == []
    assert [name for name in ("`modules/", "stacksync_cdk", "stacksync.yml", "schema.py") if name in other] == []
    assert "documentation/stacksync_cdk.md" in kit


def test_its_versions_are_listed(shop: Stacksync) -> None:
    before = snapshot(shop.cwd)

    (listed,) = shop.json("list")["modules"]

    assert listed == {
        "module": "create_records",
        "version": "v1",
        "name": "Create records",
        "routes": [f"/create_records/v1/{kind}" for kind in ("content", "execute", "schema")],
        "content_objects": [],
        "state": "not loaded",
        "problem": None,
    }
    assert snapshot(shop.cwd) == before


def test_odd_folders_are_listed_as_they_are_served(shop: Stacksync) -> None:
    shutil.rmtree(shop.cwd / "modules")
    write_project("odd", shop.cwd)
    write(shop.cwd, {"modules/broken/v1/execute.py": "import nowhere\n\n\ndef execute(request):\n    return 1\n"})

    listed = json.loads(shop("list", "--load", "--json").stdout)["modules"]

    assert {f"{each['module']}/{each['version']}": each["problem"] for each in listed} == {
        "broken/v1": "modules/broken/v1/execute.py:1: ModuleNotFoundError: No module named 'nowhere'",
        **dict.fromkeys(("dict_config/v1", "exits/v1", "misconfigured/v1", "only_execute/v1", "unnamed/v1"), None),
        **dict.fromkeys(
            ("many/v1beta", "many/v2", "many/v10", "uses_utils/v1", "with space/v1", "with-dashes/v1"), None
        ),
    }
    names = [f"{each['module']}/{each['version']}" for each in listed]
    assert names.index("many/v2") < names.index("many/v10")


def test_nothing_is_found_in_a_project_that_is_well_kept(shop: Stacksync, plain: Path) -> None:
    assert shop("check", "--strict").stdout == "Nothing wrong in 1 module.\n"
    assert findings(plain / KEPT) == findings(plain) == []


MODULE = "from stacksync_cdk import ModuleConfig\n\nCONFIG = ModuleConfig({})\n"
HANDLER = "def {0}(request):\n    return {{}}\n"


@pytest.mark.parametrize(
    "files, expected",
    [
        ({"execute.py": HANDLER.format("exectue")}, ("MOD016", "execute.py", 1, "there is no function execute")),
        ({"execute.py": "from utils.shared import execute\n"}, None),
        ({"execute.py": "if True:\n    def execute(request):\n        return 1\n"}, None),
        ({"execute.py": None}, ("PY002", "content.py", 1, "no function answers execute")),
        ({"schema.py": None}, ("MOD007", "config.py", 1, "there is no schema.py in modules/create_records/v1")),
        ({"config.py": None}, ("MOD008", "content.py", 1, "there is no config.py in modules/create_records/v1")),
        ({"content.py": None}, ("PY003", "schema.py", 18, 'nothing answers the content object "objects"')),
        ({"config.py": "CONFIG = {}\n"}, ("MOD017", "config.py", 1, "CONFIG is no ModuleConfig")),
        ({"config.py": "OTHER = 1\n"}, ("MOD017", "config.py", 1, "there is no CONFIG")),
        ({"config.py": "from utils.shared import CONFIG\n"}, None),
        (
            {"config.py": MODULE.format('module_nam="X"')},
            ("MOD017", "config.py", 3, "ModuleConfig has no module_nam, and fails"),
        ),
        (
            {"config.py": MODULE.format('supports_action="yes"')},
            ("MOD017", "config.py", 3, "supports_action must be True or False"),
        ),
        (
            {"config.py": MODULE.format("on_content_update=False")},
            ("MOD018", "config.py", 3, "on_content_update is False, and schema() reads the form"),
        ),
        ({"execute.py": "def execute(request:\n"}, ("PY001", "execute.py", 1, None)),
    ],
)
def test_what_hurts_is_found(
    plain: Path, files: dict[str, str | None], expected: tuple[str, str, int, str | None] | None
) -> None:
    write(plain, {"utils/shared.py": "CONFIG = None\n\n\ndef execute(request):\n    return 1\n"})
    for name, text in files.items():
        (plain / KEPT / name).unlink()
        write(plain, {f"{KEPT}/{name}": text} if text is not None else {})

    found = [(code, file.removeprefix(f"{KEPT}/"), line, message) for code, file, line, message in findings(plain)]

    if expected is None:
        assert found == []
    else:
        (only,) = [each for each in found if each[0] == expected[0]][:1]
        assert only == (*expected[:3], expected[3] or only[3])


@pytest.mark.parametrize(
    "name, code, message",
    [
        ("modules/high/execute.py", "MOD001", "the module lies too high to be found"),
        ("modules/deep/v1/more/execute.py", "MOD001", "the module lies too deep to be found"),
        ("modules/named/version1/execute.py", "MOD002", '"version1" is not a version'),
        ("modules/named/vnext/execute.py", "MOD002", '"vnext" is not a version'),
        ("modules/with-dashes/v1/execute.py", "MOD003", '"with-dashes" is no module name'),
        ("modules/_shared/v1/execute.py", None, None),
        ("modules/shared.py", None, None),
        ("modules/create_records/v1/helper.py", None, None),
        ("modules/create_records/v1/tests/test_module.py", None, None),
    ],
)
def test_folders(plain: Path, name: str, code: str | None, message: str | None) -> None:
    write(plain, {name: HANDLER.format("execute")})

    found = [(each[0], each[1], each[3]) for each in findings(plain) if each[0] not in ("MOD007", "MOD008")]

    assert found == ([(code, name, message)] if code else [])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("app_settings:\n  app_type: My App\n  app_name: A\n", ("CFG004", 2)),
        ("app_settings:\n  app_type: my_app\n", ("CFG005", 2)),
        ("app_settings:\n  app_type: a\n  app_name: A\n  app_name: B\n", ("CFG002", 4)),
        ("app_settings: [\n", ("CFG001", 2)),
        ("", ("CFG001", 1)),
    ],
)
def test_faults_of_the_settings(plain: Path, text: str, expected: tuple[str, int]) -> None:
    write(plain, {"stacksync.yml": text})

    assert [(code, line) for code, file, line, _ in findings(plain) if file == "stacksync.yml"] == [expected]


def test_it_is_called_from_the_shell(shop: Stacksync) -> None:
    content = json.loads(shop("invoke", "create_records", "--endpoint", "content").stdout)
    saved = shop("connect", "mine", "--from-env", "api_key=KEY", KEY="k-1")
    data = json.dumps({"select_object": "order", "orders": [{"name": "first"}]})
    executed = shop("invoke", "create_records", "--connection", "mine", "--input", data)
    refused = shop("invoke", "create_records")

    assert [each["value"] for each in content["data"]["content_objects"][0]["data"]] == ["order", "customer"]
    assert saved.stdout == "Saved the connection mine (acme_shop): api_key.\n"
    assert json.loads(executed.stdout) == {"data": [{"id": 0, "name": "first"}], "metadata": {"affected_records": 1}}
    assert (refused.returncode, json.loads(refused.stdout)) == (1, {"error": "Choose a connection."})
    assert "expects another answer" not in refused.stderr


def test_its_tests_pass(shop: Stacksync) -> None:
    test = "def test_creates(module):\n    assert module.execute({}).status_code == 401\n"
    write(shop.cwd, {f"{KEPT}/tests/test_module.py": test})

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=shop.cwd, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout
    assert re.search(r"6 passed, \d+ skipped", done.stdout)


def test_what_adds_modules_of_our_own_style_is_refused(shop: Stacksync) -> None:
    before = snapshot(shop.cwd)

    done = shop("add-module", "get_orders")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: The modules of this project are written for stacksync-cdk, and add-module adds one of another style.\n"
        "TIP: copy a folder of modules/\n"
    )
    assert snapshot(shop.cwd) == before


def test_a_version_is_added_and_removed(shop: Stacksync) -> None:
    added = shop("add-version", "create_records")
    assert added.returncode == 0, added.stderr
    assert [each["version"] for each in shop.json("list")["modules"]] == ["v1", "v2"]
    assert findings(shop.cwd) == []

    removed = shop("remove-module", "create_records", "--version", "v2", "--force")
    assert removed.returncode == 0, removed.stderr
    assert [each["version"] for each in shop.json("list")["modules"]] == ["v1"]


def test_its_settings_answer_the_questions(shop: Stacksync) -> None:
    write(shop.cwd, {"stacksync.yml": "app_settings:\n  app_type: my_shop\n  app_name: 5\n  app_icon_svg_url: ''\n"})

    assert answers_from(shop.cwd) == {
        "app_type": "my_shop",
        "app_name": "5",
        "stacksync_cdk_compat": True,
        "workflows_cdk_compat": False,
    }


def test_a_connector_is_told_from_a_project_of_the_kit(tmp_path: Path, made_connector: Path) -> None:
    for name in projects():
        kit = Connector(write_project(name, tmp_path / name))
        assert kit.is_kit_project is ("stacksync.yml" in projects()[name])
    assert not Connector(made_connector).is_kit_project
    assert not Connector(tmp_path).is_kit_project
