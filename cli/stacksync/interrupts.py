"""Signals that end the command: they raise, so that whatever is half done is cleaned up on the way out."""

import signal
from types import FrameType
from typing import NoReturn

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_installed = False
_raised: BaseException | None = None


def install() -> None:
    """Make the signals that end a process raise SystemExit; Ctrl-C raises KeyboardInterrupt, as it does anyway."""
    global _installed
    _installed = True
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has SIGHUP ignored, and means it
            signal.signal(number, _exit)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell has it ignored in the background
        signal.signal(signal.SIGINT, _interrupt)


def hold() -> None:
    """Ignore them from now on: the work is done, or being undone, and half of either helps nobody."""
    if not _installed:
        return

    for number in [signal.SIGINT, *_ENDING]:
        signal.signal(number, signal.SIG_IGN)


def end_or_hold() -> None:
    """End if a signal came, else ignore them from now on: what follows is done whole.

    What a signal raises gets lost where Python happens to be in a finalizer or a callback: there it is only printed.

    Raises:
        BaseException: What the signal raised.
    """
    hold()
    if _raised:
        raise _raised


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    _raise(SystemExit(128 + number))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _raise(KeyboardInterrupt())


def _raise(ending: BaseException) -> NoReturn:
    global _raised
    _raised = ending
    raise ending
