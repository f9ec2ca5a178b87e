"""Refuse to start: one message and one exit status, however many workers find the fault."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any, NoReturn

# gunicorn takes this exit status of a worker for "cannot start" and stops, instead of starting workers for ever.
EXIT_CANNOT_START = 3
# Seconds for the worker that tells to be as far.
PATIENCE = 10.0


def refuse(message: str) -> NoReturn:
    """End the process with `message`.

    Of gunicorn's workers one does so, and the others wait to be ended: where a second one cannot start either, gunicorn
    (27.0) shows a traceback of its own.
    """
    worker = _gunicorn_worker()
    if worker is not None and not _tells(worker):
        _wait_for_the_end(worker)
        raise SystemExit(0)

    sys.stderr.write(f"{message}\n")
    raise SystemExit(EXIT_CANNOT_START)


def _gunicorn_worker() -> Any:
    """Return the worker that this process is: the owner of the handler of SIGTERM, with whatever configuration."""
    handler = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return handler if hasattr(handler, "age") and hasattr(handler, "alive") else None


def _tells(worker: Any) -> bool:
    """Choose one: workers that are started together count on from each other, so one of them has this remainder."""
    return bool((worker.age - 1) % worker.cfg.workers == 0)


def _wait_for_the_end(worker: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while worker.alive and time.monotonic() < deadline:
        time.sleep(0.02)
