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
        yield process
    finally:
        _end(process, patience)


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


def _end(process: "subprocess.Popen[str]", patience: float) -> None:
    """Ask as Ctrl-C in a terminal does, which every such program knows; insist when that takes too long."""
    if process.poll() is None:
        _signal(process, insist=False)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            _signal(process, insist=True)
            process.wait()


def _signal(process: "subprocess.Popen[str]", *, insist: bool) -> None:
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.send_signal(signal.SIGTERM if insist else signal.CTRL_BREAK_EVENT)
        else:
            # The whole group: `docker` passes no signal on to `docker compose` (docker/compose issue 10898).
            os.killpg(process.pid, signal.SIGKILL if insist else signal.SIGINT)
