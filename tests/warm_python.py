"""A Python that has loaded what everything needs, and runs each command in a fork of itself.

Nine tenths of what a short command costs is loading packages. A run in pytest's own process would save that too, but
share its environment, folder, streams and copy of stacksync; a fork has its own of all four, and an exit code.
It ends as mypy does, without taking apart what it has loaded, which would take twice as long as a short command.
Where the system cannot fork, or for other settings of Python, each run is a process begun anew.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

# Packages of others that read nothing of their surroundings when they are loaded; but plumbum, which Copier uses, does.
LOADED: tuple[str, ...] = (
    "copier",
    "dunamai",
    "flask",
    "importlib.metadata",
    "jinja2.sandbox",
    "jsonschema",
    "packaging.requirements",
)
LOADED += ("pathspec", "pydantic", "pytest", "questionary", "regex", "rich.console", "typer.main", "yaml")
# And of ours, for a copy of stacksync that stays as it is: what commands load late. Each takes a tenth of a second.
OURS = tuple(
    f"stacksync.{name}"
    for name in (
        *("answers_file", "app", "creation", "dev.environment.installation", "inspection.fixing", "main", "naming"),
        *("inspection.inspection", "inspection.selection", "modules.adding", "modules.copying", "modules.listing"),
        *("modules.removing", "reports.machine", "reports.text", "template", "updates.drift", "updates.reports"),
        *("updates.rehearsal", "usage"),
    )
)
_steady = {str(Path(__file__).parents[1] / "cli")}


@dataclass(frozen=True)
class Limits:
    """What a run may use.

    Args:
        memory: Bytes, where the system can fork; 0 for any number.
        seconds: After which it is killed; 0 for never.
    """

    memory: int = 0
    seconds: int = 0


UNLIMITED = Limits()


def keep(folder: Path) -> None:
    """Promise that the code in a folder, which runs have as their PYTHONPATH, stays as it is."""
    _steady.add(str(folder))


def run(
    module: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], limits: Limits = UNLIMITED
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m MODULE` to the end, with no terminal, and return what it said.

    Args:
        module: What to run.
        arguments: What follows it.
        cwd: Where.
        environment: The whole of it; of PYTHONPATH only what is to go before what is installed, and a folder with a
            sitecustomize.py before that.
        limits: What it may use.
    """
    command = [sys.executable, "-m", module, *arguments]
    environment = dict(environment)
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        if hasattr(os, "fork"):
            path = environment.get("PYTHONPATH", "").split(os.pathsep)[-1]
            server = _fork_server(_settings(environment), path if path in _steady and module == "stacksync" else "")
            wanted = {"command": command[2:], "cwd": str(cwd), "environment": environment, **asdict(limits)}
            code = server.run(wanted, (said.fileno(), complained.fileno()))
        else:
            patience, nothing = limits.seconds or None, subprocess.DEVNULL
            process = subprocess.Popen(command, cwd=cwd, env=environment, stdin=nothing, stdout=said, stderr=complained)
            code = process.wait(patience)
        texts = [_read(said.fileno()), _read(complained.fileno())]
    return subprocess.CompletedProcess(command, code, *texts)


def _settings(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what Python reads when it starts, before it can be told otherwise."""
    names = (name for name in environment if name.startswith(("PYTHON", "LANG", "LC_")) and name != "PYTHONPATH")
    return tuple((name, environment[name]) for name in sorted(names))


def _read(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), encoding="utf-8") as text:  # with line breaks as subprocess gives them
        return text.read()


class _ForkServer:
    """A process that has loaded the packages and waits to be asked."""

    def __init__(self, settings: Mapping[str, str], path: str) -> None:
        self._channel, theirs = socket.socketpair()
        self._answers = self._channel.makefile("r")
        self._turn = Lock()
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno()), path, *LOADED, *(OURS if path else ())]
            environment = {"PATH": os.environ["PATH"], **settings}
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        atexit.register(self._end)

    def run(self, wanted: Mapping[str, Any], streams: tuple[int, int]) -> int:
        with self._turn:
            socket.send_fds(self._channel, [b"\n"], streams)
            self._channel.sendall(json.dumps(wanted).encode() + b"\n")
            return int(self._answers.readline())

    def _end(self) -> None:
        self._answers.close()
        self._channel.close()
        self._process.wait()


@cache
def _fork_server(settings: tuple[tuple[str, str], ...], path: str) -> _ForkServer:
    return _ForkServer(dict(settings), path)


def _serve(channel: socket.socket) -> None:
    """Fork for each run that is asked for, and answer with its exit code. Return in each fork."""
    with channel, channel.makefile("r") as asked:
        while True:
            _, streams, *_ = socket.recv_fds(channel, 1, 2)
            if not streams:  # the tests are done
                sys.exit()
            wanted = json.loads(asked.readline())
            fork = os.fork()
            if not fork:
                _become(streams=streams, **wanted)
                return
            for each in streams:
                os.close(each)
            code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
            channel.sendall(b"%d\n" % code)


def _become(
    command: list[str], cwd: str, environment: dict[str, str], memory: int, seconds: int, streams: list[int]
) -> None:
    """Make a fork what a Python begun anew would be."""
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.alarm(seconds)
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    added = [each for each in environment.get("PYTHONPATH", "").split(os.pathsep) if each]
    sys.path[:1] = [str(Path.cwd()), *added]  # as `python -m` has it
    sys.argv = command
    _renew_plumbum()
    if added and (custom := Path(added[0], "sitecustomize.py")).exists():
        runpy.run_path(str(custom))


def _run(module: str) -> int:
    """Run a module as `python -m` does, up to where Python takes itself apart, and return the exit code."""
    code: object = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001  # whatever a Python begun anew would end with
        traceback.print_exc()
        code = 1
    if not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _renew_plumbum() -> None:
    """Let it have the environment of the fork."""
    local = sys.modules["plumbum.machines.local"]
    local.LocalMachine.env = local.LocalEnv()


if __name__ == "__main__":
    import gc
    import resource  # which Windows lacks, as it lacks forks
    import runpy
    import threading
    import traceback

    sys.path[0] = sys.argv[2] or sys.path[0]
    for package in sys.argv[3:]:
        __import__(package)
    gc.freeze()  # or the first search for garbage in each fork writes to, and so copies, all of it
    _serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(_run(sys.argv[0]))
