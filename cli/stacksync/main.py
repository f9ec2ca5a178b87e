"""Where the command starts, and the only place where an error becomes a message and an exit code."""

import gc
import os
import sys

from stacksync import __version__, interrupts
from stacksync.errors import StacksyncError
from stacksync.terminal import say


def main() -> None:
    """Run the command line and exit."""
    gc.disable()  # one short run: looking for garbage takes longer than it frees
    interrupts.install()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is no reason to fail
    code = run(sys.argv[1:])
    # Under `python -m`, CPython dies of SIGINT, whatever the exit code, when Ctrl-C came while a text was executed, as
    # dataclasses do, and that was the last one (run_eval_code_obj in Python/pythonrun.c).
    exec("")
    gc.freeze()  # nor is there anything worth finding at exit
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        return _invoke(arguments)
    except StacksyncError as error:
        return _fail(str(error), error.tip, error.exit_code)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _close_pipe()
    except OSError as error:
        return _fail(f"{error.filename or 'stacksync'}: {error.strerror or error}.")
    except Exception as error:
        if os.environ.get("STACKSYNC_DEBUG") == "1":
            raise
        tip = f"run it again with STACKSYNC_DEBUG=1 and report what it prints (stacksync {__version__})"
        return _fail(f"This is a bug in stacksync: {type(error).__name__}: {error}", tip)


def _invoke(arguments: list[str]) -> int:
    # Loaded here, so that Ctrl-C while they load ends quietly too.
    from typer.main import get_command

    from stacksync.app import app
    from stacksync.usage import UsageFault, explain

    try:
        code = get_command(app)(arguments or ["--help"], prog_name="stacksync", standalone_mode=False)
        return code or 0 if arguments else 2
    except UsageFault as fault:
        raise explain(fault, arguments) from None
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    finally:
        sys.stdout.flush()


def _fail(message: str, tip: str = "", code: int = 1) -> int:
    say(f"Error: {message}" + (f"\nTIP: {tip}" if tip else ""), err=True)
    return code


def _close_pipe() -> int:
    """Nobody reads on: say no more, not even what Python would flush at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
