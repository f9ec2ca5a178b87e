"""A Python that has loaded what everything needs, and runs each command in a fork of itself.

Nine tenths of what a short command costs is loading packages. A run in pytest's own process would save that too, but
share its environment, folder, streams and copy of stacksync; a fork has its own of all four, and an exit code.
Where the system cannot fork, or for other settings of Python, each run is a process begun anew.

For a copy of stacksync that stays as it is, a fork loads that copy, renders its template once, and is forked from in
its turn: what each run has of that are the texts that Jinja has compiled, a third of what a render costs. Plain Copier
has them of a render of its own: it is never in one process with stacksync.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

if TYPE_CHECKING:
    import jinja2

# Packages of others that read nothing of their surroundings when they are loaded; but plumbum, which Copier uses, does.
LOADED: tuple[str, ...] = (
    *("copier", "copier._cli", "dunamai", "encodings.unicode_escape", "encodings.utf_8_sig", "flask"),
    *("importlib.metadata", "jinja2.sandbox", "jinja2_ansible_filters", "jsonschema", "packaging.requirements"),
    *("pathspec", "pydantic", "pytest", "questionary", "regex", "rich.console"),
    *("typer.main", "yaml"),
)
# And of ours, for a copy of stacksync that stays as it is: what commands load late. Each takes a tenth of a second.
OURS = tuple(
    f"stacksync.{name}"
    for name in (
        *("adopt.adopting", "adopt.reports", "answers_file", "app", "comparison.comparing", "creation"),
        *("dev.environment.installation", "inspection.fixing", "invocation.invoking", "main", "naming"),
        *("readiness", "studio.connections.connecting"),
        *("inspection.inspection", "inspection.selection", "modules.adding", "modules.copying", "modules.listing"),
        *("openapi.again", "openapi.importing", "reports.api_drift"),
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
            settings = _settings(environment)
            server = _branch(settings, path) if path in _steady and module == "stacksync" else _fork_server(settings)
            wanted = {"command": command[2:], "cwd": str(cwd), "environment": environment, **asdict(limits)}
            wanted["template"] = _template() if module == "copier" else None
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


def _template() -> str | None:
    """Return a template that stays as it is, and is in no repository, which would be asked for releases."""
    found = (Path(path).parent for path in sorted(_steady) if Path(path, "../copier.yml").exists())
    return next((str(root) for root in found if not (root / ".git").exists()), None)


class _ForkServer:
    """A process that has loaded the packages and waits to be asked."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._answers = channel.makefile("r")
        self._turn = Lock()
        atexit.register(self._end)

    def run(self, wanted: Mapping[str, Any], streams: Sequence[int]) -> int:
        with self._turn:
            socket.send_fds(self._channel, [b"\n"], streams)
            self._channel.sendall(json.dumps(wanted).encode() + b"\n")
            return int(self._answers.readline())

    def _end(self) -> None:
        self._answers.close()
        self._channel.close()


@cache
def _fork_server(settings: tuple[tuple[str, str], ...]) -> _ForkServer:
    """Return one for these settings of Python."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, __file__, str(theirs.fileno()), *LOADED]
        environment = {"PATH": os.environ["PATH"], **dict(settings)}
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(command, env=environment, stdin=nothing, pass_fds=[theirs.fileno()])
    atexit.register(process.wait)
    return _ForkServer(ours)


@cache
def _branch(settings: tuple[tuple[str, str], ...], path: str) -> _ForkServer:
    """Return a fork of that one, which has loaded a copy of stacksync too."""
    ours, theirs = socket.socketpair()
    with theirs:
        _fork_server(settings).run({"branch": path}, [theirs.fileno()])
    return _ForkServer(ours)


def _serve(channel: socket.socket) -> None:
    """Fork for each run that is asked for, and answer with its exit code. Return in each fork."""
    branches: list[int] = []
    while True:
        with channel, channel.makefile("r") as asked:
            branch = _serve_here(channel, asked, branches)
        if branch is None:
            return
        channel, branches = branch, []


def _serve_here(channel: socket.socket, asked: TextIO, branches: list[int]) -> socket.socket | None:
    """Return in each fork: in one that is to serve another copy of stacksync with the channel for that."""
    while True:
        _, received, *_ = socket.recv_fds(channel, 1, 2)
        if not received:  # the tests are done
            for branch in branches:
                os.waitpid(branch, 0)
            sys.exit()
        wanted = json.loads(asked.readline())
        template = wanted.pop("template", None)
        if template:
            _render_once(template)
        gc.freeze()  # so that forks need not copy what they only look at
        fork = os.fork()
        if not fork and "branch" in wanted:
            _load(wanted["branch"])
            return socket.socket(fileno=received[0])
        if not fork:
            _become(streams=received, **wanted)
            return None
        for each in received:
            os.close(each)
        if "branch" in wanted:
            branches.append(fork)
            channel.sendall(b"0\n")
            continue
        code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
        channel.sendall(b"%d\n" % code)


def _load(path: str) -> None:
    """Load a copy of stacksync, and have it render its template, if there is one beside it."""
    sys.path[0] = path
    for module in OURS:
        __import__(module)
    root = Path(path).parent
    if (root / "copier.yml").exists():
        from stacksync.source import TemplateSource
        from stacksync.template import render

        with tempfile.TemporaryDirectory() as folder:
            render(TemplateSource(root, None, None), Path(folder, "crm"), {})


@cache
def _render_once(template: str) -> None:
    """Have Copier render a template, and Jinja keep what it compiles: the same texts in each render of a release."""
    jinja2.Environment.compile = _compiling_once(jinja2.Environment.compile)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder, plumbum.local.env(PATH=""):  # and no git for each file
        copier.run_copy(template, folder, defaults=True, quiet=True)


def _compiling_once(compile_anew: Callable[..., Any]) -> Callable[..., Any]:
    codes: dict[tuple[object, ...], Any] = {}

    def compiled(environment: "jinja2.Environment", source: Any, *options: Any, **named: Any) -> Any:
        if named or not isinstance(source, str):
            return compile_anew(environment, source, *options, **named)

        environment.preprocess(source)  # by which Copier forgets the last `yield`
        key = type(environment), *sorted(environment.extensions), environment.lexer, source, options
        if key not in codes:
            codes[key] = compile_anew(environment, source, *options)
        return codes[key]

    return compiled


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


def _renew_plumbum() -> None:
    """Let it have the environment of the fork."""
    local = sys.modules["plumbum.machines.local"]
    local.LocalMachine.env = local.LocalEnv()


def _end(code: int) -> NoReturn:
    """End as Python does, but leave what the server has loaded as it is: to take it apart takes longer than most runs.

    What the run itself has left is collected: what it should have closed is told.
    """
    vars(threading)["_shutdown"]()
    atexit._run_exitfuncs()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    import resource  # which Windows lacks, as it lacks forks
    import runpy

    for package in sys.argv[2:]:
        __import__(package)
    import copier
    import jinja2
    import plumbum

    _serve(socket.socket(fileno=int(sys.argv[1])))
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        _end(0)
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        _end(ended.code or 0)
