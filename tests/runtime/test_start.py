"""A connector as a process: refusing to start, and serving on this machine only."""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.polling import poll
from tests.ports import free_port
from tests.runtime.conftest import APP_CONFIG, MODULE, Write

MAIN = "from src.runtime import create_app, run\nfrom pathlib import Path\napp = create_app(Path(__file__).parent)\n"
RUN = MAIN + "if __name__ == '__main__':\n    run(app)\n"
EXECUTE = MODULE + "@module.execute\ndef execute(request): return 1\n"


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}


def run(root: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run to the end; a server that does not refuse to start is ended by the timeout, and the test with it."""
    arguments = [sys.executable, *command]
    return subprocess.run(
        arguments, cwd=root, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "command",
    [
        ("main.py",),
        pytest.param(
            ("-m", "gunicorn", "--bind", "127.0.0.1:0", "--workers", "1", "main:app"),
            marks=pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork"),
        ),
        ("-m", "flask", "--app", "main", "routes"),
    ],
    ids=["python", "gunicorn", "flask"],
)
def test_a_broken_configuration_ends_every_server_with_one_message(write: Write, command: tuple[str, ...]):
    root = write({"/main.py": RUN, "/app_config.yaml": "app_settings:\n  app_type: shop\n  port: high\n"})
    done = run(root, *command)
    assert done.returncode == 3
    assert f"{root / 'app_config.yaml'}:3: app_settings.port must be a number from 1 to 65535.\n" in done.stderr


def test_nothing_else_is_said_by_python(write: Write):
    root = write({"/main.py": RUN, "/app_config.yaml": ""})
    done = run(root, "main.py")
    message = "the file is empty. Write `app_settings` with `app_type` and `app_name`."
    assert (done.stdout, done.stderr) == ("", f"{root / 'app_config.yaml'}:1: {message}\n")


@pytest.mark.parametrize("port", ["0", "65536", "high", "9" * 5000])
def test_a_port_of_the_environment_that_is_none_ends_it_with_one_message(
    write: Write, monkeypatch: pytest.MonkeyPatch, port: str
):
    monkeypatch.setenv("PORT", port)
    root = write({"/main.py": RUN, "/app_config.yaml": APP_CONFIG})
    done = run(root, "main.py")
    message = f"The environment variable PORT is {port!r}. Write a number from 1 to 65535.\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", message)


@dataclass(frozen=True)
class Served:
    """A connector served by `python main.py`, and the file of what it prints."""

    port: int
    printed: Path

    def ask(self, path: str) -> http.client.HTTPResponse:
        """Post an empty object."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, body="{}", headers={"Content-Type": "application/json"})
        return connection.getresponse()


@pytest.fixture(params=["file", "environment"])
def served(
    write: Write, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """Serve a connector whose configuration asks for debugging, until the test ends; PORT goes before its port."""
    port = free_port()
    written = port
    if request.param == "environment":
        monkeypatch.setenv("PORT", f" {port} ")
        written = 1
    local = f"local_development_settings: {{port: {written}, debug: true}}\n"
    root = write({"/main.py": RUN, "/app_config.yaml": APP_CONFIG + local, "m/v1/route.py": EXECUTE})
    printed = tmp_path / "printed.txt"
    with printed.open("w") as output:
        arguments = [sys.executable, "main.py"]
        process = subprocess.Popen(arguments, cwd=root, env=environment(), stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(port, process)
            yield Served(port, printed)
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    def listens() -> bool:
        assert process.poll() is None, "the connector does not listen"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    poll(listens)


def test_python_serves_on_loopback_without_a_debugger(served: Served):
    assert json.loads(served.ask("/m/v1/execute").read()) == {"data": 1}
    # Werkzeug's debugger would answer this one itself.
    assert served.ask("/?__debugger__=yes&cmd=resource&f=debugger.js").status == 405
    text = served.printed.read_text()
    assert f"Running on http://127.0.0.1:{served.port}" in text
    assert "all addresses" not in text
    # Colours are for terminals, and this is a file.
    assert "Press CTRL+C" in text
    assert "\x1b" not in text
