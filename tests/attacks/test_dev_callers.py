"""No page in the developer's browser can use what `stacksync dev` serves, and nothing of it outlives it."""

import json
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stacksync.dev.display import Display
from tests.conftest import Stacksync
from tests.dev.conftest import PROBE_ROUTE, copy_with_probe, developer, programs, strict_interpreter
from tests.dev.developed import ROUTE, Developed, developed
from tests.dev.running_command import started
from tests.dev.stand_ins import FOREVER, StandIns
from tests.polling import poll

__all__ = ["developer", "programs", "strict_interpreter"]

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def crm(compiled_connector: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developed]:
    root = copy_with_probe(compiled_connector, tmp_path_factory.mktemp("callers") / "crm", PROBE_ROUTE)
    (root / ".env").write_text("GREETING=a-secret-of-this-machine\n")
    with developed(root) as connector:
        yield connector


def ask(crm: Developed, method: str = "POST", **headers: str) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers of what a browser would get."""
    address = urlsplit(crm.session.address)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, "/probe/v1/execute", None if method == "OPTIONS" else b'{"data": {}}', named)
    reply = connection.getresponse()
    found = reply.status, reply.read().decode(), {name.lower(): value for name, value in reply.getheaders()}
    connection.close()
    return found


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", None])
@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost.evil.example:2003", "http://127.0.0.1:1"])
def test_a_page_of_another_site_runs_nothing(crm: Developed, origin: str, content_type: str | None) -> None:
    headers = {"Origin": origin} | ({"Content_Type": content_type} if content_type else {})
    status, body, answered = ask(crm, **headers)

    assert status == 403
    assert "a-secret-of-this-machine" not in body
    assert json.loads(body)["error"].endswith(f"pages of {origin} may not call it: cors_origins does not name them")
    assert "access-control-allow-origin" not in answered


def test_a_page_of_another_site_is_not_even_allowed_to_ask(crm: Developed) -> None:
    asked = {"Origin": EVIL, "Access_Control_Request_Method": "POST"}
    status, _, answered = ask(crm, "OPTIONS", **asked)

    assert status == 403
    assert not [name for name in answered if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_what_is_no_page_and_its_own_pages_are_answered(crm: Developed, host: str) -> None:
    own = f"http://{host}:{urlsplit(crm.session.address).port}"
    assert [ask(crm)[0], ask(crm, Origin=own)[0]] == [200, 200]


def test_the_line_to_write_is_told_once_and_lets_the_page_in(crm: Developed) -> None:
    shown = Display(crm.session)
    with crm.next_event("stranger"):
        ask(crm, Origin="https://app.example.com")
    events = [event for event in crm.session.events.since(0) if event.data.get("origin") == "https://app.example.com"]
    lines = [line.text for event in [*events, *events] for line in shown.lines(event)]
    assert lines[0].endswith("  refused  a page of https://app.example.com")
    assert lines[1:] == [
        "  to let it call the connector, write in app_config.yaml, local_development_settings:",
        '  cors_origins: ["https://app.example.com"]',
    ]

    config = (crm.root / "app_config.yaml").read_text()
    with crm.next_state("ready"):
        crm.save("app_config.yaml", config.replace('  # cors_origins: ["*"]', f"{lines[2]}"))
    status, _, answered = ask(crm, Origin="https://app.example.com")
    assert (status, answered["access-control-allow-origin"]) == (200, "https://app.example.com")
    with crm.next_state("ready"):
        crm.save("app_config.yaml", config)


def test_a_page_cannot_fill_the_terminal(crm: Developed) -> None:
    shown = Display(crm.session)
    for number in range(100):
        ask(crm, Origin=f"https://{number}.evil.example")
    events = [event for event in crm.session.events.since(0) if event.kind == "stranger"]
    assert len([line for event in events for line in shown.lines(event)]) == 30


SUBPROCESS = (
    PROBE_ROUTE
    + """
import subprocess
import sys

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
"""
)


def test_nothing_outlives_a_command_that_is_killed(developer: Stacksync, programs: StandIns) -> None:
    programs.add("ngrok", f"signal.signal(signal.SIGINT, signal.SIG_IGN)\n{FOREVER}")
    (developer.cwd / ROUTE).parent.mkdir(parents=True)
    (developer.cwd / ROUTE).write_text(SUBPROCESS)
    with started(developer, "--port", "0", "--tunnel", "--studio-port", "0") as run:
        run.wait_for("ready in")
        poll(lambda: programs.calls("ngrok"))
        assert len(run.left()) >= 4  # the command, the connector, what it started, and the tunnel

        run.process.send_signal(signal.SIGKILL)
        run.process.wait()
        poll(lambda: run.left() == [])
