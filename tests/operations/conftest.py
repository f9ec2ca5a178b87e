"""A connector made for faults and secrets, served by a real gunicorn (or by `python main.py`) on a free port."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.polling import poll
from tests.ports import free_port

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
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def wait_until(true: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    poll(true, what)


def make_connector(folder: Path, **switches: Any) -> Path:
    """Put the template's runtime and settings, the probe and the given `runtime_settings` together."""
    root = folder / "probe"
    ignored = shutil.ignore_patterns("*.jinja", "modules", "documentation", ".*")
    compileall.compile_dir(TEMPLATE / "src/runtime", quiet=2)  # what was not compiled yet
    shutil.copytree(TEMPLATE, root, ignore=ignored)
    shutil.copytree(PROBE, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "app_config.yaml").write_text(APP_CONFIG.format(port=free_port(), switches=json.dumps(switches)))
    return root


def start(root: Path, *command: str, user: int | None = None, **environment: str) -> Served:
    """Start a server and wait until it answers; it writes to `server.log` beside its connector."""
    port = int(yaml.safe_load((root / "app_config.yaml").read_text())["local_development_settings"]["port"])
    log = root.with_name("server.log")
    given = {name: os.environ[name] for name in INHERITED if name in os.environ}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command or GUNICORN,
            cwd=root,
            env={**given, "ENVIRONMENT": "prod", "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    served = Served(process, port, log)
    wait_until(lambda: process.poll() is not None or answers(served), "the server to answer")
    assert process.poll() is None, served.text()
    return served


@contextmanager
def serving() -> Iterator[Callable[..., Served]]:
    """Give a `start` whose servers end whatever happens."""
    started: list[Served] = []

    def start_one(*arguments: Any, **options: Any) -> Served:
        started.append(start(*arguments, **options))
        return started[-1]

    try:
        yield start_one
    finally:
        for served in started:
            served.stop()


@pytest.fixture
def connector(tmp_path: Path) -> Callable[..., Path]:
    """Make a connector with the given switches of `runtime_settings`."""
    return partial(make_connector, tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Start servers for one test."""
    with serving() as start_one:
        yield start_one


@pytest.fixture(scope="module")
def serve_module() -> Iterator[Callable[..., Served]]:
    """Start servers for the tests of one file, which must leave them as they were."""
    with serving() as start_one:
        yield start_one


def answers(served: Served) -> bool:
    try:
        return requests.get(f"{served.url}/health", timeout=PATIENCE).ok
    except requests.ConnectionError:
        return False
