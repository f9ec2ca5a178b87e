import logging
import sys

import pytest

from src.runtime import create_app
from tests.runtime.conftest import MODULE, Build, Write

GOOD = MODULE + "@module.execute\ndef execute(request): return 'good'\n"
CONTENT = "@module.content('a')\ndef a(request): return []\n"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def broken(:\n", id="syntax"),
        pytest.param(GOOD + "raise RuntimeError('half-way')\n", id="half-way"),
        pytest.param(GOOD + "import no_such_package\n", id="import"),
        pytest.param("import sys\nsys.exit('no')\n", id="exit"),
        pytest.param(GOOD + "@module.route('/x/<int:')\ndef x(): ...\n", id="rule"),
        pytest.param(GOOD + "@module.execute\ndef again(request): ...\n", id="execute twice"),
        pytest.param(MODULE + CONTENT + CONTENT, id="content twice"),
        pytest.param(GOOD + "second = Module(__name__)\n", id="two modules in a file"),
    ],
)
def test_a_broken_module_is_answered_with_503_and_the_others_work(
    build: Build, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, code: str
):
    monkeypatch.setenv("ENVIRONMENT", "prod")
    files = {"bad/v1/route.py": code, "bad/v1/schema.json": "{}", "good/v1/route.py": GOOD}
    client = build(files)

    for path in ("/bad/v1/execute", "/bad/v1/content", "/bad/v1/schema", "/bad/v1/anything"):
        reply = client.post(path, json={})
        assert reply.status_code == 503
        assert reply.json["error"] == "Module bad/v1 failed to load"
    assert client.post("/good/v1/execute").json == {"data": "good"}
    assert [each["module_path"] for each in client.get("/modules-list").json["data"]["modules"]] == ["good/v1"]
    assert "/bad/" not in client.get("/routes").text
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
    named = {"bad/v1": ["src/modules/bad/v1/route.py"]}
    assert client.get("/ready").json["data"] == {"modules": ["bad/v1"], "route_files": named}

    (record,) = [record for record in caplog.records if record.name == "stacksync.loading"]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert vars(record)["error_id"] == client.post("/bad/v1/execute").json["metadata"]["error_id"]
    assert not [name for name in sys.modules if name.startswith("src.modules.bad.v1")]


def test_the_log_shows_the_module_s_own_part_of_the_traceback(build: Build, caplog: pytest.LogCaptureFixture):
    build({"bad/v1/route.py": "def broken():\n    return 1 / 0\n\n\nbroken()\n", "worse/v1/route.py": "def f(:\n"})

    bad, worse = [record.exc_text or logging.Formatter().format(record) for record in caplog.records]
    assert [line.split(", ")[1:] for line in bad.splitlines() if line.startswith("  File")] == [
        ["line 5", "in <module>"],
        ["line 2", "in broken"],
    ]
    assert 'route.py", line 1\n    def f(:' in worse
    assert "importlib" not in worse


def test_ready_when_all_is_well(build: Build):
    reply = build({"good/v1/route.py": GOOD}).get("/ready")
    assert (reply.status_code, reply.json) == (200, {"data": {"status": "ready"}})


def test_two_folders_with_one_url_are_both_refused(build: Build, caplog: pytest.LogCaptureFixture):
    client = build({"a b/v1/route.py": GOOD, "a_b/v1/route.py": GOOD, "c/v1/route.py": GOOD})
    assert client.post("/a_b/v1/execute").status_code == 503
    assert client.post("/c/v1/execute").status_code == 200
    assert [each["module_path"] for each in client.get("/modules-list").json["data"]["modules"]] == ["c/v1"]
    assert "have the same URL /a_b/v1; rename one of them" in caplog.text


@pytest.mark.parametrize("directory", ["a b", "a.b", "a-b", "1a", "Über", "a%b", "class"])
def test_any_directory_name_is_a_module(build: Build, directory: str):
    code = "from .words import WORD\n" + MODULE + "@module.execute\ndef execute(request): return WORD\n"
    client = build({f"{directory}/v1/route.py": code, f"{directory}/v1/words.py": "WORD = 'hello'\n"})
    url = directory.replace(" ", "_").replace("%", "%25")
    assert client.post(f"/{url}/v1/execute").json == {"data": "hello"}


def test_helpers_of_the_same_name_do_not_mix(build: Build):
    code = "from . import helper\n" + MODULE + "@module.execute\ndef execute(request): return helper.WHO\n"
    files = {f"{name}/v1/helper.py": f"WHO = '{name}'\n" for name in ("one", "two")}
    client = build({**files, **{f"{name}/v1/route.py": code for name in ("one", "two")}})
    assert client.post("/one/v1/execute").json == {"data": "one"}
    assert client.post("/two/v1/execute").json == {"data": "two"}


def test_a_route_file_stays_imported_under_its_dotted_name(build: Build):
    code = (
        "from __future__ import annotations\nimport dataclasses, pickle, typing\n"
        + MODULE
        + "@dataclasses.dataclass\nclass Row:\n    when: typing.Optional[int] = None\n"
        "@module.execute\n"
        "def execute(request):\n"
        "    from src.modules.m.v1.route import Row as again\n"
        "    hints = typing.get_type_hints(Row)\n"
        "    return [again is Row, pickle.loads(pickle.dumps(Row(3))).when, str(hints['when']), __name__]\n"
    )
    client = build({"m/v1/route.py": code})
    again, when, hint, name = client.post("/m/v1/execute").json["data"]
    assert (again, when, name) == (True, 3, "src.modules.m.v1.route")
    assert "int" in hint


def test_several_route_files_share_a_version(build: Build):
    extra = MODULE + "@module.get('/extra')\ndef extra(): return 'extra'\n"
    client = build({"m/v1/route.py": GOOD, "m/v1/extra.py": extra})
    assert client.post("/m/v1/execute").json == {"data": "good"}
    assert client.get("/m/v1/extra").json == {"data": "extra"}


def test_a_module_may_import_another(build: Build):
    code = "from src.modules.b.v1.route import WORD\n" + MODULE + "@module.execute\ndef execute(request): return WORD\n"
    client = build({"a/v1/route.py": code, "b/v1/route.py": GOOD + "WORD = 'of b'\n"})
    assert client.post("/a/v1/execute").json == {"data": "of b"}
    assert client.post("/b/v1/execute").json == {"data": "good"}


def test_packages_have_their_init_run(build: Build):
    code = "from . import WORD\n" + MODULE + "@module.execute\ndef execute(request): return WORD\n"
    client = build({"m/v1/__init__.py": "WORD = 'init'\n", "m/v1/route.py": code})
    assert client.post("/m/v1/execute").json == {"data": "init"}


def test_a_second_application_of_the_process_sees_changed_files(build: Build, write: Write):
    build({"m/v1/route.py": GOOD})
    client = create_app(write({"m/v1/route.py": GOOD.replace("'good'", "'changed'")})).test_client()
    assert client.post("/m/v1/execute").json == {"data": "changed"}


def test_a_folder_added_later_changes_nothing(build: Build, write: Write):
    client = build({"m/v1/route.py": GOOD})
    write({"late/v1/route.py": GOOD, "late/v1/schema.json": "{}"})
    assert client.post("/late/v1/execute").status_code == 404
    assert client.get("/late/v1/schema").status_code == 404
    assert "late" not in client.get("/app-config").text


def test_a_broken_configuration_ends_the_start_with_one_message(write: Write, capsys: pytest.CaptureFixture[str]):
    root = write({"/app_config.yaml": "app_settings: [\n"})
    with pytest.raises(SystemExit) as end:
        create_app(root)
    # The status that gunicorn takes for "cannot start".
    assert end.value.code == 3
    told = "not valid YAML: did not find expected node content. Correct it and start again."
    assert capsys.readouterr().err == f"{root / 'app_config.yaml'}:2: {told}\n"
