"""Making a connector's .venv with what a requirements file asks for, or nothing at all."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stacksync.dev.environment.interpreter import VENV, Interpreter, find_interpreter
from stacksync.dev.environment.sdk import require_sdk
from stacksync.dev.processes.child import child
from stacksync.errors import StacksyncError
from stacksync.requirements import installed as requirements
from stacksync.requirements.file import DEV_FILE, FILE

# In a .venv while it is being made: what a killed run leaves is not taken for a whole one.
UNFINISHED = "stacksync-unfinished"

# Isolated (-I) from PYTHONPATH and PYTHONWARNINGS, which are meant for the connector.
_PIP = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off", "-r"]
_STEP = re.compile(
    r"\s*(Collecting|Processing|Downloading|Using cached|Building wheel|Installing collected|WARNING: Retry)"
)
# pip names the requirement in these: "No matching distribution found for nosuch==1 (from -r requirements.txt (line 3))"
_NAMED = re.compile(r"(?:distribution found for|the requirement|Invalid requirement:) '?([A-Za-z0-9][\w.-]*)")

Tell = Callable[[str], None]


def provide_interpreter(root: Path, tell: Tell) -> tuple[Interpreter, list[str]]:
    """Return what runs a connector, made where there is none, and the requirements that it does not have.

    Raises:
        StacksyncError: It cannot be made, or the connector does not run with it.
    """
    discard_unfinished(root)
    found = find_interpreter(root)
    require_sdk(root, found)
    interpreter = found or make_environment(root, tell)
    interpreter.require_recent()
    lacking = requirements.missing(root, interpreter.environment)
    if any(requirements.is_flask(Requirement(name)) for name in lacking):
        raise StacksyncError(f"{interpreter.shown} lacks {', '.join(lacking)}.", interpreter.install_command(root=root))
    return interpreter, lacking


def provide_tools(root: Path, tell: Tell, tool: str) -> Interpreter:
    """Return what a connector is developed with, made where there is none.

    An environment that `stacksync dev` made has no tools. They are installed into it when the first one is asked for.

    Args:
        root: The connector's root.
        tell: Is called with each step, for whoever waits.
        tool: The tool that is asked for, by the name of its package.

    Raises:
        StacksyncError: It cannot be made, or the tool cannot be installed.
    """
    discard_unfinished(root)
    file = _tools_file(root)
    interpreter = find_interpreter(root, file) or make_environment(root, tell, file)
    interpreter.require_recent()
    if not _names(requirements.missing(root, interpreter.environment, file), tool):
        return interpreter
    if interpreter.shown != VENV or not interpreter.has_pip:
        raise StacksyncError(f"{interpreter.shown} has no {tool}.", interpreter.install_command(file, root))

    tell(f"Installing {file}")
    _install(interpreter, root, tell, file)
    return Interpreter(interpreter.home, interpreter.shown)  # asked anew what it has


def provide_pytest(root: Path, tell: Tell) -> Interpreter:
    """Return what a connector is tested with, made or completed as `provide_tools` does.

    Raises:
        StacksyncError: It has no pytest, and no file says that it should; or it lacks the SDK that it was written for.
    """
    discard_unfinished(root)
    require_sdk(root, find_interpreter(root, _tools_file(root)))
    interpreter = provide_tools(root, tell, "pytest")
    if "pytest" not in interpreter.environment.installed:
        raise StacksyncError(f"{interpreter.shown} has no pytest.", f"write pytest into {DEV_FILE}, and run it again")

    return interpreter


def _tools_file(root: Path) -> str:
    return DEV_FILE if (root / DEV_FILE).is_file() else FILE


def _names(lacking: list[str], tool: str) -> bool:
    return canonicalize_name(tool) in {canonicalize_name(Requirement(name).name) for name in lacking}


def discard_unfinished(root: Path) -> None:
    """Remove a .venv that an earlier run could not finish."""
    if (root / VENV / UNFINISHED).exists():
        _remove(root / VENV)


def make_environment(root: Path, tell: Tell, file: str = FILE) -> Interpreter:
    """Make .venv with the Python that runs this, and install a requirements file into it.

    Args:
        root: The connector's root.
        tell: Is called with each step, for whoever waits.
        file: The requirements file.

    Raises:
        StacksyncError: It cannot be made, and nothing is left of it.
    """
    if not (root / file).is_file():
        tip = f"write {file}, or make {VENV} yourself with what the connector needs"
        raise StacksyncError(f"There is no {VENV}, and no {file} to make it from.", tip)

    made = Interpreter(root / VENV, VENV)
    with _all_or_nothing(made.home):
        tell(f"Making {VENV} with Python {sys.version.split()[0]}")
        _make(made.home, root)
        tell(f"Installing {file}")
        _install(made, root, tell, file)
    return made


@contextmanager
def _all_or_nothing(folder: Path) -> Iterator[None]:
    # An environment knows its own path, so it cannot be made elsewhere and moved here.
    folder.mkdir()
    try:
        (folder / UNFINISHED).touch()
        yield
        (folder / UNFINISHED).unlink()
    except BaseException:
        _remove(folder)
        raise


def _remove(folder: Path) -> None:
    """Remove a folder, the mark last: whatever interrupts this, the rest is not taken for an environment."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != UNFINISHED:
            entry.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _make(folder: Path, root: Path) -> None:
    try:
        _run([sys.executable, "-I", "-m", "venv", str(folder)], root)
    except subprocess.CalledProcessError as error:
        # On Debian and Ubuntu what `venv` needs is a package of its own.
        lacking = "ensurepip" in error.output or "No module named venv" in error.output
        tip = "on Debian and Ubuntu: apt install python3-venv" if lacking else ""
        raise StacksyncError(f"Python could not make {VENV}: {_last(error.output)}", tip) from None

    (folder / ".gitignore").write_text("*\n", "utf-8")


def _install(made: Interpreter, root: Path, tell: Tell, file: str) -> None:
    command = [str(made.python), *_PIP, file]
    try:
        _run(command, root, lambda line: tell(line.strip()) if _STEP.match(line) else None)
    except subprocess.CalledProcessError as error:
        said = _last(error.output)
        named = _NAMED.search(error.output)
        tip = "is the name right, and the package index reachable? then run the command again"
        place = requirements.place_of(root, named[1], file) if named else file
        raise StacksyncError(f"{place}: pip could not install it: {said}", tip) from None


def _run(command: list[str], root: Path, hear: Callable[[str], object] = lambda line: None) -> str:
    said: list[str] = []
    with child(command, root) as process:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                said.append(line)
                hear(line)
        code = process.wait()

    output = "".join(said)
    if code:
        raise subprocess.CalledProcessError(code, command, output)
    return output


def _last(output: str) -> str:
    """Return the line that says why: the last that is marked as an error, or else the last, as of a traceback."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if re.match(r"ERROR: (?!Exception:)", line)]
    return (errors or lines or ["it says nothing"])[-1]
