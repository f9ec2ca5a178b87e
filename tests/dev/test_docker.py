"""Docker, by a stand-in that serves as the container would, and what run_dev.sh would have called."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections import deque
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacksync.connector import Connector
from stacksync.dev import docker
from stacksync.dev.docker import container, require_docker
from stacksync.dev.events import Event
from stacksync.dev.running import follow
from stacksync.dev.session import DevSession
from stacksync.errors import StacksyncError
from tests.conftest import ROOT
from tests.dev.stand_ins import FOREVER, StandIns

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts stand in for docker")

WITHOUT = "stacksync dev alone runs the connector without Docker"

# As a container: what compose prints, then the connector, on the port that it was given.
SERVES = """\
if "up" not in sys.argv:
    sys.exit(0)
from http.server import BaseHTTPRequestHandler, HTTPServer

print(" Container crm-connector-1  Created", file=sys.stderr, flush=True)
print("connector-1  | [INFO] Listening | here", flush=True)
server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), BaseHTTPRequestHandler)
server.serve_forever()
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIns:
    (tmp_path / "bin").mkdir()
    stand_ins = StandIns(tmp_path / "bin")
    monkeypatch.setenv("PATH", stand_ins.path)
    for name in ("PORT", "DEV_USER"):
        monkeypatch.delenv(name, raising=False)
    return stand_ins


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/compose.yaml").touch()
    return Connector(tmp_path)


def wait_for(session: DevSession, kind: str) -> Event:
    last = 0
    while True:
        events = session.events.wait(last, timeout=30)
        assert events, f"no {kind} event among {session.events.since(0)}"
        last = events[-1].id
        for event in events:
            if event.kind == kind:
                return event


@pytest.mark.parametrize("build", [False, True])
def test_the_container_is_run_as_the_script_runs_it(
    programs: StandIns, connector: Connector, unused_port: int, build: bool
) -> None:
    programs.add("docker", SERVES)
    session = DevSession(connector, f"http://127.0.0.1:{unused_port}")

    require_docker(connector)
    with container(session, build=build):
        assert wait_for(session, "state").data["state"] == "ready"
        form = connector.root / "src/modules/a/v1/schema.json"
        form.parent.mkdir(parents=True)
        form.write_text("{}")
        assert wait_for(session, "schema").data == {"module": "a", "version": "v1"}
        session.restart()

    lines = [event.data["line"] for event in session.events.since(0) if event.kind == "log"]
    assert " Container crm-connector-1  Created" in lines
    assert "[INFO] Listening | here" in lines
    _, called, restarted, ended = programs.calls("docker")
    assert restarted["arguments"] == ["compose", "-f", "config/compose.yaml", "restart", "connector"]
    options = ["--build"] if build else []
    assert called == {
        "arguments": ["compose", "-f", "config/compose.yaml", "up", *options, "connector"],
        "PORT": str(unused_port),
        "DEV_USER": f"{os.getuid()}:{os.getgid()}",
        "cwd": str(connector.root),
    }
    assert ended == {"signal": signal.SIGINT}
    assert session.state["state"] == "ready"


def test_run_dev_sh_calls_the_same(
    programs: StandIns, connector: Connector, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    programs.add("docker", "sys.exit(1 if sys.argv[1:] != ['compose', 'version'] else 0)")
    script = shutil.copy(ROOT / "template/run_dev.sh", connector.root)
    (connector.root / "app_config.yaml").write_text(f"local_development_settings:\n  port: {unused_port}\n")
    session = DevSession(connector, f"http://127.0.0.1:{unused_port}")
    with container(session, build=True), pytest.raises(StacksyncError):
        deque(follow(session))
    ours = programs.calls("docker")[-1]

    environment = os.environ | {"PATH": f"{programs.path}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    subprocess.run(["sh", script, "--build"], env=environment, check=False, capture_output=True)

    assert programs.calls("docker")[-1] == ours


def test_the_container_listens_on_this_machine_only_and_knows_that_it_is_developed(
    programs: StandIns, connector: Connector, made_connector: Path, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("PORT", "80")  # somebody's own; the address that was shown counts
    written = connector.root / "environment.json"
    programs.add(
        "docker", f"open({str(written)!r}, 'w').write(json.dumps(dict(os.environ)))\nprint('up', flush=True)\n{FOREVER}"
    )
    session = DevSession(connector, f"http://127.0.0.1:{unused_port}")
    with container(session, build=False):
        wait_for(session, "log")

    service = as_compose_reads(made_connector / "config/compose.yaml", json.loads(written.read_text()))
    assert service["ports"] == [f"127.0.0.1:{unused_port}:{unused_port}"]
    assert service["environment"] == {"ENVIRONMENT": "dev", "STACKSYNC_DEV": 1, "PORT": unused_port}
    assert service["user"] == f"{os.getuid()}:{os.getgid()}"
    assert service["env_file"] == [{"path": "../.env", "required": False}]
    assert not {"privileged", "network_mode", "cap_add", "pid"} & set(service)


def as_compose_reads(file: Path, variables: dict[str, str]) -> Any:
    """Return the service that is run: https://docs.docker.com/reference/compose-file/interpolation/."""
    text = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: variables.get(found[1]) or found[2], file.read_text())
    assert "$" not in text
    return yaml.safe_load(text)["services"]["connector"]


def test_docker_that_does_not_mind_ctrl_c_is_ended(
    programs: StandIns, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker, "_PATIENCE", 0.2)
    programs.add("docker", f"signal.signal(signal.SIGINT, signal.SIG_IGN)\nprint(os.getpid(), flush=True)\n{FOREVER}")
    session = DevSession(connector, "http://127.0.0.1:9")
    with container(session, build=False):
        process = int(wait_for(session, "log").data["line"])

    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_compose_that_ends_is_told(programs: StandIns, connector: Connector) -> None:
    programs.add("docker", "print('no space left'); sys.exit(17)")
    session = DevSession(connector, "http://127.0.0.1:9")

    with container(session, build=False), pytest.raises(StacksyncError) as caught:
        deque(follow(session))

    assert str(caught.value) == "The connector has stopped: docker compose ended with exit code 17."
    assert [event.kind for event in session.events.since(0)] == ["log", "state"]


def test_a_variable_that_is_set_is_kept(
    programs: StandIns, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEV_USER", "7:7")
    programs.add("docker", f"print('up', flush=True)\n{FOREVER}")
    session = DevSession(connector, "http://127.0.0.1:9")

    with container(session, build=False):
        wait_for(session, "log")

    assert programs.calls("docker")[0]["DEV_USER"] == "7:7"


def test_without_docker_it_is_told_that_none_is_needed(programs: StandIns, connector: Connector) -> None:
    with pytest.raises(StacksyncError) as caught:
        require_docker(connector)

    assert str(caught.value) == "docker was not found."
    assert caught.value.tip == f"install it from https://docs.docker.com/get-docker/; {WITHOUT}"


def test_docker_without_compose_is_told(programs: StandIns, connector: Connector) -> None:
    programs.add("docker", "sys.exit(1)")

    with pytest.raises(StacksyncError, match=r"^This docker has no `docker compose`\.$"):
        require_docker(connector)


def test_a_connector_without_a_compose_file_is_told(programs: StandIns, tmp_path: Path) -> None:
    programs.add("docker", "")

    with pytest.raises(StacksyncError) as caught:
        require_docker(Connector(tmp_path))

    assert str(caught.value) == "The connector has no config/compose.yaml, which --docker runs."
    assert caught.value.tip == WITHOUT
