"""Is this machine ready to make and run connectors? Each check is one line, and says what to do."""

import os
import shutil
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from stacksync import shell
from stacksync.connector import Connector
from stacksync.dev.environment.interpreter import OLDEST
from stacksync.dev.ports.choosing import STUDIO_PORT
from stacksync.dev.ports.listening import configured_port, listen
from stacksync.errors import StacksyncError
from stacksync.git.command import ask

State = Literal["ok", "note", "error"]

_LOCAL_BIN = Path("~/.local/bin")
_GIT = "https://git-scm.com/downloads"
_DOCKER = "https://docs.docker.com/get-docker/"


@dataclass(frozen=True)
class Check:
    """What was looked at.

    Args:
        name: One word for it.
        state: An error keeps `new` or `dev` from working; a note does not.
        found: What there is.
        todo: What to do about it.
    """

    name: str
    state: State
    found: str
    todo: str = ""


def examine(connector: Connector | None) -> list[Check]:
    """Look at everything; of the connector, if there is one, at its port."""
    return [_python(), _git(), _connector_port(connector), _studio_port(), _identity(), _docker(), _browser(), *_path()]


# --- what `new` and `dev` need -------------------------------------------------------------------


def _python() -> Check:
    """Look at the Python that runs this: `dev` makes a connector's .venv with it."""
    found = f"Python {sys.version.split()[0]} at {sys.executable}"
    oldest = ".".join(map(str, OLDEST))
    if sys.version_info < OLDEST:
        return Check("python", "error", found, f"install Python {oldest} or newer, and stacksync with it")
    if not (find_spec("venv") and find_spec("ensurepip")):
        lacking = f"{found} cannot make virtual environments"
        return Check("python", "error", lacking, "on Debian and Ubuntu: apt install python3-venv")

    return Check("python", "ok", found)


def _git() -> Check:
    version = ask(Path.cwd(), "version")
    if version is None:
        return Check("git", "error", "git was not found", f"install it: {_GIT}")

    return Check("git", "ok", version)


def _connector_port(connector: Connector | None) -> Check:
    try:
        port = configured_port(connector or Connector(Path.cwd()))
        free = _free_near(port)
    except StacksyncError as error:
        return Check("port", "error", str(error).rstrip("."), error.tip)
    if free[0] != port:
        todo = f"stop that, or run: {shell.this_command()} dev --port {free[0]}"
        return Check("port", "error", f"port {port}, of the connector, is in use{free[1]}", todo)

    return Check("port", "ok", f"port {port}, of the connector, is free")


def _studio_port() -> Check:
    try:
        free = _free_near(STUDIO_PORT)
    except StacksyncError as error:
        return Check("studio_port", "error", str(error).rstrip("."), error.tip)
    if free[0] != STUDIO_PORT:
        return Check("studio_port", "note", f"port {STUDIO_PORT} is in use{free[1]}", f"Studio will be at {free[0]}")

    return Check("studio_port", "ok", f"port {STUDIO_PORT}, of Studio, is free")


def _free_near(port: int) -> tuple[int, str]:
    """Return the first free port from this one on, and by whom this one is used."""
    listener = listen(port)
    with listener.socket:
        return listener.port, f" by {listener.owner}" if listener.owner else ""


# --- what is good to have ------------------------------------------------------------------------


def _identity() -> Check:
    lacking = [key for key in ("user.name", "user.email") if not ask(Path.cwd(), "config", "--get", key)]
    if not lacking:
        return Check("identity", "ok", "git knows your name and address")

    commands = {"user.name": 'git config --global user.name "Your Name"'}
    commands |= {"user.email": "git config --global user.email you@example.com"}
    todo = "; ".join(commands[key] for key in lacking)
    return Check("identity", "note", f"git has no {' and no '.join(lacking)}, which commits need", todo)


def _docker() -> Check:
    found = shutil.which("docker")
    if found:
        return Check("docker", "ok", f"docker at {found}")

    return Check("docker", "note", "docker was not found; only dev --docker needs it", f"if you want it: {_DOCKER}")


def _browser() -> Check:
    with suppress(webbrowser.Error):
        return Check("browser", "ok", f"a browser for dev --open: {_name_of(webbrowser.get())}")

    return Check("browser", "note", "no browser was found for dev --open", "open the address that dev shows yourself")


def _name_of(browser: webbrowser.BaseBrowser) -> str:
    return str(getattr(browser, "name", "") or "the system's own")


# --- the path ------------------------------------------------------------------------------------


def _path() -> Iterator[Check]:
    """Look for this command and others of its name on the path; none is started."""
    found = [(program, shell.is_ours(program)) for program in shell.programs()]
    others = [str(program) for program, ours in found if not ours]
    if not any(ours for _, ours in found):
        yield Check("command", "note", "this stacksync is not on your PATH", _how_to_reach())
    elif found[0][1]:
        yield Check("command", "ok", f"stacksync on your PATH is this one: {found[0][0]}")
    if others:
        first = "" if found[0][1] else ", and comes before this one"
        text = f"another program named stacksync is on your PATH{first}: {', '.join(dict.fromkeys(others))}"
        reach = "" if found[0][1] else f"this one is: {shell.this_command()}"
        yield Check("other", "note", text, reach or "start that one by its path")


def _how_to_reach() -> str:
    local = _LOCAL_BIN.expanduser() / shell.NAME
    if local.exists() and shell.is_ours(local) and os.name != "nt":
        return f'add this to your shell\'s profile: export PATH="$HOME/.local/bin:$PATH"; until then: {local}'
    return f"type: {shell.this_command()}"
