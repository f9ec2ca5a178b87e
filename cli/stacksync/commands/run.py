"""`stacksync run`: any program, with the connector's environment."""

from pathlib import Path
from typing import Annotated

import typer

from stacksync.terminal import progress

EXAMPLE = "Example: stacksync run -- pytest -k greets"


def run(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="The program, and what is passed to it.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what COMMAND says.")] = False,
) -> None:
    """Run COMMAND in the environment of the current connector.

    It is as if the connector's .venv were activated: its programs are found first. A missing .venv is made from
    requirements-dev.txt, and one without the program is completed from it. The exit code is the command's.
    """
    from stacksync.connector import find_connector
    from stacksync.dev.environment.activation import become
    from stacksync.dev.environment.installation import provide_tools

    connector = find_connector()
    with progress(quiet=quiet, err=True) as tell:
        interpreter = provide_tools(connector.root, tell, _tool(command))
    raise typer.Exit(become(interpreter, command, Path.cwd()))


def _tool(command: list[str]) -> str:
    """Return the package that a command most likely needs: of `python -m pytest` that is pytest."""
    is_module = command[0] in ("python", "python3") and command[1:2] == ["-m"] and len(command) > 2
    return command[2] if is_module else Path(command[0]).name
