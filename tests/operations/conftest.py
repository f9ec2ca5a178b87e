"""A connector made for faults and secrets, served by a real gunicorn (or by `python main.py`) on a free port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

TEMPLATE = Path(__file__).parents[2] / "template"
# gunicorn runs on systems that fork.
collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []
PROBE = Path(__file__).parent / "probe"
GUNICORN = (sys.executable, "-m", "gunicorn", "main:app")
PATIENCE = 60.0
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")

APP_CONFIG = """\
app_settings:
  app_type: probe
  app_name: Probe
  routes_directory: src/modules
local_development_settings:
  port: {port}
runtime_settings: {switches}
"""


@dataclass
class Served:
    """A server process, its address and what it wrote."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def execute(self, data: dict[str, Any], **options: Any) -> requests.Response:
        """Call the probe module with a connection of its own for this call."""
        body = {"data": data, **options.pop("envelope", {})}
        return requests.post(f"{self.url}/probe/v1/execute", json=body, timeout=PATIENCE, **options)

    def text(self) -> str:
        return self.log.read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """Return the log as JSON; anything else in it fails the test."""
        return [json.loads(line) for line in self.text().splitlines()]

    def requests_logged(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["logger"] == "stacksync.request"]

    def stop(self) -> int:
        """End the server as a platform does, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def wait_until(true: Callable[[], object], what: str) -> None:
    """Poll until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"waited {PATIENCE:.0f} seconds in vain: {what}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def connector(tmp_path: Path) -> Callable[..., Path]:
    """Make a connector with the given switches of `runtime_settings`."""

    def make(**switches: Any) -> Path:
        root = tmp_path / "probe"
        ignored = shutil.ignore_patterns("*.jinja", "__pycache__", "modules", "documentation", ".*")
        shutil.copytree(TEMPLATE, root, ignore=ignored)
        shutil.copytree(PROBE, root, dirs_exist_ok=True)
        (root / "app_config.yaml").write_text(APP_CONFIG.format(port=free_port(), switches=json.dumps(switches)))
        return root

    return make


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start servers, wait until they answer, and end them whatever happens."""
    started: list[Served] = []

    def start(root: Path, *command: str, user: int | None = None, **environment: str) -> Served:
        port = int(yaml.safe_load((root / "app_config.yaml").read_text())["local_development_settings"]["port"])
        log = tmp_path / f"{len(started)}.log"
        given = {name: os.environ[name] for name in INHERITED if name in os.environ}
        with log.open("wb") as output:
            process = subprocess.Popen(
                command or GUNICORN,
                cwd=root,
                env={**given, "ENVIRONMENT": "prod", "PYTHONDONTWRITEBYTECODE": "1", **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                user=user,
                extra_groups=None if user is None else [],
            )
        served = Served(process, port, log)
        started.append(served)
        wait_until(lambda: process.poll() is not None or answers(served), "the server to answer")
        assert process.poll() is None, served.text()
        return served

    yield start
    for served in started:
        try:
            served.stop()
        except subprocess.TimeoutExpired:
            served.process.kill()
            served.process.wait()


def answers(served: Served) -> bool:
    try:
        return requests.get(f"{served.url}/health", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False
