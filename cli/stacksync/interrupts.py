"""Signals that end the command: they raise, so that whatever is half done is cleaned up on the way out."""

import signal
from types import FrameType
from typing import NoReturn

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_installed = False


def install() -> None:
    """Make the signals that end a process raise SystemExit; Ctrl-C raises KeyboardInterrupt anyway."""
    global _installed
    _installed = True
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has SIGHUP ignored, and means it
            signal.signal(number, _exit)


def hold() -> None:
    """Ignore them from now on: the work is done, or being undone, and half of either helps nobody."""
    if not _installed:
        return

    for number in [signal.SIGINT, *_ENDING]:
        signal.signal(number, signal.SIG_IGN)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
