"""What is saved is served at once, and what does not work is not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.dev.developed import PROBE, ROUTE, Developed, developed, processes_in, wait

BROKEN = "\n\ndef broken(:\n"
BAD_CONFIG = "app_settings:\n  app_type: crm\nruntime_settings:\n  metricks: true\n"


def test_serves_a_saved_route_file_from_a_new_process(crm: Developed):
    before = crm.probe()
    with crm.next_state("ready") as state:
        crm.edit(ROUTE, '"one"', '"two"')

    after = crm.probe()
    assert (before["answer"], after["answer"]) == ("one", "two")
    assert before["pid"] != after["pid"]
    assert state["reason"] == f"changed: {ROUTE}"
    assert state["errors"] == []
    assert state["seconds"] > 0


def test_never_runs_what_a_file_of_the_same_second_and_size_held(crm: Developed):
    later = (crm.root / ROUTE).stat().st_mtime + 3600  # so that every save is recent, however slow this machine is
    for old, new in (("one", "two"), ("two", "six"), ("six", "ten")):
        replacement = crm.root / "replacement"
        replacement.write_text((crm.root / ROUTE).read_text().replace(f'"{old}"', f'"{new}"'))
        os.utime(replacement, (later, later))
        with crm.next_state("ready"):
            replacement.replace(crm.root / ROUTE)
        assert crm.probe()["answer"] == new


def test_serves_saved_configuration(crm: Developed):
    with crm.next_state("ready"):
        crm.save(f"{PROBE}/module_config.yaml", "module_settings:\n  module_name: Renamed\n")
    modules = crm.call("/modules-list")[1]["data"]["modules"]
    assert "Renamed" in [module["module_name"] for module in modules]

    with crm.next_state("ready"):
        crm.edit("app_config.yaml", 'app_name: "', 'app_name: "My ')
    assert crm.call("/app-config")[1]["data"]["app_settings"]["app_name"].startswith("My ")


def test_reads_the_environment_file_afresh(crm: Developed, monkeypatch: pytest.MonkeyPatch):
    assert crm.probe()["greeting"] is None
    with crm.next_state("ready"):
        crm.save(".env", "GREETING='hello there'\n")
    assert crm.probe()["greeting"] == "hello there"

    with crm.next_state("ready"):
        crm.save(".env", "# GREETING=hello\n")
    assert crm.probe()["greeting"] is None

    monkeypatch.setenv("GREETING", "of the shell")
    with crm.next_state("ready"):
        crm.save(".env", "GREETING=hello\n")
    assert crm.probe()["greeting"] == "of the shell"


def test_a_saved_form_is_served_by_the_same_process(crm: Developed):
    pid = crm.probe()["pid"]
    with crm.next_event("schema") as form:
        crm.edit(f"{PROBE}/schema.json", '"Name"', '"Full name"')

    assert form.data == {"module": "probe", "version": "v1"}
    assert "Full name" in json.dumps(crm.call("/probe/v1/schema", {})[1])
    assert crm.probe()["pid"] == pid


def test_a_form_that_is_new_or_gone_is_a_change_of_the_connector(crm: Developed):
    with crm.next_state("ready"):
        (crm.root / PROBE / "schema.json").unlink()
    assert crm.call("/probe/v1/schema", {})[0] == 404

    with crm.next_state("ready"):
        crm.save(f"{PROBE}/schema.json", '{"fields": []}')
    assert crm.call("/probe/v1/schema", {})[0] == 200


def test_where_forms_are_read_once_a_saved_form_is_loaded(crm: Developed):
    with crm.next_state("ready"):
        crm.save(".env", "ENVIRONMENT=stage\n")
    with crm.next_state("ready"):
        crm.edit(f"{PROBE}/schema.json", '"Name"', '"Full name"')
    assert "Full name" in json.dumps(crm.call("/probe/v1/schema", {})[1])


def test_tests_examples_and_texts_are_told_and_loaded_nowhere(crm: Developed):
    pid = crm.probe()["pid"]
    for path in (f"{PROBE}/tests/test_it.py", f"{PROBE}/examples/first.json", "NOTES.md"):
        with crm.next_event("files") as files:
            crm.save(path, "{}")
        assert files["paths"] == [path]
    assert crm.probe()["pid"] == pid


def test_a_syntax_error_keeps_the_last_good_version_and_names_the_line(crm: Developed):
    before = crm.probe()
    with crm.next_state("failed") as state:
        crm.save(ROUTE, (crm.root / ROUTE).read_text() + BROKEN)

    line = (crm.root / ROUTE).read_text().splitlines().index("def broken(:") + 1
    assert state["errors"] == [
        {"file": ROUTE, "line": line, "message": "SyntaxError: invalid syntax", "module": "probe/v1", "kept": True}
    ]
    assert crm.session.errors.keys() == {"probe/v1"}
    assert crm.probe() == before

    with crm.next_state("ready"):
        crm.edit(ROUTE, BROKEN, "")
    assert crm.session.errors == {}
    assert crm.probe()["pid"] != before["pid"]


def test_an_error_is_placed_at_the_innermost_line_of_the_connector(crm: Developed):
    with crm.next_state("failed") as state:
        crm.save(f"{PROBE}/helper.py", "import json\n\nVALUE = json.loads('{')\n")
        crm.edit(ROUTE, "import os\n", "import os\nfrom .helper import VALUE\n")

    (error,) = [error for error in state["errors"] if error["module"] == "probe/v1"]
    assert (error["file"], error["line"]) == (f"{PROBE}/helper.py", 3)
    assert error["message"].startswith("json.decoder.JSONDecodeError: Expecting property name")


def test_a_misuse_of_the_runtime_is_placed_where_it_is_made(crm: Developed):
    with crm.next_state("failed") as state:
        crm.save(ROUTE, (crm.root / ROUTE).read_text() + "\nModule()\n")

    (error,) = state["errors"]
    assert (error["file"], error["line"]) == (ROUTE, len((crm.root / ROUTE).read_text().splitlines()))


def test_a_connector_that_would_not_start_keeps_the_last_good_version(crm: Developed):
    before = crm.probe()
    for path, faults in {
        "app_config.yaml": [
            (BAD_CONFIG, 4, "runtime_settings.metricks is not known"),
            ("app_settings: [\n", 2, "not valid YAML"),
        ],
        "main.py": [
            ("import nothing_of_that_name\n", 1, "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
            ("import sys\nsys.exit('not today')\n", 2, "not today"),
            ("import sys\nsys.exit(4)\n", 2, "it ended itself: exit(4)"),
            ("application = None\n", 1, "there is no `app`"),
        ],
        ".env": [("GOOD=1\n'\n", 2, "is no line such as NAME=value.")],
    }.items():
        good = (crm.root / path).read_text() if path != ".env" else ""
        for text, line, message in faults:
            with crm.next_state("failed") as state:
                crm.save(path, text)

            (error,) = state["errors"]
            assert (error["file"], error["line"], error["module"], error["kept"]) == (path, line, None, True)
            assert error["message"].startswith(message)
            assert crm.probe() == before
        with crm.next_state("ready"):
            crm.save(path, good)
        before = crm.probe()


def test_answers_503_until_a_connector_that_does_not_start_is_mended(root: Path):
    main = (root / "main.py").read_text()
    (root / "main.py").write_text("def\n")
    with developed(root, until="failed") as crm:
        status, body = crm.call("/probe/v1/execute", {})
        assert status == 503
        assert body["error"] == "The connector does not start"
        assert body["data"] == {}
        assert body["metadata"]["faults"] == ["main.py:1: SyntaxError: invalid syntax"]

        with crm.next_state("failed"):
            (root / "main.py").unlink()
        faults = crm.call("/health")[1]["metadata"]["faults"]
        assert faults == ["there is no main.py, and `main:app` is what is served"]

        with crm.next_state("ready"):
            crm.save("main.py", main)
        assert crm.probe()["answer"] == "one"


def test_a_module_that_is_broken_from_the_start_leaves_the_others_served(root: Path):
    (root / ROUTE).write_text((root / ROUTE).read_text() + BROKEN)
    with developed(root) as crm:
        (error,) = crm.session.state["errors"]
        assert (error["module"], error["kept"]) == ("probe/v1", False)
        assert crm.call("/probe/v1/execute", {})[0] == 503
        assert crm.call("/new_empty_action/v1/schema", {})[0] == 200

        with crm.next_state("ready"):
            crm.edit(ROUTE, BROKEN, "")
        assert crm.probe()["answer"] == "one"


def test_modules_come_and_go(crm: Developed):
    with crm.next_state("ready"):
        shutil.copytree(crm.root / PROBE, crm.root / "src/modules/second/v1")
    assert crm.call("/second/v1/execute", {})[0] == 200

    with crm.next_state("ready"):
        shutil.rmtree(crm.root / "src/modules/second")
    assert crm.call("/second/v1/execute", {})[0] == 404

    # A new one that does not work takes nothing away.
    with crm.next_state("ready") as state:
        crm.save("src/modules/third/v1/route.py", "import nothing_of_that_name\n")
    assert [(error["module"], error["kept"]) for error in state["errors"]] == [("third/v1", False)]
    assert crm.probe()["answer"] == "one"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_that_is_killed_is_replaced(crm: Developed):
    pid = crm.probe()["pid"]
    with crm.next_event("state", lambda data: data["state"] == "reloading") as state, crm.next_state("ready"):
        os.kill(pid, signal.SIGKILL)

    assert state["reason"] == "the process was ended by SIGKILL"
    assert crm.probe()["pid"] != pid


def test_a_process_that_keeps_dying_is_started_again_after_a_change(crm: Developed):
    dies = "\nimport threading\nthreading.Timer(0.05, os._exit, [9]).start()\n"
    with crm.next_state("failed") as state:
        crm.save(ROUTE, (crm.root / ROUTE).read_text() + dies)

    assert [error["message"] for error in state["errors"]] == [
        "the process ended with exit code 9, 3 times within a second of its start"
    ]
    assert crm.call("/health")[0] == 503
    with crm.next_state("ready"):
        crm.edit(ROUTE, dies, "")
    assert crm.probe()["answer"] == "one"


def test_requests_in_flight_are_finished_by_the_process_that_has_them(crm: Developed, tmp_path: Path):
    crm.edit(ROUTE, "    return", "    wait(request.data)\n    return")
    waiting = "import time\nfrom pathlib import Path\n\ndef wait(data):\n    Path(data['here']).touch()\n"
    waiting += "    while not Path(data['until']).exists():\n        time.sleep(0.01)\n\n"
    with crm.next_state("ready"):
        crm.edit(ROUTE, "@module.execute", waiting + "\n@module.execute")

    here, until, answers = tmp_path / "here", tmp_path / "until", []
    thread = threading.Thread(target=lambda: answers.append(crm.probe(here=str(here), until=str(until))))
    thread.start()
    wait(here.exists)
    with crm.next_state("ready"):
        crm.edit(ROUTE, '"one"', '"two"')
    until.touch()
    thread.join()
    assert answers[0]["answer"] == "one"
    assert crm.probe(here=str(here), until=str(until))["answer"] == "two"


def test_no_connection_is_refused_and_no_request_lost_under_load(crm: Developed):
    stop, answers, faults = threading.Event(), [], []

    def ask() -> None:
        while not stop.wait(0.002):  # or the four would take the processors from what is loaded
            try:
                answers.append(crm.probe()["answer"])
            except Exception as error:  # noqa: BLE001, PERF203 - whatever goes wrong is what is looked for
                faults.append(error)

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    for number in range(4):
        with crm.next_state("ready"):
            crm.edit(ROUTE, f'"{["one", "1", "2", "3"][number]}"', f'"{number + 1}"')
        assert crm.probe()["answer"] == str(number + 1)
    stop.set()
    for client in clients:
        client.join()

    assert faults == []
    assert {"1", "2", "3"} <= set(answers)


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_nothing_is_left_at_the_end(root: Path):
    with developed(root) as crm:
        last = crm.last
        wait(lambda: len(processes_in(root)) == 2)  # one that serves, one that is warm

    assert processes_in(root) == []
    assert crm.session.events.closed
    assert [event.data["state"] for event in crm.session.events.since(last)] == ["stopped"]
    with pytest.raises(OSError, match="refused"):
        crm.call("/health")


@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_every_process_ends_when_the_command_is_killed(root: Path):
    script = "import sys; from pathlib import Path; from tests.dev.developed import developed\n"
    script += f"with developed(Path({str(root)!r})) as crm: print(crm.probe()['pid'], flush=True); sys.stdin.read()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")])}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert int(parent.stdout.readline()) in processes_in(root)
        parent.kill()

    wait(lambda: processes_in(root) == [])


def test_where_sockets_cannot_be_shared_the_port_changes_hands(root: Path):
    with developed(root, shares_socket=False) as crm:
        before = crm.probe()
        with crm.next_state("ready"):
            crm.edit(ROUTE, '"one"', '"two"')
        assert crm.probe()["answer"] == "two"

        with crm.next_state("failed") as state:
            crm.save(ROUTE, (root / ROUTE).read_text() + BROKEN)
        assert state["errors"][0]["kept"]
        assert crm.probe()["answer"] == "two"
        assert crm.probe()["pid"] != before["pid"]


def test_where_sockets_cannot_be_shared_a_connector_that_does_not_start_is_answered_for(root: Path):
    main = (root / "main.py").read_text()
    (root / "main.py").write_text("def\n")
    with developed(root, shares_socket=False, until="failed") as crm:
        assert crm.call("/health")[0] == 503
        with crm.next_state("ready"):
            crm.save("main.py", main)
        assert crm.probe()["answer"] == "one"


def test_states_are_those_of_what_was_loaded(crm: Developed):
    assert crm.session.state["modules"]["probe/v1"] == "ok"
    others = {name for name in crm.session.state["modules"] if name != "probe/v1"}

    with crm.next_state("failed") as state:
        crm.save(ROUTE, (crm.root / ROUTE).read_text() + BROKEN)
    assert state["modules"] == {"probe/v1": "fault", **dict.fromkeys(others, "ok")}


def test_nothing_is_ok_of_a_connector_that_does_not_start(root: Path):
    (root / "main.py").write_text("import nothing_of_that_name\n")

    with developed(root, until="failed") as connector:
        assert set(connector.session.state["modules"].values()) == {"not loaded"}
        assert "probe/v1" in connector.session.state["modules"]
