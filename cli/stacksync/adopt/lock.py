"""requirements.lock of an adopted connector: renewed by uv where that is at hand."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from stacksync.requirements.file import LOCK, LOCK_COMMAND, requirement_lines

_PATIENCE = 300.0  # seconds: what is not in its cache comes over the network


def is_current(requirements: str, lock: str) -> bool:
    """Tell whether a lock has what is asked for."""
    pins = {line.name: line for line in requirement_lines(lock)}
    asked = [line for line in requirement_lines(requirements) if line.name]
    return all(line.name in pins and line.allows(pins[line.name]) for line in asked)


def renew(folder: Path, lock: bytes) -> tuple[bytes, str]:
    """Return the lock of other requirements, and why it is still the old one; nothing where it is new.

    Args:
        folder: A copy of the connector, with all its requirements files.
        lock: The lock as it is; what fits of it stays.
    """
    uv = next(_ways_to_uv(), None)
    if uv is None:
        return lock, "uv was not found"

    (folder / LOCK).write_bytes(lock)
    command = [*uv, *LOCK_COMMAND.split()[1:]]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        return lock, f"uv did not finish ({type(error).__name__})"
    if done.returncode:
        return lock, _reason(done.stderr.decode(errors="replace"))

    return (folder / LOCK).read_bytes(), ""


def _ways_to_uv() -> Iterator[list[str]]:
    if shutil.which("uv"):
        yield ["uv"]
    if importlib.util.find_spec("uv"):
        yield [sys.executable, "-m", "uv"]
    if shutil.which("pipx"):
        yield ["pipx", "run", "uv"]


def _reason(said: str) -> str:
    """Return what uv says is wrong: of versions that exclude each other, the last sentence names the two."""
    lines = [line.strip(" ×╰─▶│├?") for line in said.splitlines() if line.strip()]
    return " ".join(lines)[:600] or "uv failed"
