"""`stacksync test`: a connector's tests, in its own environment."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stacksync import completion
from stacksync.terminal import progress

if TYPE_CHECKING:
    from stacksync.connector import Connector

EXAMPLE = "Example: stacksync test get_contacts"

# Run by its path: it imports nothing of this command.
_MODULE_TESTS = Path(__file__).parents[1] / "dev" / "runner" / "module_tests.py"


def run_tests(
    module: Annotated[
        str | None,
        typer.Argument(
            metavar="MODULE",
            autocompletion=completion.module_names,
            help="Only what is about this module; by default everything.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print less.")] = False,
) -> None:
    """Run the tests of the current connector with pytest.

    They run with the connector's .venv, which is made or completed from requirements-dev.txt if need be. With MODULE:
    the tests in its folder, and its cases of the tests for all modules, such as its examples. The exit code is
    pytest's. For its options: stacksync run -- pytest -k name
    """
    from stacksync.connector import find_connector
    from stacksync.dev.environment.activation import become
    from stacksync.dev.environment.installation import provide_pytest

    connector = find_connector()
    tests = _tests(connector, module) if module else ["-m", "pytest"]
    with progress(quiet=quiet, err=True) as tell:
        interpreter = provide_pytest(connector.root, tell)
    code = become(interpreter, ["python", *tests, *(["-q"] if quiet else [])], connector.root)
    raise typer.Exit(code)


def _tests(connector: "Connector", module: str) -> list[str]:
    from stacksync.modules.copying import versions_of

    folder = versions_of(connector, module)[0].path.parent
    shared = ["tests"] if (connector.root / "tests").is_dir() else []
    return [str(_MODULE_TESTS), module, str(folder), *shared, connector.relative(folder)]
