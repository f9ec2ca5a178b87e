"""The command line: one Typer app of all commands."""

from typing import Annotated

import typer

from stacksync import __version__
from stacksync.commands import (
    add_module,
    add_version,
    adopt,
    check,
    connect,
    dev,
    diff,
    doctor,
    import_openapi,
    import_update,
    invoke,
    new,
    remove_module,
    run,
    test,
    update,
)
from stacksync.commands import list as list_
from stacksync.terminal import say

app = typer.Typer(
    name="stacksync",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: loading rich would double the time it takes
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"stacksync {__version__}")
        raise typer.Exit


@app.callback()
def stacksync(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Create, run and update connectors for Stacksync workflows."""


app.command(epilog=new.EXAMPLE)(new.new)
app.command(epilog=adopt.EXAMPLE)(adopt.adopt)
app.command(epilog=add_module.EXAMPLE)(add_module.add_module)
app.command(epilog=add_version.EXAMPLE)(add_version.add_version)
app.command(epilog=remove_module.EXAMPLE)(remove_module.remove_module)
app.command("list", epilog=list_.EXAMPLE)(list_.list_modules)
app.command(epilog=check.EXAMPLE)(check.check)
app.command(epilog=diff.EXAMPLE)(diff.diff)
app.command(epilog=dev.EXAMPLE)(dev.dev)
app.command(epilog=connect.EXAMPLE)(connect.connect)
app.command("invoke", epilog=invoke.EXAMPLE)(invoke.invoke_module)
app.command("test", epilog=test.EXAMPLE)(test.run_tests)
# What follows the program is the program's, its options and --help included.
app.command(epilog=run.EXAMPLE, context_settings={"allow_interspersed_args": False})(run.run)
app.command(epilog=update.EXAMPLE)(update.update)
import_ = typer.Typer(invoke_without_command=True, callback=import_update.import_, rich_markup_mode=None)
import_.command("openapi", epilog=import_openapi.EXAMPLE)(import_openapi.import_openapi)
app.add_typer(import_, name="import", epilog=import_openapi.EXAMPLE)
app.command(epilog=doctor.EXAMPLE)(doctor.doctor)
