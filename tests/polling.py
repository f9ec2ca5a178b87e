"""Waiting for what another process does."""

import time
from collections.abc import Callable
from typing import TypeVar

DEADLINE = 60.0
Found = TypeVar("Found")


def poll(ask: Callable[[], Found], what: str = "something", *, every: float = 0.01) -> Found:
    """Return the first answer that is something.

    Args:
        ask: What is asked.
        what: What is waited for, should it not happen.
        every: The seconds between two questions. Without a pause, asking takes the processor from what is waited for.
    """
    end = time.monotonic() + DEADLINE
    while not (found := ask()):
        assert time.monotonic() < end, f"waited {DEADLINE:.0f} seconds in vain for {what}"
        time.sleep(every)
    return found
