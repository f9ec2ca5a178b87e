"""`stacksync dev` with Docker, a tunnel and a browser, for which programs stand in."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stacksync.dev.processes.child import child
from tests.conftest import Stacksync
from tests.dev.running_command import started
from tests.dev.stand_ins import FOREVER, StandIns
from tests.polling import poll

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")

QUICK = ("--port", "0", "--no-studio")


def test_docker_runs_it_too(developer: Stacksync, programs: StandIns) -> None:
    answers = "BaseHTTPRequestHandler.do_GET = lambda self: self.send_error(404)"
    serves = "HTTPServer(('127.0.0.1', int(os.environ['PORT'])), BaseHTTPRequestHandler).serve_forever()"
    programs.add(
        "docker",
        f"from http.server import *\nif 'version' in sys.argv: sys.exit()\n{answers}\n"
        f"print('connector-1  | from within', flush=True)\n{serves}",
    )

    with started(developer, *QUICK, "--build") as run:
        run.wait_for(r"^Crm  with Docker; Ctrl-C ends it$")
        run.wait_for(r"^[\d:]+  \| from within$")
        run.wait_for(r"  ready in \d")
        assert run.end() == 130

    assert programs.calls("docker")[1]["arguments"][3:] == ["up", "--build", "connector"]
    assert programs.calls("docker")[-1] == {"signal": signal.SIGINT}


def test_docker_that_fails_ends_the_command(developer: Stacksync, programs: StandIns) -> None:
    programs.add("docker", "if 'version' in sys.argv: sys.exit()\nprint('no such image')\nsys.exit(18)")

    done = developer("dev", *QUICK, "--docker")

    assert done.returncode == 1
    assert "  | no such image\n" in done.stdout
    assert done.stderr == "Error: The connector has stopped: docker compose ended with exit code 18.\n"


def test_docker_is_stopped_though_the_command_is_killed(developer: Stacksync, programs: StandIns) -> None:
    programs.add("docker", f"if 'version' in sys.argv: sys.exit()\nprint('up', flush=True)\n{FOREVER}")

    with started(developer, *QUICK, "--docker") as run:
        run.wait_for(r"^[\d:]+  \| up$")
        run.process.kill()
        run.process.wait()
        poll(lambda: run.left() == [])

    assert programs.calls("docker")[-1] == {"signal": signal.SIGINT}


def test_without_docker_nothing_is_begun(developer: Stacksync, tmp_path: Path) -> None:
    done = developer("dev", "--docker", PATH=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith("Error: docker was not found.\nTIP: ")
    assert done.stderr.endswith("stacksync dev alone runs the connector without Docker\n")


def test_a_tunnel_makes_it_public_and_its_end_is_told(developer: Stacksync, programs: StandIns) -> None:
    opened = json.dumps({"msg": "started tunnel", "url": "https://abc.ngrok-free.app"})
    programs.add(
        "ngrok",
        f"print({opened!r}, flush=True)\nwhile not os.path.exists('end'): time.sleep(0.02)\nprint('ERROR: cut off')",
    )

    with started(developer, *QUICK, "--tunnel") as run:
        run.wait_for(r"^  public +https://abc\.ngrok-free\.app  paste it into Developer Studio")
        (developer.cwd / "end").touch()
        run.wait_for(r"  no public address  ngrok ended: cut off$")
        assert run.get("/health") == 200
        assert run.end() == 130


def test_a_tunnel_ends_with_the_command(developer: Stacksync, programs: StandIns) -> None:
    programs.add("ngrok", f"print('{{}}', flush=True)\n{FOREVER}")

    with started(developer, *QUICK, "--tunnel") as run:
        run.wait_for("ready in")
        assert run.end() == 130


def test_the_browser_is_opened_when_asked_to(developer: Stacksync, programs: StandIns) -> None:
    programs.add("browser", "")

    with started(developer, *QUICK, "--open", BROWSER=f"{programs.path}/browser %s") as run:
        opened = poll(lambda: programs.calls("browser"))
        assert opened[0]["arguments"] == [run.address]
        run.wait_for("ready in")
        assert run.end() == 130


DESERTER = """
import signal, subprocess, sys
stubborn = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""


def test_what_a_program_did_not_wait_for_ends_with_it(tmp_path: Path) -> None:
    with child([sys.executable, "-c", DESERTER], tmp_path) as process:
        assert process.stdout
        with process.stdout as said:
            deserted = int(said.readline())

    poll(lambda: has_ended(deserted))


def has_ended(number: int) -> bool:
    """Say whether a process runs no longer; whoever should have waited for it may not have yet."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(number)], capture_output=True, text=True, check=False)
    return done.stdout.strip()[:1] in ("", "Z")
