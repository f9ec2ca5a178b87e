"""A connector made to be attacked, served by gunicorn, and what the operating system says its workers spent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.operations.conftest import Served, make_connector, serving

PROBE = Path(__file__).parent / "probe"
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# What a test allows for beside the figure that is promised: importing, and machines that are slower than ours.
SPARE = 1.0


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Serve the connector, with one worker, for the tests of a file."""
    with serving() as start:

        def start_probe(switches: dict[str, Any] | None = None, **environment: str) -> Served:
            root = make_connector(tmp_path_factory.mktemp("attacked"), **switches or {})
            shutil.copytree(PROBE, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            return start(root, **{"WEB_CONCURRENCY": "1", **environment})

        yield start_probe


def workers(served: Served) -> list[int]:
    """Return the process ids of the workers."""
    master = served.process.pid
    return [int(child) for child in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def cpu_seconds(served: Served) -> float:
    """Return the CPU time that the workers have used, in the program and in the kernel for it (proc(5), stat)."""
    return sum(_ticks(child) for child in workers(served)) / TICKS


def resident_mb(served: Served, kind: str = "VmRSS") -> float:
    """Return the resident memory of the workers, or with `VmHWM` the most it ever was."""
    return sum(_memory(child, kind) for child in workers(served)) / 1024


@contextmanager
def costing_at_most(served: Served, seconds: float) -> Iterator[None]:
    """Fail when the workers use more CPU time than promised for what the block sends."""
    alive, before = workers(served), cpu_seconds(served)
    yield
    spent = cpu_seconds(served) - before
    assert workers(served) == alive, "a worker was killed"
    assert spent < seconds + SPARE, f"{spent:.2f} s of CPU"


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _memory(pid: int, kind: str) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1])
