"""A program that runs beside this one and never longer: in a group of its own, so that what it starts ends with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 5.0


@contextmanager
def child(
    command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, patience: float = PATIENCE
) -> Iterator["subprocess.Popen[str]"]:
    """Run a program while the block runs, everything it says readable at `stdout`; whoever reads that closes it.

    Args:
        command: The program and its arguments.
        cwd: The folder it works in.
        env: Its environment; ours by default.
        patience: Seconds it has to end when it is asked to.
    """
    process = _start(command, cwd, env)
    try:
        with _watched(process):
            yield process
    finally:
        _end(process, patience)


# Waits until its standard input ends. Without a word before that, whoever held it was killed, and the group goes too:
# it is asked as by Ctrl-C, for the sake of what cleans up behind itself, and made to after a while.
_WATCHDOG = f"""
import os, signal, sys, time
if not sys.stdin.read():
    for number in (signal.SIGINT, signal.SIGKILL):
        os.killpg(int(sys.argv[1]), number)
        time.sleep({PATIENCE})
"""


@contextmanager
def _watched(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Have a program end though this process is killed while the block runs: another one sees to it."""
    if sys.platform == "win32":
        yield
        return

    watchdog = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WATCHDOG, str(process.pid)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watchdog.communicate(b"ended in order")


def _start(command: Sequence[str], cwd: Path, env: Mapping[str, str] | None) -> "subprocess.Popen[str]":
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        creationflags=flags,
    )


def interrupt(process: "subprocess.Popen[str]") -> None:
    """Ask a child to end, as Ctrl-C in a terminal does; whoever waits for it goes on."""
    _signal(process, insist=False)


def _end(process: "subprocess.Popen[str]", patience: float) -> None:
    """Ask as Ctrl-C in a terminal does, which every such program knows; insist when that takes too long."""
    if process.poll() is None:
        _signal(process, insist=False)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        _signal(process, insist=True)  # also what it started, and did not wait for
        process.wait()


def _signal(process: "subprocess.Popen[str]", *, insist: bool) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it has ended; the latter is how macOS says it of a group
        if sys.platform == "win32":
            process.send_signal(signal.SIGTERM if insist else signal.CTRL_BREAK_EVENT)
        else:
            # The whole group: `docker` passes no signal on to `docker compose` (docker/compose issue 10898).
            os.killpg(process.pid, signal.SIGKILL if insist else signal.SIGINT)
