"""The connector in Docker, as its run_dev.sh and run_dev.bat run it: the same files, the same variables."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from threading import Event as Flag
from threading import Thread
from urllib.parse import urlsplit

from stacksync.connector import Connector
from stacksync.dev.processes.child import child
from stacksync.dev.processes.revision import read_snapshot
from stacksync.dev.session import DevSession
from stacksync.dev.watching.changes import sort_changes
from stacksync.dev.watching.watcher import Watcher
from stacksync.errors import StacksyncError
from stacksync.modules.states import FAULT, OK

COMPOSE_FILE = "config/compose.yaml"
SERVICE = "connector"

# Compose gives a container ten seconds to stop: https://docs.docker.com/reference/compose-file/services/#stop_grace_period
_PATIENCE = 15.0
_BETWEEN_LOOKS = 0.2
_WITHOUT = "stacksync dev alone runs the connector without Docker"


def require_docker(connector: Connector) -> None:
    """Refuse what cannot be run in Docker.

    Raises:
        StacksyncError: Docker, its compose command or the connector's compose file is missing.
    """
    if not shutil.which("docker"):
        raise StacksyncError(
            "docker was not found.", f"install it from https://docs.docker.com/get-docker/; {_WITHOUT}"
        )
    if subprocess.run([_docker(), "compose", "version"], capture_output=True, check=False).returncode:
        raise StacksyncError(
            "This docker has no `docker compose`.", f"see https://docs.docker.com/compose/install/; {_WITHOUT}"
        )
    if not (connector.root / COMPOSE_FILE).is_file():
        raise StacksyncError(f"The connector has no {COMPOSE_FILE}, which --docker runs.", _WITHOUT)


@contextmanager
def container(session: DevSession, *, build: bool) -> Iterator[None]:
    """Keep the connector's development container running; what compose and the connector write are `log` events."""
    command = [_docker(), "compose", "-f", COMPOSE_FILE, "up", *(["--build"] if build else []), SERVICE]
    root, ended = session.connector.root, Flag()
    watcher = Watcher(root, lambda paths: _tell_changes(session, paths))
    with child(command, root, _environment(session.address), _PATIENCE) as process:
        Thread(target=_follow, args=(process, session, ended), daemon=True).start()
        session.restart = lambda: _restart(session)
        Thread(target=_await_answer, args=(session, ended), daemon=True).start()
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.stop()


def _restart(session: DevSession) -> None:
    """Restart the container; what the connector writes then is followed as before."""
    command = [_docker(), "compose", "-f", COMPOSE_FILE, "restart", SERVICE]
    with child(command, session.connector.root, _environment(session.address), _PATIENCE) as process:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                session.publish_log(line.rstrip())


def _docker() -> str:
    return shutil.which("docker") or "docker"


def _environment(address: str) -> dict[str, str]:
    variables = {**os.environ, "PORT": str(urlsplit(address).port), "STACKSYNC_DEV": "1"}
    if sys.platform != "win32":
        # Files that tools write from inside the container belong to the developer, not to root.
        variables.setdefault("DEV_USER", f"{os.getuid()}:{os.getgid()}")
    return variables


def _follow(process: "subprocess.Popen[str]", session: DevSession, ended: Flag) -> None:
    assert process.stdout
    with process.stdout as lines:
        for line in lines:
            session.publish_log(_without_prefix(line.rstrip()))

    code = process.wait()
    if not ended.is_set():
        ended.set()
        session.publish_state("stopped", reason=f"docker compose ended with exit code {code}")
        session.events.close()


def _without_prefix(line: str) -> str:
    """Drop the name of the container that compose writes before its lines, `connector-1  | `."""
    name, bar, rest = line.partition(" | ")
    return rest if bar and name.strip().startswith(f"{SERVICE}-") else line


def _tell_changes(session: DevSession, paths: list[str]) -> None:
    """Tell what was saved; the server in the container sees to its own reload."""
    session.events.publish("files", paths=paths)
    for module, version in sort_changes(Connector(session.connector.root), paths).forms.values():
        session.events.publish("schema", module=module, version=version)


def _await_answer(session: DevSession, ended: Flag) -> None:
    """Tell when the connector answers for the first time; later reloads are seen in what gunicorn logs."""
    began = time.monotonic()
    while not ended.wait(_BETWEEN_LOOKS):
        if _answers(session.address):
            seconds = time.monotonic() - began
            session.publish_state("ready", seconds=seconds, modules=_states(session))
            return


def _answers(address: str) -> bool:
    """Say whether something speaks HTTP there: Docker's own proxy accepts connections before the connector does."""
    return _get(address, "/health") is not None


def _states(session: DevSession) -> dict[str, str]:
    """Return the state of each version, by what the connector in the container lists; nothing if it lists nothing."""
    try:
        listing = json.loads(_get(session.address, "/modules-list") or b"")
        loaded = {module["module_path"] for module in listing["data"]["modules"]}
    except (ValueError, KeyError, TypeError):
        return {}

    on_disk = read_snapshot(session.connector.root).route_files
    return {name: OK if name in loaded else FAULT for name in {*on_disk, *loaded}}


def _get(address: str, path: str) -> bytes | None:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
