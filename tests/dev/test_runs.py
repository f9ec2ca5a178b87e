"""What a connector writes is told line by line, with the run that it was written in."""

import threading
from pathlib import Path

from tests.dev.developed import PROBE, ROUTE, Developed, developed, wait

NOISY = """\
import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from src.runtime import Module, Request, Response

module = Module(__name__)
pool = ThreadPoolExecutor(1)
TOGETHER = threading.Barrier(3)
print("imported")


def work(name):
    print(f"{name} in a thread")


@module.execute
def execute(request: Request) -> Response:
    name = request.data["name"]
    for number in range(50):
        print(name, end=" ")
        TOGETHER.wait(10)
        print(number)
    print(f"{name} to stderr", file=sys.stderr)
    sys.stdout.buffer.write(f"{name} in bytes: é\\n".encode())
    logging.getLogger("probe").info("%s logged", name)
    thread = threading.Thread(target=work, args=(name,))
    thread.start()
    thread.join()
    pool.submit(work, f"{name} pooled").result()
    print(f"{name} ends without a newline", end="")
    return Response(data={})


@module.content("nothing")
def nothing(request: Request) -> list:
    os.write(2, b"")
    subprocess.run([sys.executable, "-c", "print('of a program')"], check=True)
    return []
"""
SETTINGS = "module_settings:\n  validate_input: false\n"


def test_lines_of_concurrent_runs_are_told_apart(root: Path):
    (root / ROUTE).write_text(NOISY)
    (root / PROBE / "module_config.yaml").write_text(SETTINGS)
    with developed(root) as crm:
        threads = [threading.Thread(target=crm.probe, args=[run], kwargs={"name": run}) for run in ("a", "b", "c")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait(lambda: all(f"{run} ends without a newline" in crm.logged(run) for run in "abc"))

        assert "imported" in crm.logged(None)
        for run in "abc":
            lines = crm.logged(run)
            assert lines[:50] == [f"{run} {number}" for number in range(50)]
            assert lines[50:52] == [f"{run} to stderr", f"{run} in bytes: é"]
            assert f"INFO    {run} logged" in lines[52]
            assert lines[53:55] == [f"{run} in a thread", f"{run} pooled in a thread"]
            assert any("POST /probe/v1/execute 200" in line for line in lines)

        streams = {
            event.data["line"]: event.data["stream"] for event in crm.session.events.since(0) if event.kind == "log"
        }
        assert (streams["a to stderr"], streams["a 1"]) == ("stderr", "stdout")


def test_what_programs_write_is_told_without_a_run(root: Path):
    (root / ROUTE).write_text(NOISY)
    with developed(root) as crm:
        assert crm.call("/probe/v1/content", {"content_object_names": ["nothing"]}, run="a")[0] == 200
        wait(lambda: "of a program" in crm.logged(None))


def test_each_request_is_told(crm: Developed):
    with crm.next_event("request") as request:
        crm.call("/probe/v1/execute?key=value", {"name": "x"}, run="7")
    assert {**request.data, "ms": None} == {
        "method": "POST",
        "path": "/probe/v1/execute",
        "status": 200,
        "ms": None,
        "run": "7",
    }
    assert request["ms"] > 0

    with crm.next_event("request") as request:
        crm.call("/n%C3%B6thing")
    assert (request["method"], request["path"], request["status"], request["run"]) == ("GET", "/nöthing", 404, None)
    assert not [line for line in crm.logged(None) if "Exception ignored" in line or "Warning" in line]


def test_the_connector_does_not_see_the_run(root: Path):
    route = (root / ROUTE).read_text().replace('os.environ.get("GREETING")', "request.headers.get('X-Stacksync-Run')")
    (root / ROUTE).write_text(route)
    with developed(root) as crm:
        assert crm.probe(run="a")["greeting"] is None
