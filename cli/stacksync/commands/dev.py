"""`stacksync dev`: run a connector while it is developed."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync.shared_options import Quiet
from stacksync.terminal import folded, progress, say, writer

if TYPE_CHECKING:
    from stacksync.dev.environment.interpreter import Interpreter
    from stacksync.dev.events import Event
    from stacksync.dev.running import Plan
    from stacksync.dev.session import DevSession

EXAMPLE = "Example: stacksync dev --open"


def dev(
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, metavar="N", help="Port of the connector; by default that of app_config.yaml."),
    ] = None,
    studio_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, metavar="N", help="Port of Studio; by default 2100, or the next free one."),
    ] = None,
    no_studio: Annotated[bool, typer.Option("--no-studio", help="Do not serve Studio.")] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open Studio in the browser.")] = False,
    stand_in: Annotated[
        bool, typer.Option("--stand-in", help="Call the API that tests/stand_in.py declares, not the real one.")
    ] = False,
    docker: Annotated[bool, typer.Option("--docker", help="Run the connector in Docker, as run_dev.sh does.")] = False,
    build: Annotated[bool, typer.Option("--build", help="Like --docker, but rebuild the image first.")] = False,
    tunnel: Annotated[bool, typer.Option("--tunnel", help="Open a public address with ngrok or cloudflared.")] = False,
    quiet: Quiet = False,
) -> None:
    """Run the current connector on this machine, until Ctrl-C.

    What you save is served at once. It runs with its .venv, else with the active virtual environment, else with a .venv
    that is made from requirements.txt; .env is read. Studio is a page with every form, to try the modules in. Port 0
    is any free one. With --stand-in no account is needed: connections hold made-up credentials. On a terminal, h and
    Enter shows the keys: they open Studio, restart, run the tests and quit.
    """
    # Loaded here: `stacksync --help` needs none of it.
    from stacksync.connector import find_connector
    from stacksync.dev.docker import require_docker
    from stacksync.dev.ports import choosing as ports
    from stacksync.dev.running import Plan, running
    from stacksync.dev.tunnel import find_program
    from stacksync.errors import UsageError
    from stacksync.stand_in import stand_in_variables

    in_docker = docker or build
    if no_studio and studio_port is not None:
        raise UsageError("--no-studio and --studio-port cannot be used together.", "use one of them")
    if stand_in and in_docker:
        # gunicorn serves in the container, where the runtime takes no stand-in.
        raise UsageError("--stand-in and --docker cannot be used together.", "use one of them")

    connector = find_connector()
    if stand_in:
        os.environ.update(stand_in_variables(connector))  # the connector's process inherits them
    program = find_program() if tunnel else None
    if in_docker:
        require_docker(connector)
    with ExitStack() as opened:
        # Before anything is installed: that takes a minute, and a port in use would waste it.
        listener = ports.listen_for_connector(connector, port, None if quiet or not _is_terminal() else _ask)
        opened.enter_context(listener.socket)
        studio = None if no_studio else ports.listen_for_studio(studio_port)
        if studio:
            opened.enter_context(studio.socket)
        interpreter = None if in_docker else _interpreter(connector.root, quiet)
        plan = Plan(connector, listener, interpreter, build, studio, program)
        with running(plan) as session:
            _show(plan, session, quiet, open_page)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(question: str) -> bool:
    say(f"{question} [Y/n] ", end="", err=True)
    answer = sys.stdin.readline()
    return answer.strip().lower() in ("", "y", "yes") and answer != ""


def _interpreter(root: Path, quiet: bool) -> "Interpreter":
    from stacksync.dev.environment.installation import provide_interpreter

    with progress(quiet=quiet) as tell:
        interpreter, lacking = provide_interpreter(root, tell)
    if lacking:
        say(f"warning: {interpreter.lacks(lacking, root=root)}", err=True)
    return interpreter


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        say(f"found no browser: open {address}", err=True)


def _show(plan: "Plan", session: "DevSession", quiet: bool, open_page: bool) -> None:
    """Show what happens, and do what is typed, until somebody quits."""
    from stacksync.dev.own_tests import OwnTests
    from stacksync.dev.running import follow

    tests = OwnTests(session)
    with closing(tests):
        show = _shower(plan, session, quiet)
        actions: dict[str, Callable[[], object]] = {
            "o": lambda: _open(plan.studio.address if plan.studio else session.address),
            "r": session.restart,
            "t": tests.start,
        }
        for event in follow(session):
            show(event)
            key = event.data["key"].lower() if event.kind == "key" else ""
            if key == "q":
                return
            if key in actions:
                _aside(actions[key])
            if open_page and session.state["state"] in ("ready", "failed"):
                _aside(actions["o"])
                open_page = False


def _aside(action: Callable[[], object]) -> None:
    """Do something that keeps its caller waiting, as some browsers do, in a thread of its own."""
    Thread(target=action, daemon=True).start()


def _shower(plan: "Plan", session: "DevSession", quiet: bool) -> "Callable[[Event], None]":
    """Show the heading, and return what shows an event."""
    from stacksync.dev.display import Display, Line

    size = shutil.get_terminal_size()
    display = Display(session, plan.studio.address if plan.studio else None, size.lines)
    write, width = writer(), size.columns if sys.stdout.isatty() else None

    def show(lines: Iterable[Line]) -> None:
        for line in lines:
            if line.is_error or not quiet:
                *rows, last = folded(line.pieces, width, line.indent) if width and line.is_ours else [line.pieces]
                for row in rows:
                    write(row, line.is_error)
                write(last, line.is_error, line.end)

    served_by = f"{plan.interpreter.shown}, Python {plan.interpreter.version}" if plan.interpreter else "Docker"
    show(display.heading(served_by))
    return lambda event: show(display.lines(event))
