"""A port in use: who has it, and what happens then."""

import os
import re
import sys

import pytest

from tests.conftest import Stacksync
from tests.dev.running_command import in_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing on Windows")


def set_port(developer: Stacksync, port: int) -> None:
    file = developer.cwd / "app_config.yaml"
    file.write_text(re.sub(r"^  port: \d+$", f"  port: {port}", file.read_text("utf-8"), flags=re.M), "utf-8")


@pytest.mark.parametrize("named", [True, False])
def test_a_port_in_use_is_told_with_its_owner(developer: Stacksync, taken: int, named: bool) -> None:
    set_port(developer, taken)

    done = developer("dev", *(["--port", str(taken)] if named else []))

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Port {taken} is in use")
    if sys.platform == "linux":
        assert f"(pid {os.getpid()})" in done.stderr
    assert re.search(r"\nTIP: stop that, or take the next free one: --port \d+\n$", done.stderr)


def test_a_studio_port_in_use_is_told(developer: Stacksync, taken: int) -> None:
    done = developer("dev", "--port", "0", "--studio-port", str(taken))

    assert done.returncode == 1
    assert f"Error: Port {taken} is in use" in done.stderr
    assert "take the next free one: --studio-port " in done.stderr


@pytest.mark.parametrize("keys, code", [("\r", 130), ("n\r", 1), ("\x04", 1), ("\x03", 130)])
def test_the_next_port_is_offered(developer: Stacksync, taken: int, keys: str, code: int) -> None:
    file = developer.cwd / "app_config.yaml"
    file.write_text(re.sub(r"^  port: \d+$", f"  port: {taken}", file.read_text("utf-8"), flags=re.M), "utf-8")

    with in_terminal(developer, "--no-studio", NO_COLOR="1") as run:
        offered = run.wait_for(rf"^Port {taken} is in use.* Use (\d+)\? \[Y/n\] ")[1]
        run.type(keys)
        if keys == "\r":
            assert run.address == f"http://127.0.0.1:{offered}"
            run.wait_for("ready in")
            run.type("\x03")
        assert run.wait() == code

    assert ("TIP: stop that, or take the next free one: --port" in run.said) == (code == 1)
    assert "Traceback" not in run.said


def test_a_port_in_use_is_told_before_anything_is_installed(developer: Stacksync, taken: int) -> None:
    del developer.environment["VIRTUAL_ENV"]

    done = developer("dev", "--port", str(taken))
    studio = developer("dev", "--port", "0", "--studio-port", str(taken))

    assert (done.returncode, done.stdout) == (studio.returncode, studio.stdout) == (1, "")
    assert "ResourceWarning" not in done.stderr + studio.stderr
    assert not (developer.cwd / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "65536", "x", "9" * 5000, "-1"])
def test_a_port_of_the_environment_that_is_none_is_told(developer: Stacksync, port: str) -> None:
    done = developer("dev", PORT=port)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: PORT is {port!r} in the environment or in .env.\nTIP: write a number from 1 to 65535.\n"
    )


def test_the_port_of_the_environment_goes_before_that_of_the_file(developer: Stacksync, taken: int) -> None:
    done = developer("dev", PORT=str(taken))

    assert done.stderr.startswith(f"Error: Port {taken} is in use")
