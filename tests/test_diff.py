"""`stacksync diff` as users type it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacksync import main
from tests.conftest import Stacksync, isolated
from tests.kit.wire import write_project

ROUTE = "from src.runtime import Module\n\nmodule = Module(__name__)\n"
HANDLER = ROUTE + '\n\n@module.schema\ndef schema(request):\n    raise SystemExit("never run")\n'
CONFIG = "app_settings:\n  app_type: crm\n  app_name: CRM\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small connector in a repository, one folder below its top, and the current folder."""
    folder = tmp_path / "work/connectors/crm"
    folder.mkdir(parents=True)
    for name, value in isolated(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONWARNINGS")
    monkeypatch.chdir(folder)
    (folder / "app_config.yaml").write_text(CONFIG)
    write(folder, "find", "v1", [{"id": "name", "type": "string", "label": "Name"}])
    git(tmp_path / "work", "init", "-q", "-b", "main")
    commit(folder)
    return folder


def write(root: Path, module: str, version: str, fields: list[dict[str, Any]], route: str = ROUTE) -> Path:
    folder = root / "src/modules" / module / version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "route.py").write_text(route)
    (folder / "schema.json").write_text(json.dumps({"fields": fields}, indent=2))
    (folder / "module_config.yaml").write_text(f"module_settings:\n  module_type: {module}\n")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Now")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main.run(["diff", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


V2: list[dict[str, Any]] = [
    {"id": "name", "type": "string", "label": "Full name", "default": "Ada", "validation": {"required": True}},
    {"id": "note", "type": "string", "label": "A note"},
]


def test_two_versions(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    write(root, "find", "v2", V2)
    code, out, _ = run(capsys, "find", "v1", "v2")
    assert (code, out) == (
        1,
        """\
find v1 -> v2
  breaking  DIF005  name: required now
    - src/modules/find/v1/schema.json:4  false
    + src/modules/find/v2/schema.json:9  true
  to look at  DIF020  name: default added
    - src/modules/find/v1/schema.json:4
    + src/modules/find/v2/schema.json:7  Ada
  fine  DIF031  note: new
    + src/modules/find/v2/schema.json:13  string
  fine  1 text changed (label 1): --texts

1 breaking, 1 to look at, 2 fine in 1 version.
""",
    )
    assert max(map(len, out.splitlines())) <= 80
    code, out, _ = run(capsys, "find", "v1", "v2", "--texts")
    assert "  fine  DIF030  name: label changed\n    - src/modules/find/v1/schema.json:6  Name\n" in out
    code, out, _ = run(capsys, "find", "v2", "v1", "--json")
    facts = json.loads(out)
    assert code == 1
    assert {name: facts[name] for name in ("against", "breaking", "look", "fine")} == {
        "against": None,
        "breaking": 1,
        "look": 1,
        "fine": 2,
    }
    gone = next(each for each in facts["versions"][0]["differences"] if each["severity"] == "breaking")
    assert gone == {
        "severity": "breaking",
        "rule": "DIF003",
        "title": "A field is gone, or has another id",
        "path": ["note"],
        "kind": "removed",
        "aspect": "field",
        "message": "gone",
        "when": "",
        "before": {
            "file": "src/modules/find/v2/schema.json",
            "line": 13,
            "value": {"type": "string", "label": "A note"},
        },
        "after": None,
    }


def test_severities_are_set_in_pyproject(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "find", "v2", V2)
    file = root / "pyproject.toml"
    file.write_text('[tool.stacksync.diff.severity]\nDIF005 = "look"\n')
    code, out, _ = run(capsys, "find", "v1", "v2")
    assert code == 0
    assert "0 breaking" not in out
    assert "2 to look at, 2 fine in 1 version." in out
    file.write_text('[tool.stacksync.diff.severity]\nDIF020 = "breaking"\nDIF005 = "fine"\n')
    assert run(capsys, "find", "v1", "v2", "--quiet") == (1, "", "")


@pytest.mark.parametrize(
    "text, fault",
    [
        ('[tool.stacksync.diff]\nseverity = "fine"\n', "tool.stacksync.diff.severity must be a table."),
        ('[tool.stacksync.diff]\nignore = ["DIF005"]\n', "tool.stacksync.diff.ignore is not known."),
        ('[tool.stacksync]\ndiff.severity.DIF5 = "fine"\n', "tool.stacksync.diff.severity: there is no rule DIF5."),
        (
            '[tool.stacksync.diff.severity]\nDIF005 = "error"\n',
            "tool.stacksync.diff.severity.DIF005 must be breaking, look or fine.",
        ),
        ("[tool.stacksync]\ndiff = 5\n", "tool.stacksync.diff must be a table."),
    ],
)
def test_a_setting_that_is_none_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], text: str, fault: str
) -> None:
    write(root, "find", "v2", V2)
    (root / "pyproject.toml").write_text(text)
    code, out, err = run(capsys, "find", "v1", "v2")
    assert (code, out, err.splitlines()[0]) == (1, "", f"Error: pyproject.toml: {fault}")


def test_against_a_commit(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "gone", "v1", [])
    write(root, "find", "v2", [])
    commit(root)
    assert run(capsys, "--against", "main") == (0, "No differences in 3 versions.\n", "")

    for name in ("gone/v1", "find/v2"):
        for file in (root / "src/modules" / name).iterdir():
            file.unlink()
    write(root, "new", "v1", [])
    write(root, "find", "v1", [{"id": "name", "type": "integer", "label": "Name"}])
    (root / "src/modules/find/v1/module_config.yaml").write_text("module_settings:\n  module_type: seek\n")
    code, out, _ = run(capsys, "--against", "HEAD")
    assert (code, out) == (
        1,
        """\
find v1
  breaking  DIF002  module_id changed
    - HEAD:connectors/crm/src/modules/find/v1/module_config.yaml:2  crm-find-1
    + src/modules/find/v1/module_config.yaml:2  crm-seek-1
  breaking  DIF006  name: type changed
    - HEAD:connectors/crm/src/modules/find/v1/schema.json:5  string
    + src/modules/find/v1/schema.json:5  integer

new v1
  fine  DIF031  module new
    + src/modules/new/v1/route.py:1  new

find v2
  breaking  DIF001  version gone
    - HEAD:connectors/crm/src/modules/find/v2/route.py:1  find/v2

gone v1
  breaking  DIF001  module gone
    - HEAD:connectors/crm/src/modules/gone/v1/route.py:1  gone

4 breaking, 1 fine in 4 versions.
""",
    )
    assert "find v2" not in run(capsys, "gone", "--against", "HEAD")[1]
    assert run(capsys, "new", "--against", "HEAD")[0] == 0
    assert run(capsys, "find/v2", "--against", "HEAD")[1].startswith("find v2\n")


def test_the_commit_of_a_connector_at_the_top(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    git(root, "init", "-q", "-b", "own")
    commit(root)
    write(root, "find", "v1", [])
    code, out, _ = run(capsys, "--against", "own")
    assert code == 1
    assert "    - own:src/modules/find/v1/schema.json:4  string\n" in out


def test_a_commit_without_the_connector(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(root, "rm", "-r", "-q", "--cached", ".")
    git(root, "commit", "-q", "-m", "Away")
    said = "Nothing was compared.\nnot compared: HEAD has no connector in connectors/crm/.\n"
    assert run(capsys, "--against", "HEAD") == (0, said, "")


@pytest.mark.parametrize(
    "arguments, fault",
    [
        ([], "There is nothing to compare with."),
        (["find", "v1"], "There is nothing to compare with."),
        (["find", "v1", "v1"], "v1 is one version, and two are compared."),
        (["find", "v1", "v7"], "There is no version 'v7' of find."),
        (["fnd", "v1", "v2"], "There is no module 'fnd' in src/modules."),
        (["--against", "nowhere"], "--against: 'nowhere' is no commit of this repository."),
        (["--against", "--output=x"], "--against: '--output=x' is no commit of this repository."),
        (["--against", "HEAD:connectors"], "--against: 'HEAD:connectors' is no commit of this repository."),
        (["v1", "--against", "HEAD"], "There is no module 'v1', neither here nor there."),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], fault: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out, err.splitlines()[0]) == (2, "", f"Error: {fault}")


def test_a_project_of_the_kit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_project("kept", tmp_path / "kit")
    monkeypatch.chdir(project)
    git(project, "init", "-q", "-b", "main")
    commit(project)
    code, out, _ = run(capsys, "--against", "main")
    assert code == 0
    assert "create_records v1\n  not compared: the form that Python code makes" in out
    assert "it was not compared" in out.replace("\n    ", " ")
    shutil.rmtree(project / "modules/create_records/v1")
    code, out, _ = run(capsys, "--against", "main")
    assert code == 1
    assert "create_records v1\n  breaking  DIF001  module gone\n    - main:modules/create_records/v1/" in out


def test_outside_of_a_repository(root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (root / "../../.git").rename(tmp_path / "away")
    code, _, err = run(capsys, "--against", "main")
    assert (code, err.splitlines()[0]) == (
        2,
        f"Error: {root} is in no git repository, so there is no main to compare with.",
    )


def test_forms_made_by_code_are_named_and_the_code_is_not_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "find", "v2", [{"id": "name", "type": "string", "label": "Name"}], HANDLER)
    commit(root)
    code, out, _ = run(capsys, "find", "v1", "v2")
    assert (code, out) == (
        0,
        """\
find v1 -> v2
  not compared: the form that Python code makes
    (src/modules/find/v2/route.py:7); only schema.json was compared

No differences in 1 version.
""",
    )
    (root / "src/modules/find/v2/schema.json").unlink()
    facts = json.loads(run(capsys, "find/v2", "--against", "HEAD", "--json")[1])
    [said] = facts["versions"][0]["not_compared"]
    file = "src/modules/find/v2/route.py:7"
    assert said == f"the form that Python code makes (HEAD:connectors/crm/{file} and {file}); it was not compared"


MADE = """

@module.schema
def schema(request):
    form = module.base_form()
    form["fields"][0]["validation"]["max_length"] = {most}
    return form
"""


def test_code_is_run_when_it_is_asked_for(connector: Stacksync) -> None:
    folder = connector.cwd / "src/modules/new_empty_action/v1"
    route = (folder / "route.py").read_text()
    (folder / "route.py").write_text(route + MADE.format(most=40))
    git(connector.cwd, "commit", "-q", "-a", "-m", "Now")
    (folder / "route.py").write_text(route + MADE.format(most=30))
    assert connector("diff", "new_empty_action", "--against", "HEAD").returncode == 0

    done = connector("diff", "new_empty_action", "--against", "HEAD", "--load", "--json", VIRTUAL_ENV=sys.prefix)
    assert done.returncode == 1, done.stderr
    [version] = json.loads(done.stdout)["versions"]
    [found] = version["differences"]
    line = next(i for i, each in enumerate((folder / "route.py").read_text().splitlines(), 1) if "def schema" in each)
    file = "src/modules/new_empty_action/v1/route.py"
    assert (found["rule"], found["path"], found["message"]) == ("DIF009", ["name"], "max_length changed")
    assert found["before"] == {"file": f"HEAD:{file}", "line": line, "value": 40}
    assert found["after"] == {"file": file, "line": line, "value": 30}
    made = f"the form that Python code makes (HEAD:{file}:{line} and {file}:{line})"
    rest = "for other input: it was compared as it opens, without a connection"
    assert version["not_compared"] == [f"{made} {rest}"]

    told = connector("diff", "new_empty_action", "--against", "HEAD", "--load").stdout.replace("\n    ", " ")
    assert f"{file}:{line}), which failed: there is no .venv; only schema.json was compared" in told


def test_a_form_that_cannot_be_read_is_no_success(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "src/modules/find/v1/schema.json").write_text('{"fields": [}')
    code, out, _ = run(capsys, "--against", "HEAD")
    assert code == 1
    assert "cannot be compared: src/modules/find/v1/schema.json:1: the file is not JSON" in out.replace("\n    ", " ")


def test_a_form_that_could_not_be_read_in_a_commit_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = root / "src/modules/find/v1/schema.json"
    good = file.read_bytes()
    file.write_bytes(b"\xff")
    commit(root)
    code, out, _ = run(capsys, "--against", "HEAD")
    assert code == 1
    assert "  cannot be compared: src/modules/find/v1/schema.json:1: byte 1 is not UTF-8\n" in out
    assert out.endswith("\n1 version could not be compared.\n")
    file.write_bytes(good)
    code, out, _ = run(capsys, "--against", "HEAD")
    assert code == 0
    assert "not compared: HEAD:connectors/crm/src/modules/find/v1/schema.json:1: byte 1" in out.replace("\n    ", " ")


def test_a_tree_of_somebody_else_writes_nowhere_else(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A link in the modules directory is not followed, and hooks, filters and drivers of the repository do not run."""
    outside = write(tmp_path / "outside", "find", "v9", [])
    (root / "src/modules/linked").symlink_to(outside.parent, target_is_directory=True)
    (root / ".gitattributes").write_text("*.json filter=planted\n")
    commit(root)
    ran = tmp_path / "ran"
    git(root, "config", "filter.planted.smudge", f"touch {ran}")
    git(root, "config", "core.fsmonitor", f"touch {ran}")
    code, out, _ = run(capsys, "--against", "HEAD")
    link = "HEAD:connectors/crm/src/modules/linked"
    said = f"No differences in 1 version.\nnot compared: {link}: a link, which was not followed\n"
    assert (code, out) == (0, said)
    assert not os.path.lexists(ran)
